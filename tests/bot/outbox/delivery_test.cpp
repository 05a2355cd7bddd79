#include "bot/outbox/delivery.hpp"

#include "bot/judge.hpp"
#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>

namespace slipway::delivery {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using storage::testing::noon;

/// Always the same.
class Drawn : public Random {
public:
    explicit Drawn(std::uint64_t number) : number_(number) {}

    [[nodiscard]] std::uint64_t next() override { return number_; }

private:
    std::uint64_t number_;
};

storage::OutboxRow row_of(Saying saying, int attempts = 0, bool ambiguous = false)
{
    storage::OutboxRow row;
    row.id = "row";
    row.deployment = {1};
    row.saying = std::move(saying);
    row.attempts = attempts;
    row.ambiguous = ambiguous;
    row.requested_by = "U0DANA";
    return row;
}

storage::OutboxRow note(int attempts = 0, bool ambiguous = false)
{
    return row_of(ThreadNote{say("runbook_review_asked")}, attempts, ambiguous);
}

Deferred later(const storage::OutboxRow& row, NotNow outcome, std::uint64_t drawn)
{
    Drawn random(drawn);
    const auto next = next_state(row, std::move(outcome), noon, random);
    CHECK_FALSE(next.hint);
    auto deferred = std::get<Deferred>(next.state);
    CHECK(deferred.until == noon + deferred.delay);
    return deferred;
}

}  // namespace

TEST_CASE("what is said is settled with what is to be remembered of it", "[bot][delivery]")
{
    Drawn random(0);
    const storage::PostedMessage card{{1}, "card", ChannelId("C0DEPLOYS"), "1.000001"};
    const auto next = next_state(note(), Said{"1.000001", card}, noon, random);
    CHECK_FALSE(next.hint);
    const auto& said = std::get<Delivered>(next.state).said;
    CHECK(said.remote == "1.000001");
    CHECK(said.posted->purpose == "card");
}

TEST_CASE("each try of a long run waits up to twice as long, five minutes at most", "[bot][delivery]")
{
    milliseconds longest = 1s;
    for (int attempts = 0; attempts < 16; ++attempts) {
        CAPTURE(attempts);
        const auto ceiling = static_cast<std::uint64_t>(longest.count());
        CHECK(later(note(attempts), {0ms, "away"}, ceiling).delay == longest);
        CHECK(later(note(attempts), {0ms, "away"}, ceiling + 1).delay == 0ms);
        longest = std::min<milliseconds>(2 * longest, 5min);
    }
}

TEST_CASE("whoever says when to come back is taken at their word", "[bot][delivery]")
{
    struct Row {
        const char* when;
        milliseconds after;
        bool ambiguous;
        milliseconds delay;
    };

    const std::array table{
        Row{"they say nothing, and the draw is nothing", 0ms, false, 0ms},
        Row{"they say so, however often it was tried", 7s, false, 7s},
        Row{"what may have arrived is not looked for at once", 0ms, true, 5s},
        Row{"nor as soon as they say", 4'999ms, true, 5s},
        Row{"but when they say so", 5'001ms, true, 5'001ms},
        Row{"the longest that a row may wait", 1h, false, 1h},
        Row{"no longer than that", 2h, false, 1h},
    };
    for (const auto& row : table) {
        CAPTURE(row.when);
        const auto deferred = later(note(12), {row.after, "busy", row.ambiguous}, 0);
        CHECK(deferred.delay == row.delay);
        CHECK(deferred.ambiguous == row.ambiguous);
        CHECK(deferred.why == "busy");
    }
}

TEST_CASE(
    "what is refused waits where somebody can fix it, and is let go where nobody can", "[bot][delivery]"
)
{
    struct Row {
        const char* what;
        Saying saying;
        Waits waits;
        bool is_kept;
        bool is_told;
    };

    const auto whisper = Whisper{UserId("U0BOB"), ChannelId("C0DEPLOYS"), say("runbook_review_asked")};
    const auto direct = DirectMessage{UserId("U0BOB"), say("runbook_review_asked")};
    const std::array table{
        Row{"a note that Slack never takes", ThreadNote{}, Waits::nothing, false, true},
        Row{"a note to a channel without the bot", ThreadNote{}, Waits::messages, true, true},
        Row{"a note while the token is refused", ThreadNote{}, Waits::all, true, true},
        Row{"a comment without a key", LinearComment{}, Waits::messages, true, true},
        Row{"a whisper that Slack never takes", whisper, Waits::nothing, false, false},
        Row{"a whisper where the bot is not", whisper, Waits::messages, false, false},
        Row{"a whisper while the token is refused", whisper, Waits::all, true, false},
        Row{"a direct message where the bot may not", direct, Waits::messages, false, false},
        Row{"a direct message while the token is refused", direct, Waits::all, true, false},
    };
    for (const auto& row : table) {
        for (const bool ambiguous : {false, true}) {
            CAPTURE(row.what, ambiguous);
            Drawn random(0);
            const auto next = next_state(
                row_of(row.saying, 3, ambiguous), Never{"no", say("hint_linear_key"), row.waits}, noon, random
            );
            CHECK(next.hint.has_value() == row.is_told);
            const auto* deferred = std::get_if<Deferred>(&next.state);
            REQUIRE((deferred != nullptr) == row.is_kept);
            if (row.is_kept) {
                CHECK(deferred->until == noon + 60s);
                CHECK(deferred->ambiguous == ambiguous);  // refused today, it may have been said before
                CHECK(deferred->why == "no");
            }
            else {
                CHECK(std::get<Rejected>(next.state).why == "no");
            }
        }
    }
}

TEST_CASE("whoever asked hears of the trouble, else the author and on-call", "[bot][delivery]")
{
    const Policy policy;
    Facts facts;
    facts.deployment = Deployment{};
    facts.deployment->author = UserId("U0ALICE");
    facts.deployment->on_call = UserId("U0BOB");
    auto row = note();
    CHECK(concerned(row, &facts, policy, noon) == std::set{UserId("U0DANA")});
    CHECK(concerned(row, nullptr, policy, noon) == std::set{UserId("U0DANA")});
    row.requested_by = bot_person().id.str();
    CHECK(concerned(row, &facts, policy, noon) == std::set{UserId("U0ALICE"), UserId("U0BOB")});
    facts.deployment->on_call = UserId{};
    CHECK(concerned(row, &facts, policy, noon) == std::set{UserId("U0ALICE")});
    CHECK(concerned(row, nullptr, policy, noon).empty());
    facts.deployment.reset();
    CHECK(concerned(row, &facts, policy, noon).empty());
}

}  // namespace slipway::delivery
