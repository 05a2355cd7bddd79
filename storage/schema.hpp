#pragma once

#include <map>
#include <string>

namespace slipway::storage {

/// `PRAGMA application_id` of every Slipway database ("Slip").
inline constexpr int application_id = 0x536C'6970;

/// The files of storage/schema, oldest first: `PRAGMA user_version` counts those already applied. Never edit
/// one that was released.
[[nodiscard]] const std::map<std::string, std::string>& migrations();

}  // namespace slipway::storage
