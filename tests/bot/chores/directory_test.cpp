#include "bot/chores/directory.hpp"

#include "tests/bot/fake_slack.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>

namespace slipway {

namespace {

using testing::result_of;
using namespace std::chrono_literals;

/// A team of a workspace: Dana leads by her id, Lea by a user group, Eve by her e-mail.
struct Roster {
    Roster()
    {
        config.roles[Role::dev_lead] = {
            {"U0DANA", "roles.dev_lead", "slipway.toml", 1}, {"@leads", "roles.dev_lead", "slipway.toml", 1}};
        config.roles[Role::product_lead] = {{"eve@acme.example", "roles.product_lead", "slipway.toml", 2}};
        set_up();
        REQUIRE(result_of(directory.resolve_roles()) != nullptr);
    }

    void set_up()
    {
        http.answers.clear();
        http.otherwise = {200, {}, R"({"ok":false,"error":"user_not_found"})"};
        http.answer("auth.test", R"({"ok":true,"user_id":"U0BOT","team_id":"T0TEAM"})");
        for (const auto* user : {"U0DANA", "U0LEA", "U0EVE", "U0ALICE"}) {
            http.add_user(user);
        }
        http.answer("usergroups.list", R"({"ok":true,"usergroups":[{"id":"S0LEADS","handle":"leads"}]})");
        http.answer("usergroups.users.list", R"({"ok":true,"users":["U0LEA"]})");
        http.answer("users.lookupByEmail", R"({"ok":true,"user":{"id":"U0EVE"}})");
    }

    /// Later than anything that is remembered.
    Directory::Refreshed refreshed()
    {
        clock.pass(6min);
        return result_of(directory.refresh_roles());
    }

    std::optional<Person> person(const std::string& user)
    {
        clock.pass(6min);
        return result_of(directory.person(UserId(user)));
    }

