#pragma once

#include <string>

namespace CLI {
class App;
}

namespace slipway {

/// After a failed parse: what is wrong and what was probably meant, in our words, else in `parsers_words`.
[[nodiscard]] std::string mistake_in(const CLI::App& app, const std::string& parsers_words);

}  // namespace slipway
