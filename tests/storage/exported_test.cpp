// What auditors are handed, letter by letter. The files below exported/ are read by people when they change.
#include "storage/audit.hpp"
#include "tests/support/golden.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sstream>

namespace slipway {

namespace {

using namespace std::chrono_literals;

const Instant began = instant_from("2026-11-24T15:00:00.000Z");

/// Two deployments with every kind of event that one can have, and the team's events between them.
class TwoDeployments {
public:
    storage::Store store{":memory:"};

    TwoDeployments()
    {
        roll_one_back();
        arrange_the_team();
        bring_one_to_its_end();
    }

    template <class Write>
    std::string written(const Write& write)
    {
        std::ostringstream out;
        job([&](storage::Store& each) { write(each, out); });
        return out.str();
    }

private:
    void job(const storage::Store::Job& work)
    {
        const auto outcomes = store.transaction({work});
        if (outcomes.front()) {
            std::rethrow_exception(outcomes.front());
        }
    }

    void record(const char* actor, const Decision& decision)
    {
        now_ += 7min;
        job([&](storage::Store& each) {
            each.record(decision, UserId(actor), now_, ChannelId("C0DEPLOYS"), {});
        });
    }

    void happens(int number, const char* actor, std::vector<Event> events)
    {
        Decision decision;
        decision.deployment = DeploymentId{number};
        decision.events = std::move(events);
        record(actor, decision);
    }

    static Plan plan()
    {
        Plan plan;
        plan.what = "Faster, \"better\" search | <!channel>\nand more";
        plan.linear_issue = "ENG-123";
        plan.service = "web";
        plan.changes = {"New index", "=1+1"};
        plan.expected_impact = "None";
        plan.rollback_plan = "Revert *the* commit";
        plan.client_facing = true;
        plan.requested_by = UserId("U0JANE");
        plan.requested_by_client = "Globex";
        plan.pull_request = "https://github.com/acme/web/pull/7";
        plan.commit = "0123456789abcdef0123456789abcdef01234567";
        plan.has_migrations = true;
        plan.flag = "search";
        plan.priority = Priority::p1;
        plan.complex = true;
        return plan;
    }

    static SignedOff signed_off(const char* user, const char* name, std::vector<Role> roles, int revision)
    {
        SignedOff given;
        given.revision = revision;
        given.user = UserId(user);
        given.name = name;
        given.roles = std::move(roles);
        given.signed_on = date::year{2026} / 11 / 24;
        given.source = "reply";
        given.permalink = "https://acme.slack.com/archives/C0DEPLOYS/p1";
        given.note = "Looks | right";
        given.linear_comment_id = "4b1c9a52-9a37-4a40-8a43-0d6f3f1f7a11";
        given.commit = "0123456789abcdef";
        return given;
    }

