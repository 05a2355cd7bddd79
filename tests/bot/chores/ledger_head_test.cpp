#include "bot/chores/ledger_head.hpp"

#include "tests/bot/fake_slack.hpp"
#include "tests/bot/inline_storage.hpp"
#include "tests/storage/temporary_store.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <catch2/catch_test_macros.hpp>
#include <date/tz.h>

namespace slipway {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A record whose head is posted into C0AUDIT. It is 22:00.
struct Witnessed : storage::testing::TemporaryStore {
    Witnessed() { policy.zone = date::locate_zone(policy.timezone); }

    /// How often it is posted in the `hours` after a start.
    std::size_t posted(std::chrono::hours hours)
    {
        LedgerWitness witness({ChannelId("C0AUDIT"), policy, storage, clock, random, committed});
        asio::io_context context{1};
        asio::cancellation_signal end;
        asio::co_spawn(
            context, witness.run(), asio::bind_cancellation_slot(end.slot(), [](std::exception_ptr) {})
        );
        const auto before = announced();
        const auto until = clock.steady + hours;
        do {
            context.run_one();
        } while (clock.steady < until);
        end.emit(asio::cancellation_type::terminal);
        context.run();
        return announced() - before;
    }

    [[nodiscard]] std::size_t announced() const
    {
        return storage::testing::rows(path, "SELECT 1 FROM outbox WHERE body LIKE '%ledger_head%'").size();
    }

    testing::InlineStorage storage{*store};
    testing::SharedClock clock;
    SeededRandom random{1};
    Policy policy;
    Committed committed;
};

}  // namespace

TEST_CASE("the head of the record is posted once a day of the team's", "[bot][ledger_head]")
{
    Witnessed record;
    CHECK(record.posted(1h) == 0);  // there is none
    record.events(1, {storage::testing::planned()});
    CHECK(record.posted(0h) == 1);
    CHECK(record.posted(0h) == 0);  // a start on the same day
    CHECK(record.posted(24h) == 1);
}

}  // namespace slipway
