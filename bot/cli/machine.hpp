#pragma once

#include "bot/cli/report.hpp"
#include "bot/config/config.hpp"
#include "bot/runtime/clock.hpp"

namespace slipway {

/// What `slipway doctor` can see without asking anybody: templates, disk, database, runbook and port.
void check_machine(const Config& config, Clock& clock, Report& report);

}  // namespace slipway
