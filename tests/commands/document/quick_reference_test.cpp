// The document's two quick references, and its runbook: one test for each row.
#include "commands/pipeline/calendar.hpp"
#include "commands/pipeline/runbook.hpp"
#include "commands/pipeline/stages.hpp"
#include "commands/pipeline/triggers.hpp"
#include "tests/commands/team_in_memory.hpp"

namespace slipway::testing {

namespace {

/// A line of `/deploy help pipeline` with its facts, or a section of the runbook.
struct ReferenceRow {
    const char* name;
    const char* shown;
    boost::json::object facts;
};

/// `section` is one of the eight: missed where it is not there, read by its name where it is.
void check_section(const std::string& section)
{
    std::string others;
    for (const auto& each : runbook_sections()) {
        others += each == section ? "" : "## " + each + "\nwords\n";
    }
    CHECK(missing_sections(others) == std::vector<std::string>{section});
    const auto whole = others + "## " + section + "\nthe words\n";
    CHECK(missing_sections(whole).empty());
    const StagedDeployment scene;
    const auto shown = scene.ask("zoe", "runbook", {{"runbook", whole}}, section);
    REQUIRE(shown.has_value());
    CHECK(shown->reply.front().facts.at("text").as_string() == "## " + section + "\nthe words\n");
    CHECK(outcome_of(scene.ask("zoe", "runbook", {{"runbook", others}}, section)) == "runbook_no_section");
}

std::vector<Instant> review_requests(TeamInMemory& world)
{
    std::vector<Instant> at;
    for (const auto& each : world.said) {
        const auto* message = std::get_if<DirectMessage>(&each.saying);
        if (message != nullptr && message->sentence.id == "runbook_review_asked") {
            CHECK(message->user == id_of("dana"));
            at.push_back(each.at);
        }
    }
    return at;
}

}  // namespace

TEST_CASE("each row of the quick references is shown", "[commands][document]")
{
    const std::string at_once = "On-call (no approval needed)";
    for (const auto& row :
         {ReferenceRow{
              "Quick reference: Development",
              "help_stage",
              {{"stage", "Development"},
               {"gate", "PR approved, CI passes"},
               {"approves", "Peer developer (+ Dev Lead for complex)"},
               {"timeline", "During sprint"}}},
          ReferenceRow{
              "Quick reference: Staging",
              "help_stage",
              {{"stage", "Staging"},
               {"gate", "Stakeholder sign-off"},
               {"approves", "Product Lead + original requestor"},
               {"timeline", "1-2 days"}}},
          ReferenceRow{
              "Quick reference: Production",
              "help_stage",
              {{"stage", "Production"},
               {"gate", "Pre-deploy checklist"},
               {"approves", "Dev Lead + on-call developer"},
               {"timeline",
                "Deployment window: Tue, Wed 22:00-02:00 preferred; Thu 22:00-02:00 acceptable"}}},
          ReferenceRow{
              "Quick reference: Monitoring",
              "help_stage",
              {{"stage", "Monitoring"},
               {"gate", "24hr clean"},
               {"approves", "On-call developer"},
               {"timeline", "24 hours post-deploy"}}},
          ReferenceRow{
              "Quick reference: Error rate",
              "help_trigger",
              {{"name", "Error rate"}, {"threshold", "> 5% from baseline"}, {"authority", at_once}}},
          ReferenceRow{
              "Quick reference: Critical feature broken",
              "help_trigger",
              {{"name", "Critical feature broken"}, {"threshold", "Any"}, {"authority", at_once}}},
          ReferenceRow{
              "Quick reference: Database corruption",
              "help_trigger",
              {{"name", "Database corruption"}, {"threshold", "Any"}, {"authority", at_once}}},
          ReferenceRow{
              "Quick reference: Security vulnerability",
              "help_trigger",
              {{"name", "Security vulnerability"}, {"threshold", "Any"}, {"authority", at_once}}},
          ReferenceRow{
              "Quick reference: User-reported issues",
              "help_trigger",
              {{"name", "User-reported issues"},
               {"threshold", "> 10/hour"},
               {"authority", "On-call (evaluate, likely rollback)"}}}}) {
        INFO(row.name);
        const auto shown = StagedDeployment().ask("zoe", "help", {}, "pipeline");
        REQUIRE(shown.has_value());
        CHECK(std::count_if(shown->reply.begin(), shown->reply.end(), [&](const Sentence& line) {
                  return line.id == row.shown &&
                         std::all_of(row.facts.begin(), row.facts.end(), [&](const auto& fact) {
                             const auto* shown_as = line.facts.if_contains(fact.key());
                             return shown_as != nullptr && *shown_as == fact.value();
                         });
              }) == 1);
    }
}

TEST_CASE("Quick reference: both tables as they are configured", "[commands][document]")
{
    StagedDeployment scene;
    scene.policy.watch_length = 12h;
    scene.policy.error_rate_threshold = 2.5;
    scene.policy.error_rate_unit = ErrorRateUnit::points;
    scene.policy.tickets_threshold = 3;
    scene.policy.tickets_within = 30min;
    CHECK(stage_rows(scene.policy).back().gate == "12hr clean");
    CHECK(trigger_rows(scene.policy).front().threshold == "> 2.5 points from baseline");
    CHECK(trigger_rows(scene.policy).front().short_threshold == "> 2.5 points from baseline");
    CHECK(trigger_rows(scene.policy).back().threshold == "> 3 tickets within 30 minutes");
    CHECK(trigger_rows(scene.policy).back().short_threshold == "> 3/30 minutes");
    const auto shown = scene.ask("zoe", "help", {}, "pipeline");
    CHECK(shown->reply.size() == 1 + 4 + 1 + 5);
}

TEST_CASE(
    "each section of the runbook is missed where it is not there, read where it is", "[commands][document]"
)
{
    for (const auto& row :
         {ReferenceRow{"Runbook section: Server Access", "Server Access", {}},
          ReferenceRow{"Runbook section: Deployment Commands", "Deployment Commands", {}},
          ReferenceRow{"Runbook section: Rollback Commands", "Rollback Commands", {}},
          ReferenceRow{"Runbook section: Database Migration", "Database Migration", {}},
          ReferenceRow{"Runbook section: Monitoring Dashboards", "Monitoring Dashboards", {}},
          ReferenceRow{"Runbook section: Emergency Contacts", "Emergency Contacts", {}},
          ReferenceRow{"Runbook section: Third-Party Status", "Third-Party Status", {}},
          ReferenceRow{"Runbook section: Known Failure Modes", "Known Failure Modes", {}}}) {
        INFO(row.name);
        check_section(row.shown);
    }
}

TEST_CASE(
    "Runbook: Review quarterly, in the last week of each quarter, by the Dev Lead", "[commands][document]"
)
{
    TeamInMemory world;
    world.restart();
    SECTION("asked on its working mornings until it is done")
    {
        // The last week of 2026's last quarter: Friday the 25th to Thursday the 31st.
        world.move_to(est("2027-01-31 12:00"));
        CHECK(
            review_requests(world) ==
            std::vector<Instant>{
                est("2026-12-25 09:00"),
                est("2026-12-28 09:00"),
                est("2026-12-29 09:00"),
                est("2026-12-30 09:00"),
                est("2026-12-31 09:00")}
        );
    }
    SECTION("not after it was done, until the next quarter's last week")
    {
        world.move_to(est("2026-12-28 10:00"));
        CHECK(outcome_of(world.say("alice", "runbook_reviewed")) == "not_allowed");
        CHECK(outcome_of(world.say("dana", "runbook_reviewed")) == "allowed");
        world.move_to(est("2027-03-24 12:00"));
        CHECK(review_requests(world).size() == 2);
        world.move_to(est("2027-03-25 12:00"));
        REQUIRE(review_requests(world).size() == 3);
        // Nine in the morning by the team's clock, which has changed meanwhile.
        CHECK(review_requests(world).back() == est("2027-03-25 08:00"));
    }
}

TEST_CASE("Runbook: a long section goes on at a terminal", "[commands][document]")
{
    const StagedDeployment scene;
    std::string section = "## Known Failure Modes\n";
    while (section.size() < 5'900) {
        section += "If X happens, do Y.\n";
    }
    const auto shown = [&](const std::string& text) {
        const auto decision = scene.ask("bob", "runbook", {{"runbook", "# Ours\n" + text}}, "failure modes");
        REQUIRE(decision.has_value());
        return decision->reply;
    };
    REQUIRE(shown(section).size() == 1);
    CHECK(shown(section).front().facts.at("text").as_string() == section);
    const auto longer =
        shown(section + "If it goes on happening, ask.\n" + section.substr(section.find("If")));
    REQUIRE(longer.size() == 2);
    const std::string part(longer.front().facts.at("text").as_string());
    CHECK(section.starts_with(part.substr(0, section.size())));
    CHECK(part.ends_with("do Y.\n"));
    CHECK(longer.back() == say("runbook_goes_on", {{"section", "failure modes"}}));
}

TEST_CASE("Runbook: All DevOps team members can access", "[commands][document]")
{
    const StagedDeployment scene;
    for (const auto& who : cast::everybody) {
        if (who.kind != cast::Kind::member) {
            continue;
        }
        const std::string name(who.name);
        INFO(name);
        CHECK(
            outcome_of(scene.ask(name, "runbook", {{"runbook", "## Server Access\nvault\n"}})) == "allowed"
        );
    }
}

}  // namespace slipway::testing
