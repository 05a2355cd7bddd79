#pragma once

#include "tests/durability/crowd.hpp"

#include <string>
#include <vector>

namespace durability {

/// What differs between the three ledgers: what Slack saw acknowledged, what SQLite holds, and what the
/// channels and Linear hold.
struct Differences {
    std::vector<std::string> lost;     ///< acknowledged or due, and not there
    std::vector<std::string> doubled;  ///< there more than once
    int repeated_whispers = 0;         ///< shown to one person again: Slack gives no way to look for them
};

[[nodiscard]] Differences compare(ProgramInSimulator& world, const Crowd& crowd);

}  // namespace durability
