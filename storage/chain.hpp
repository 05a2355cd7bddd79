#pragma once

#include "storage/store.hpp"

#include <string>

namespace slipway::storage {

/// The hash of the row before the first.
inline const std::string chain_start(64, '0');

/// SHA-256 in lower-case hex over prev_hash, seq, deployment, kind, actor, at and body, in this order, each
/// written as its length in bytes, ':' and its bytes: no two different rows have the same encoding.
[[nodiscard]] std::string chain_hash(const LedgerRow& row);

}  // namespace slipway::storage
