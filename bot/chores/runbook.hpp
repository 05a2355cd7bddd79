#pragma once

#include "bot/config/config.hpp"
#include "bot/judge.hpp"
#include "bot/runtime/clock.hpp"
#include "bot/runtime/random.hpp"

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>

namespace slipway {

/// A runbook as its file has it, or why there is none.
struct RunbookFile {
    std::string markdown;
    std::string trouble{};  ///< "cannot be read"; empty where `markdown` is all of it
};

/// Reads a regular file of at most a megabyte: a device never ends, and a pipe keeps whoever opens it.
[[nodiscard]] RunbookFile read_runbook(const std::filesystem::path& path);

/// Keeps the last good copy of the runbook in the store, so that it can be read with the network and its
/// source gone (pipeline document, Runbook Maintenance).
class RunbookKeeper {
public:
    /// All must outlive this.
    struct Parts {
        const Config& config;
        Judge& judge;
        StorageRunner& storage;
        Clock& clock;
        Random& random;
        const Committed& committed;
    };

    explicit RunbookKeeper(Parts parts) : parts_(parts) {}

    /// Reads the file every ten minutes; runs until cancelled. A copy with a credential in it is refused and
    /// the Dev Leads are told which lines; so are they of sections that are missing. Both once a day.
    [[nodiscard]] boost::asio::awaitable<void> run();

private:
    [[nodiscard]] boost::asio::awaitable<void> tell_leads(std::string key, Sentence sentence);
    [[nodiscard]] boost::asio::awaitable<void> read();

    Parts parts_;
};

}  // namespace slipway
