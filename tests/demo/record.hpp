#pragma once

#include "tests/simulator/json.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace demo {

/// The bot's SQLite file as another program may read it: read-only, while the bot writes.
class Record {
public:
    explicit Record(std::filesystem::path store);

    ~Record();
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;

    /// Another number after every commit. 0 while there is no file yet.
    [[nodiscard]] std::int64_t version();

    /// What simulator::PageSources::record promises: the newest rows of outbox and ledger, all timers,
    /// deployments and sign-offs.
    [[nodiscard]] simulator::json::object read();

private:
    struct Reader;

    /// Opens the file when it is there. Null when it is not.
    [[nodiscard]] Reader* reader();

    std::filesystem::path store_;
    std::unique_ptr<Reader> reader_;
};

}  // namespace demo