    Config config;
    testing::FakeSlack http;
    testing::StillClock clock;
    slack::WebApi api{http, clock, testing::FakeSlack::url, "xoxb-test"};
    Directory directory{api, clock, config};
};

const UserId dana("U0DANA");
const UserId lea("U0LEA");
const UserId eve("U0EVE");

}  // namespace

TEST_CASE("whoever was known stays known while Slack refuses the bot", "[bot][directory]")
{
    Roster office;
    const auto* code = GENERATE("token_revoked", "account_inactive", "invalid_auth", "missing_scope");
    CAPTURE(code);
    office.http.refuse_all(code);
    const auto known = office.person("U0DANA");
    REQUIRE(known.has_value());
    CHECK(counts(*known));
    CHECK_FALSE(office.person("U0ALICE").has_value());  // never seen: nobody knows who that is
}

TEST_CASE("only who is not there any more is taken for deactivated", "[bot][directory]")
{
    Roster office;
    const auto* code = GENERATE("user_not_found", "users_not_found", "user_not_visible");
    CAPTURE(code);
    office.http.refuse_all(code);
    const auto gone = office.person("U0DANA");
    REQUIRE(gone.has_value());
    CHECK(gone->is_deactivated);
}

TEST_CASE("everybody keeps their role while Slack refuses the bot's token", "[bot][directory]")
{
    Roster office;
    office.http.refuse_all("token_revoked");
    const auto refused = office.refreshed();
    CHECK(refused.book->holds(dana, Role::dev_lead));
    CHECK(refused.book->holds(lea, Role::dev_lead));
    CHECK(refused.book->holds(eve, Role::product_lead));
    CHECK_FALSE(refused.is_complete);
    office.set_up();
    office.http.answer("usergroups.users.list", R"({"ok":true,"users":[]})");
    const auto fixed = office.refreshed();
    CHECK(fixed.is_complete);
    CHECK_FALSE(fixed.book->holds(lea, Role::dev_lead));
}

TEST_CASE("a user group that cannot be read gives no role and is asked for again soon", "[bot][directory]")
{
    Roster office;
    const auto* call = GENERATE("usergroups.list", "usergroups.users.list");
    CAPTURE(call);
    office.http.answer(call, "<html>", 503);
    const auto away = office.refreshed();
    CHECK(away.book->holds(dana, Role::dev_lead));
    CHECK_FALSE(away.book->holds(lea, Role::dev_lead));
    CHECK_FALSE(away.is_complete);
    office.set_up();
    const auto back = result_of(office.directory.refresh_roles());
    CHECK(back.book->holds(lea, Role::dev_lead));
    CHECK(back.is_complete);
}

TEST_CASE("who was just asked for is not asked for again within a minute", "[bot][directory]")
{
    Roster office;
    (void)office.refreshed();
    const auto asked = [&](std::chrono::seconds later) {
        office.clock.pass(later);
        const auto before = office.http.calls("users.info");
        (void)result_of(office.directory.refresh_roles());
        return office.http.calls("users.info") > before;
    };
    CHECK_FALSE(asked(59s));
    CHECK(asked(1s));
}

TEST_CASE("a user group that is empty, gone or unreadable gives nobody a role", "[bot][directory]")
{
    Roster office;
    const auto [call, answer] = GENERATE(
        std::pair{"usergroups.users.list", R"({"ok":true,"users":[]})"},
        std::pair{"usergroups.list", R"({"ok":true,"usergroups":[]})"},
        std::pair{"usergroups.list", R"({"ok":false,"error":"plan_upgrade_required"})"},
        std::pair{"usergroups.users.list", R"({"ok":false,"error":"plan_upgrade_required"})"}
    );
    CAPTURE(call, answer);
    office.http.answer(call, answer);
    const auto book = office.refreshed().book;
    CHECK(book->holds(dana, Role::dev_lead));
    CHECK_FALSE(book->holds(lea, Role::dev_lead));
}

TEST_CASE("a scope that lacks takes no role from who is named by id or e-mail", "[bot][directory]")
{
    Roster office;
    office.http.refuse_all("missing_scope");
    const auto later = office.refreshed();
    CHECK(later.book->holds(dana, Role::dev_lead));
    CHECK(later.book->holds(eve, Role::product_lead));
    CHECK_FALSE(later.book->holds(lea, Role::dev_lead));  // nobody can tell who is in the group now
}

TEST_CASE("who can act no more is left out of their roles, and keeps their turn", "[bot][directory]")
{
    struct Row {
        const char* user;
        const char* trouble;
    };

    const auto row = GENERATE(values<Row>(
        {{R"("deleted":true)", "U0DANA is deactivated in Slack"},
         {R"("is_restricted":true)", "U0DANA is a guest in Slack"},
         {R"("is_stranger":true)", "U0DANA belongs to another workspace"}}
    ));
    CAPTURE(row.trouble);
    Roster office;
    office.config.rotation = {{"U0DANA", "on_call.rotation", "slipway.toml", 3}};
    office.http.answer(
        "users.info?user=U0DANA",
        R"({"ok":true,"user":{"id":"U0DANA","team_id":"T0TEAM",)" + std::string(row.user) + "}}"
    );
    const bool at_start = GENERATE(true, false);
    CAPTURE(at_start);
    office.clock.pass(6min);
    const auto book = at_start ? result_of(office.directory.resolve_roles()) : office.refreshed().book;
    REQUIRE(book != nullptr);
    CHECK_FALSE(book->holds(dana, Role::dev_lead));
    CHECK(book->holds(lea, Role::dev_lead));
    CHECK(office.directory.rotation() == std::vector{dana});
    CHECK(office.directory.changes().gone == std::vector{dana});
    CHECK(office.directory.changes().troubles == std::vector<std::string>{row.trouble});
    office.set_up();
    (void)office.refreshed();
    CHECK(office.directory.changes().troubles.empty());
}

TEST_CASE("what Slack once knew and no longer does keeps nobody from starting", "[bot][directory]")
{
    Roster office;
    office.config.rotation = {{"@leads", "on_call.rotation", "slipway.toml", 3}};
    (void)office.refreshed();
    Directory after_restart(office.api, office.clock, office.config);
    after_restart.remember(office.directory.entries());
    SECTION("a user group that went")
    {
        office.http.answer("usergroups.list", R"({"ok":true,"usergroups":[]})");
        const auto book = result_of(after_restart.resolve_roles());
        CHECK(book->holders(Role::dev_lead) == std::set{dana});
        CHECK(after_restart.rotation() == std::vector{lea});  // nobody else gets their turn
        CHECK(
            after_restart.changes().troubles ==
            std::vector<std::string>{"there is no user group @leads in this workspace"}
        );
    }
    SECTION("an e-mail, which Slack does not find of who is deactivated")
    {
        office.http.answer("users.lookupByEmail", R"({"ok":false,"error":"users_not_found"})");
        const bool is_renamed = GENERATE(true, false);
        CAPTURE(is_renamed);
        if (!is_renamed) {
            office.http.answer(
                "users.info?user=U0EVE", R"({"ok":true,"user":{"id":"U0EVE","deleted":true}})"
            );
        }
        const auto book = result_of(after_restart.resolve_roles());
        CHECK(book->holds(eve, Role::product_lead) == is_renamed);
        CHECK(after_restart.changes().gone == (is_renamed ? std::vector<UserId>{} : std::vector{eve}));
        CHECK(after_restart.changes().troubles.size() == (is_renamed ? 1 : 2));
    }
    SECTION("a channel")
    {
        office.config.channel = ChannelId("C0DEPLOYS");
        office.http.answer(
            "conversations.info", R"({"ok":true,"channel":{"is_member":true,"is_archived":true}})"
        );
        (void)result_of(after_restart.resolve_roles());
        CHECK(
            after_restart.changes().troubles == std::vector<std::string>{"the channel C0DEPLOYS is archived"}
        );
    }
    SECTION("but what it never knew does")
    {
        office.config.roles[Role::rnd_lead] = {{"@never", "roles.rnd_lead", "slipway.toml", 7}};
        CHECK_THROWS_WITH(
            result_of(after_restart.resolve_roles()),
            "slipway.toml:7: roles.rnd_lead: there is no user group @never in this workspace"
        );
    }
}

TEST_CASE("nobody's envelope waits for their profile until Slack gives it up", "[bot][directory]")
{
    Roster office;
    office.http.answer("users.info?user=U0DANA", "<html>", 503);
    CHECK(office.person("U0DANA").has_value());
    CHECK(office.http.asked.back().limits.whole <= 1s);
    CHECK(office.person("U0ALICE").has_value());
    CHECK(office.http.asked.back().limits.whole <= 2s);
}

TEST_CASE("people of other workspaces are external, those of our own grid are not", "[bot][directory]")
{
    Roster office;
    REQUIRE(std::holds_alternative<slack::Identity>(result_of(office.api.auth_test())));
    const auto seen = [&](const std::string& user, const std::string& more) {
        office.http.answer(
            "users.info?user=" + user, R"({"ok":true,"user":{"id":")" + user + "\"," + more + "}}"
        );
        return office.person(user).value();
    };
    CHECK(counts(seen("U0OURS", R"("team_id":"T0TEAM")")));
    CHECK(seen("U0OTHER", R"("team_id":"T0OTHER")").is_external);
    CHECK(seen("U0STRANGER", R"("team_id":"T0TEAM","is_stranger":true)").is_external);
    CHECK(counts(
        seen("W0GRID", R"("team_id":"T0HOME","enterprise_user":{"id":"W0GRID","teams":["T0HOME","T0TEAM"]})")
    ));
    CHECK(seen("W0AWAY", R"("team_id":"T0HOME","enterprise_user":{"id":"W0AWAY","teams":["T0HOME"]})")
              .is_external);
    // Also where it is the roles that are read, which everybody else's question then finds remembered.
    office.http.answer("users.info?user=U0DANA", R"({"ok":true,"user":{"id":"U0DANA","team_id":"T0X"}})");
    (void)office.refreshed();
    CHECK(result_of(office.directory.person(dana)).value().is_external);
}

TEST_CASE("what people say of themselves in Slack is known as long as they say it", "[bot][directory]")
{
    Roster office;
    CHECK(office.directory.statuses().empty());
    office.http.answer(
        "users.info?user=U0DANA",
        R"({"ok":true,"user":{"id":"U0DANA","team_id":"T0TEAM","profile":{"status_text":"On holiday"}}})"
    );
    REQUIRE(office.person("U0DANA").has_value());
    CHECK(office.directory.statuses() == std::map<UserId, std::string>{{dana, "On holiday"}});
    office.http.add_user("U0DANA");
    REQUIRE(office.person("U0DANA").has_value());
    CHECK(office.directory.statuses().empty());
}

}  // namespace slipway
