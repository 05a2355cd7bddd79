#pragma once

#include "bot/config/config.hpp"

#include <filesystem>
#include <string>

namespace demo {

struct Ended {
    int code = -1;
    std::string said;  ///< both streams

    [[nodiscard]] bool says(const std::string& words) const { return said.find(words) != std::string::npos; }
};

/// The slipway that is installed, run as somebody at a terminal does.
struct Program {
    std::filesystem::path folder;  ///< where it is run; its slipway.toml is there
    slipway::Environment environment{};

    /// `arguments` as the shell takes them; `input` is what is typed. Waits for the end.
    [[nodiscard]] Ended run(const std::string& arguments, const std::string& input = {}) const;

    /// `script` as bash takes it; `slipway` in it is the program.
    [[nodiscard]] Ended paste(const std::string& script) const;

private:
    [[nodiscard]] Ended start(const std::string& command) const;
};

}  // namespace demo
