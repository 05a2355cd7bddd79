#pragma once

#include "storage/tables.hpp"

namespace slipway::storage {

/// Keeps the table `sign_offs` in step with `recorded`, which has just been appended; `deployment` already
/// holds it.
void project_sign_off(Store::Tables& tables, const RecordedEvent& recorded, const Deployment& deployment);

}  // namespace slipway::storage
