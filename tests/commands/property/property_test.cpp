// Whatever anybody says in whatever order, and however time passes: what the document promises holds.
#include "tests/commands/property/laws.hpp"

#include <catch2/catch_test_macros.hpp>
#include <rapidcheck.h>

#include <array>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>

namespace {

using slipway::testing::Act;
using slipway::testing::Complaints;
using slipway::testing::TeamInMemory;

using Acts = std::vector<Act>;

rc::Gen<Act> any_act()
{
    using rc::gen::inRange;
    using rc::gen::just;
    using rc::gen::set;
    const auto people = static_cast<int>(cast::everybody.size());
    const auto verbs = static_cast<int>(slipway::testing::spoken_verbs().size());
    const auto variants = slipway::testing::variants;
    const auto kind = [](Act::Kind which) { return set(&Act::kind, just(which)); };
    const auto variant = set(&Act::variant, inRange(0, variants));
    const auto deployment = set(&Act::deployment, inRange(0, 4));
    return rc::gen::weightedOneOf<Act>({
        {12, rc::gen::build<Act>(kind(Act::Kind::nudge), deployment)},
        {10,
         rc::gen::build<Act>(
             kind(Act::Kind::say),
             deployment,
             variant,
             set(&Act::who, inRange(0, people)),
             set(&Act::verb, inRange(0, verbs))
         )},
        {1,
         rc::gen::build<Act>(kind(Act::Kind::talk), deployment, variant, set(&Act::who, inRange(0, people)))},
        {3, rc::gen::build<Act>(kind(Act::Kind::time), variant)},
        {1, rc::gen::build<Act>(kind(Act::Kind::away), variant)},
        {1, rc::gen::build<Act>(kind(Act::Kind::signal), variant)},
        {2, rc::gen::build<Act>(kind(Act::Kind::action_ends), variant)},
        {1, rc::gen::build<Act>(kind(Act::Kind::github), variant)},
    });
}

/// Longer than RapidCheck's own: a deployment takes a dozen acts from its plan to its watch.
rc::Gen<Acts> any_acts()
{
    return rc::gen::withSize([](int size) {
        return rc::gen::resize(2 * size, rc::gen::container<Acts>(any_act()));
    });
}

/// How a team may be set up.
struct Setting {
    bool automatic_rollback = false;
    bool has_actions = false;
    bool asks_github = false;
};

TeamInMemory team_of(const Setting& setting)
{
    TeamInMemory world;
    world.policy.automatic_rollback = setting.automatic_rollback;
    world.policy.gate1_by_github = setting.asks_github;
    if (setting.has_actions) {
        for (auto& service : world.policy.services) {
            service.deploy.command = {"deploy"};
            service.rollback.command = {"revert"};
            service.disable_flag.command = {"flag"};
            service.reverse_migrations.command = {"migrate", "back"};
        }
    }
    world.restart();
    return world;
}

constexpr std::array settings{
    Setting{},
    Setting{false, true, true},
    Setting{true, false, true},
    Setting{true, true},
};

std::string told(const TeamInMemory& world, const Complaints& complaints)
{
    std::ostringstream text;
    for (const auto& complaint : complaints) {
        text << complaint << '\n';
    }
    text << "after:\n";
    for (const auto& line : world.log) {
        text << "  " << line << '\n';
    }
    return text.str();
}

/// Whether `law` finds nothing to complain of at the end of any sequence of acts; each law sees sequences of
/// its own. On a failure RapidCheck prints the shortest sequence it could find, in words, with what the
/// team's log says, and how to see it again.
bool always_holds(const std::string& name, Complaints (*law)(const TeamInMemory&))
{
    const auto sees = [&] {
        const auto setting = settings.at(static_cast<std::size_t>(*rc::gen::inRange(0, 4)));
        const auto acts = *any_acts();
        auto world = team_of(setting);
        for (const auto& act : acts) {
            act.happen_to(world);
        }
        const auto complaints = law(world);
        if (!complaints.empty()) {
            RC_FAIL(told(world, complaints));
        }
    };
    auto params = rc::detail::configuration().testParams;
    params.seed ^= std::hash<std::string>{}(name);
    const auto result = rc::detail::checkTestable(sees, rc::detail::TestMetadata{name, name}, params);
    std::cerr << "- " << name << '\n';
    rc::detail::printResultMessage(result, std::cerr);
    std::cerr << '\n';
    return result.template is<rc::detail::SuccessResult>();
}

}  // namespace

namespace slipway::testing {

TEST_CASE("nothing starts without its gates or a recorded exception", "[commands][property]")
{
    CHECK(always_holds("no start without gates or exception", starts_without_gates));
}

TEST_CASE("no sign-off counts for another revision than its own", "[commands][property]")
{
    CHECK(always_holds("no sign-off for the wrong revision", sign_offs_of_other_revisions));
}

TEST_CASE("at most one deployment of a service is in progress", "[commands][property]")
{
    CHECK(always_holds("one deployment of a service at a time", deployments_at_once));
}

TEST_CASE("what the ledger's text tells is what is remembered", "[commands][property]")
{
    CHECK(always_holds("fold of the written events", differences_after_reading));
}

TEST_CASE("a rollback can always be reached while deploying or watching", "[commands][property]")
{
    CHECK(always_holds("rollback within reach", unreachable_rollbacks));
}

TEST_CASE("bots, guests, strangers and the deactivated never change anything", "[commands][property]")
{
    CHECK(always_holds("nothing is a stranger's doing", doings_of_strangers));
}

TEST_CASE("a schedule is announced at most once, whatever happens", "[commands][property]")
{
    CHECK(always_holds("one notice for each schedule", doubled_notices));
}

TEST_CASE("nothing waits for a deployment that has ended", "[commands][property]")
{
    CHECK(always_holds("ended is ended", timers_of_the_ended));
}

TEST_CASE("nothing rolls back by itself without an open immediate trigger", "[commands][property]")
{
    CHECK(always_holds("automatic rollback only with grounds", rollbacks_without_trigger));
}

TEST_CASE("a step of a rollback begins only when those before it are done", "[commands][property]")
{
    CHECK(always_holds("rollback steps one after the other", rollback_steps_out_of_order));
}

TEST_CASE("/deploy check and the start run the same decision", "[commands][property]")
{
    CHECK(always_holds("check says what start does", checks_that_differ));
}

TEST_CASE("what is owed at a time has its timer, and nothing else has", "[commands][property]")
{
    CHECK(always_holds("timers are set and cleared", timers_that_are_owed));
}

TEST_CASE("the ledger knows of every notice", "[commands][property]")
{
    CHECK(always_holds("notices are on the record", notices_off_the_record));
}

TEST_CASE("whatever a person changes, the card is drawn anew", "[commands][property]")
{
    CHECK(always_holds("changes are drawn", changes_without_card));
}

TEST_CASE("nothing is done by those whom the document does not name for it", "[commands][property]")
{
    CHECK(always_holds("doings by right", doings_without_right));
}

TEST_CASE("typed, pressed or submitted, it is one decision", "[commands][property]")
{
    CHECK(always_holds("one decision whichever way", ways_that_differ));
}

TEST_CASE("everything that is said can be stored and read again", "[commands][property]")
{
    CHECK(always_holds("sayings are readable", unreadable_sayings));
}

}  // namespace slipway::testing
