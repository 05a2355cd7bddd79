#pragma once

#include "storage/store.hpp"

#include <string>

namespace slipway::storage {

/// The hash before the first row's: what its prev_hash holds.
inline const std::string chain_start(64, '0');

/// What `hash` of a ledger row must be: SHA-256, in lower-case hex, over
///
///     prev_hash, seq, deployment, kind, actor, at, body
///
/// in this order, each written as its length in bytes (decimal), ':' and its bytes, with nothing between. seq
/// is written in decimal. So no two different rows have the same encoding, and anybody can check an export
/// with a few lines in any language.
[[nodiscard]] std::string chain_hash(const LedgerRow& row);

}  // namespace slipway::storage
