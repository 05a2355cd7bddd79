// What somebody is to one deployment gives them nothing over another.
#include "commands/verbs/authority.hpp"
#include "tests/commands/staged_deployment.hpp"

#include <catch2/generators/catch_generators.hpp>

namespace slipway::testing {

namespace {

/// D-13 of `api`, of which Zoe is the author, the requestor and the on-call developer.
Deployment zoes_own()
{
    auto plan = usual_plan();
    plan.service = "api";
    plan.requested_by = id_of("zoe");
    return fold({{DeploymentId{13}, id_of("zoe").str(), evening, Planned{plan, evening, 45min, id_of("zoe")}}}
    );
}

boost::json::object everything_a_verb_could_want()
{
    return {
        {"reason", "because"},
        {"note", "a note"},
        {"checklist", "gate1"},
        {"item", "approved"},
        {"service", "api"},
        {"duration", "2h"},
        {"user", "U0CARL"},
        {"from", "in 1h"},
        {"to", "6h"},
        {"stage", "internal"},
        {"step", "merge"},
        {"starts_at", 1'795'662'000}};
}

}  // namespace

TEST_CASE(
    "to be author, requestor and on call of one deployment is nothing over another", "[commands][authority]"
)
{
    for (const auto& verb : verbs()) {
        if (!verb.needs_deployment || verb.offered == Offered::to_bot) {
            continue;
        }
        StagedDeployment without;
        StagedDeployment with;
        with.others = {zoes_own()};
        INFO(verb.name);
        const auto fields = everything_a_verb_could_want();
        CHECK(
            outcome_of(with.ask("zoe", std::string(verb.name), fields)) ==
            outcome_of(without.ask("zoe", std::string(verb.name), fields))
        );
    }
}

TEST_CASE("over their own deployment the same person may act", "[commands][authority]")
{
    StagedDeployment scene;
    scene.deployment = zoes_own();
    for (const auto* verb : {"cancel", "amend", "reschedule", "ready", "tick"}) {
        INFO(verb);
        const auto request = [&] {
            Request made;
            made.verb = verb;
            made.deployment = scene.deployment.id;
            made.fields = everything_a_verb_could_want();
            if (made.verb == "tick") {
                made.fields["checklist"] = "qa";
            }
            return made;
        }();
        CHECK(authorize(*find_verb(verb), request, scene.seen_by(person_called("zoe"))).has_value());
    }
}

}  // namespace slipway::testing
