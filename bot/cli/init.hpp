#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

/// What `slipway init` needs to know. What is given on the command line is not asked.
struct Answers {
    std::optional<std::string> channel, timezone, sprint_start;
    std::optional<std::vector<std::string>> developers, dev_lead, product_lead, rnd_lead, account_manager,
        rotation, services;
    bool ask_nothing = false;  ///< the default of whatever is not given
};

/// Asks for what is missing in `answers`, each question with its default, again until the answer can be read;
/// whatever is still missing when `in` ends gets its default. Gives the answers complete.
///
/// Errors: ConfigMistakes where an option cannot be read, and for a channel that was never named.
[[nodiscard]] Answers interview(Answers answers, std::istream& in, std::ostream& out);

/// slipway.toml with the answers filled in, every other key as a comment with its default.
[[nodiscard]] std::string first_config(const Answers& answers);

}  // namespace slipway
