#include "bot/chores/runbook.hpp"

#include "bot/chores/tell.hpp"
#include "bot/runtime/log.hpp"
#include "commands/pipeline/runbook.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/text/outside.hpp"
#include "commands/text/phrases.hpp"

#include <fstream>

namespace slipway {

namespace {

constexpr std::chrono::milliseconds between_looks{600'000};

std::vector<std::string> as_words(const std::vector<std::size_t>& numbers)
{
    std::vector<std::string> words;
    for (const auto number : numbers) {
        words.push_back(std::to_string(number));
    }
    return words;
}

}  // namespace

RunbookFile read_runbook(const std::filesystem::path& path)
{
    constexpr std::size_t most = 1'000'000;
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        return {{}, "is not a regular file"};
    }
    std::ifstream file(path);
    std::string bytes(most + 1, '\0');  // not its size: it may grow meanwhile
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    if (!file.eof() && !file.good()) {
        return {{}, "cannot be read"};
    }
    if (bytes.empty() || bytes.size() > most) {
        return {{}, bytes.empty() ? "is empty" : "is larger than 1 MB"};
    }
    return {from_outside(bytes)};
}

boost::asio::awaitable<void> RunbookKeeper::run()
{
    for (;;) {
        if (!parts_.config.runbook_file.empty()) {
            co_await read();
        }
        co_await parts_.clock.sleep_for(between_looks);
    }
}

boost::asio::awaitable<void> RunbookKeeper::tell_leads(std::string key, Sentence sentence)
{
    const auto now = parts_.clock.now();
    const auto day = key + ":" + iso(team_date(now, parts_.config.policy));
    StorageRunner::Job job = [day,
                              sentence = std::move(sentence),
                              leads = parts_.judge.roles()->holders(Role::dev_lead),
                              seed = parts_.random.next(),
                              now](storage::Store& store) {
        if (leads.empty() || !store.first_sight(day, now)) {
            return;
        }
        tell(store, leads, sentence, now, seed);
    };
    co_await parts_.storage.run(std::move(job));
    parts_.committed.ring();
}

boost::asio::awaitable<void> RunbookKeeper::read()
{
    const auto& path = parts_.config.runbook_file;
    const auto file = read_runbook(path);
    if (!file.trouble.empty()) {
        log::warn("the runbook {} {}; the last copy stays", path.string(), file.trouble);
        co_return;
    }
    const auto& markdown = file.markdown;
    if (const auto lines = lines_with_credentials(markdown); !lines.empty()) {
        const auto numbers = joined(as_words(lines));
        log::error(
            "the runbook {} seems to hold a credential on line {}; the last copy stays",
            path.string(),
            numbers
        );
        auto sentence = say("runbook_credential", {{"file", path.filename().string()}, {"lines", numbers}});
        co_await tell_leads("runbook_credential", std::move(sentence));
        co_return;
    }
    StorageRunner::Job keep =
        [markdown, source = path.string(), now = parts_.clock.now()](storage::Store& store) {
            const auto kept = store.runbook();
            if (!kept || kept->markdown != markdown) {
                store.keep_runbook(markdown, source, now);
            }
        };
    co_await parts_.storage.run(std::move(keep));
    if (const auto missing = missing_sections(markdown); !missing.empty()) {
        auto sentence = say("runbook_incomplete", {{"sections", joined(missing)}});
        co_await tell_leads("runbook_incomplete", std::move(sentence));
    }
}

}  // namespace slipway
