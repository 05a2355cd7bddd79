#pragma once

#include <cstdint>
#include <random>
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

/// Randomness for one storage job: seeded on the io thread, used up on the storage thread; or for a test.
class SeededRandom : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}

    [[nodiscard]] std::uint64_t next() override { return engine_(); }

private:
    std::mt19937_64 engine_;
};

/// A UUID version 4, lower case.
[[nodiscard]] std::string uuid_v4(Random& random);

}  // namespace slipway
