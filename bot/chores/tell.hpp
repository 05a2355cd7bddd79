#pragma once

#include "storage/store.hpp"

#include <cstdint>
#include <set>

namespace slipway {

/// Queues a direct message to each of `people`; the rows get their ids from `seed`.
void tell(
    storage::Store& store,
    const std::set<UserId>& people,
    const Sentence& sentence,
    Instant now,
    std::uint64_t seed
);

}  // namespace slipway