    void roll_one_back()
    {
        happens(1, "U0ALICE", {Planned{plan(), began + 12h, 45min, UserId("U0BOB")}});
        happens(1, "U0PETRA", {signed_off("U0PETRA", "Petra Pohl", {Role::product_lead}, 1)});
        happens(1, "U0JANE", {Declined{1, UserId("U0JANE"), "Jane Doe", "Totals are off"}});
        happens(
            1, "U0PETRA", {SignOffWithdrawn{UserId("U0PETRA"), "Petra Pohl", date::year{2026} / 11 / 24, ""}}
        );
        auto other = plan();
        other.changes = {"New index"};
        happens(1, "U0ALICE", {Amended{2, other}, Rescheduled{2, began + 13h, 30min}});
        happens(1, "U0JANE", {SignOffDelegated{Role::requestor, UserId("U0JANE"), UserId("U0ZOE")}});
        happens(1, "U0PETRA", {signed_off("U0PETRA", "Petra Pohl", {Role::product_lead}, 2)});
        happens(1, "U0ZOE", {signed_off("U0ZOE", "Zoe Zorn", {Role::requestor}, 2)});
        happens(
            1,
            "U0CARL",
            {ItemTicked{"gate1", "approved", false, ""}, ItemTicked{"gate1", "ci_green", true, "3 checks"}}
        );
        happens(1, "U0CARL", {ItemCleared{"gate1", "approved", ""}, GatePassed{1, 2}, GatePassed{2, 2}});
        happens(
            1, "U0DANA", {GateReopened{1, 2, "a condition no longer holds"}, OnCallAssigned{UserId("U0CARL")}}
        );
        happens(
            1,
            "U0DANA",
            {GoGiven{},
             ExceptionRecorded{
                 2,
                 Role::dev_lead,
                 {"window", "gate1:approved"},
                 "Login is down",
                 began + 36h,
                 "0123456789abcdef"}}
        );
        happens(1, "U0CARL", {OnCallReady{UserId("U0CARL")}, NoticeSent{"pre_deployment", 2, true}});
        happens(
            1, "U0CARL", {Started{UserId("U0CARL"), "avoid", "0123456789abcdef"}, StepDone{"merge", "merged"}}
        );
        happens(1, "slipway", {ActionBegun{"deploy"}});
        happens(1, "slipway", {ActionEnded{"deploy", true}, StepDone{"deploy", "a\nb"}});
        happens(1, "U0CARL", {FlagMoved{"off", "internal"}});
        IssueRaised issue{
            "Errors", Priority::p0, "All", "Investigating", began + 14h, "error_rate", "6 % over 1 %"};
        happens(1, "slipway", {issue});
        happens(1, "U0CARL", {IssueUpdated{"Investigating", "Found it", began + 15h}});
        happens(1, "U0CARL", {RollbackStarted{"Errors at login", {"disable_flag", "rollback"}, false}});
        happens(
            1,
            "U0CARL",
            {RollbackStepDone{"disable_flag", true, "off"}, RollbackStepDone{"rollback", false, "timeout"}}
        );
        happens(1, "U0CARL", {RollbackStepDone{"rollback", true, ""}, RolledBack{}});
        happens(1, "U0ALICE", {PostmortemLinked{"https://docs.example.com/1"}});
        happens(1, "U0RAJ", {ReviewDone{"The right call"}});
    }

    void arrange_the_team()
    {
        Decision team;
        team.team_events = {
            FreezeBegun{"web", began + 40h, "the fair, \"again\""},
            FreezeEnded{"web"},
            OnCallSwapped{UserId("U0BOB"), UserId("U0CARL"), began, began + 6h},
            OnCallConfirmed{UserId("U0CARL"), began, began + 6h},
            ServiceLocked{"web", DeploymentId{1}},
            ServiceUnlocked{"web", "Fixed"},
            RunbookReviewed{"All there"},
            RotationSet{{UserId("U0BOB"), UserId("U0CARL")}, date::year{2026} / 11 / 16, 14, began},
            DirectoryChanged{{UserId("U0GONE")}, {"@qa is gone"}},
        };
        record("U0DANA", team);
    }

    void bring_one_to_its_end()
    {
        auto internal = plan();
        internal.client_facing = false;
        internal.what = "Tidy up";
        happens(2, "U0CARL", {Planned{internal, {}, 20min, {}}});
        happens(2, "U0DANA", {signed_off("U0DANA", "Dana Diaz", {Role::dev_lead}, 1)});
        happens(2, "U0BOB", {Started{UserId("U0BOB"), "preferred"}});
        happens(2, "U0BOB", {GatePassed{3, 1}, Completed{"A typo"}});
        happens(2, "U0BOB", {DeclaredClean{1}});
        happens(3, "U0CARL", {Planned{internal, {}, 20min, {}}, Cancelled{"not needed"}});
    }

    Instant now_ = began;
};

}  // namespace

TEST_CASE("every export is what was read", "[storage][exported]")
{
    TwoDeployments record;
    std::string all;
    for (const auto* word : {"jsonl", "csv", "md"}) {
        const auto format = *export_format_from(word);
        all += "the ledger as " + std::string(word) + "\n" +
               record.written([&](storage::Store& store, std::ostream& out) {
                   export_ledger(store, {}, format, out);
               });
        all += "\nthe pack of D-1 as " + std::string(word) + "\n" +
               record.written([&](storage::Store& store, std::ostream& out) {
                   export_ledger(store, DeploymentId{1}, format, out);
               });
        all += "\nthe population as " + std::string(word) + "\n" +
               record.written([&](storage::Store& store, std::ostream& out) {
                   export_population(store, format, out);
               });
    }
    testing::check_golden("tests/storage/exported/exports.txt", all);
}

}  // namespace slipway
