#pragma once

#include "tests/storms/outside.hpp"
#include "tests/storms/seeded_run.hpp"

#include <filesystem>
#include <string>

namespace simulation {

/// Compares what people were told and what Slack and Linear hold with the database of a bot that has ended;
/// adds what is wrong, and the figures, to `report`. `ended` is the world's time.
void judge(
    const std::filesystem::path& database, const Outside& outside, slipway::Instant ended, Report& report
);

}  // namespace simulation
