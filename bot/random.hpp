#pragma once

#include <cstdint>
#include <string>

namespace slipway {

/// The only source of randomness for the bot: a seeded one replays a run.
class Random {
public:
    virtual ~Random() = default;

    /// Evenly spread over all 64 bits.
    [[nodiscard]] virtual std::uint64_t next() = 0;
};

/// The operating system's randomness.
class SystemRandom : public Random {
public:
    [[nodiscard]] std::uint64_t next() override;
};

/// A UUID version 4, lower case.
[[nodiscard]] std::string uuid_v4(Random& random);

}  // namespace slipway
