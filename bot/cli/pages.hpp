#pragma once

#include <string>

namespace CLI {
class App;
}

namespace slipway {

/// A script for bash that completes every command and option `app` declares.
[[nodiscard]] std::string bash_completion(const CLI::App& app);

/// slipway(1) in roff, with every command and option `app` declares.
[[nodiscard]] std::string manual_page(const CLI::App& app);

}  // namespace slipway
