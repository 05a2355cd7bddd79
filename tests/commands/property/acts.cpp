#include "tests/commands/property/acts.hpp"

#include <boost/json/serialize.hpp>

#include <array>

namespace slipway::testing {

namespace {

namespace json = boost::json;

constexpr std::array spans{
    std::chrono::minutes{1},
    std::chrono::minutes{31},
    std::chrono::minutes{61},
    std::chrono::minutes{5 * 60},
    std::chrono::minutes{13 * 60},
    std::chrono::minutes{24 * 60},
    std::chrono::minutes{3 * 24 * 60},
    std::chrono::minutes{11 * 24 * 60}};
static_assert(spans.size() == variants);

json::object plan_fields(int variant)
{
    json::object fields{
        {"what", "Faster search"},
        {"linear_issue", "ENG-123"},
        {"service", variant % 2 == 0 ? "web" : "api"},
        {"changes", "New index\nCached results " + std::to_string(variant)},
        {"rollback_plan", "Revert commit"},
        {"client_facing", variant < 4 ? "yes" : "no"},
        {"requested_by", variant == 3 ? "U0PETRA" : "U0JANE"},
        {"starts_at",
         variant == 5   ? "in 40m"
         : variant == 6 ? ""
                        : "tue 22:00"},
        {"duration", "45m"},
        {"on_call", variant == 2 ? "U0CARL" : ""},
    };
    if (variant == 1 || variant == 7) {
        fields["priority"] = "P0";
    }
    if (variant == 4) {
        fields["priority"] = "P1";
    }
    if (variant == 2 || variant == 5) {
        fields["flag"] = "search";
        fields["migrations"] = "yes";
    }
    if (variant == 3) {
        fields["client"] = "Acme";
    }
    if (variant == 0 || variant == 4) {
        fields["pull_request"] = "https://github.com/acme/web/pull/12";
    }
    if (variant == 4) {
        fields["commit"] = "1f3c9ab";
    }
    if (variant == 3 || variant == 4) {
        fields["complex"] = "yes";
    }
    return fields;
}

/// The lists by variant; the last is none.
json::object list_fields(int variant)
{
    constexpr std::array lists{
        "gate1",
        "gate2",
        "pre_deployment",
        "smoke",
        "rollback_smoke",
        "check_in_1",
        "rollback_steps",
        "pasta"};
    constexpr std::array items{
        "approved", "qa_bugs", "environment", "login", "loads", "errors", "rollback", "fork"};
    const auto index = static_cast<std::size_t>(variant);
    return {{"checklist", lists.at(index)}, {"item", items.at(index)}};
}

json::object words_of(const std::string& verb, int variant)
{
    const auto index = static_cast<std::size_t>(variant);
    constexpr std::array times{
        "in 2h", "in 61m", "in 30m", "wed 22:00", "thu 23:00", "tomorrow 10pm", "sat 12:00", "now"};
    constexpr std::array severities{"P1", "P0", "P2", "P1", "P0", "P2", "", "huge"};
    constexpr std::array statuses{
        "Resolved", "Investigating", "Resolved", "", "Rolled back", "Resolved", "Investigating", "?"};
    constexpr std::array flags{"internal", "off", "subset", "all", "internal", "off", "all", "half"};
    if (verb == "plan" || verb == "amend") {
        return plan_fields(variant);
    }
    if (verb == "tick" || verb == "untick") {
        return list_fields(variant);
    }
    if (verb == "reschedule") {
        return {{"starts_at", times.at(index)}, {"duration", variant == 7 ? "0m" : "30m"}};
    }
    if (verb == "issue") {
        constexpr std::array triggers{"", "", "", "security", "tickets", "", "error_rate", "bad luck"};
        return {
            {"what", variant == 6 ? "" : "Errors at login"},
            {"severity", severities.at(index)},
            {"trigger", triggers.at(index)}};
    }
    if (verb == "update") {
        constexpr std::array issues{"", "", "1", "1", "2", "", "", "99"};
        return {
            {"note", "Looking"},
            {"status", statuses.at(index)},
            {"issue", issues.at(index)},
            {"severity", variant == 3 ? "P0" : ""}};
    }
    if (verb == "flag") {
        return {{"flag_stage", flags.at(index)}};
    }
    if (verb == "freeze") {
        return {
            {"service", variant < 3 ? "web" : "all"},
            {"duration", variant < 6 ? "2h" : "2 moons"},
            {"reason", "Sale"}};
    }
    if (verb == "thaw" || verb == "unlock") {
        return {{"service", variant % 2 == 0 ? "web" : "api"}};
    }
    if (verb == "swap") {
        return {
            {"user",
             variant < 4   ? "U0CARL"
             : variant < 6 ? "U0ALICE"
                           : "U0ZOE"},
            {"from", times.at(index)},
            {"to", "6h"}};
    }
    if (verb == "delegate") {
        constexpr std::array people{
            "U0ZOE", "U0ANNE", "<@U0RAJ>", "U0JANE", "U0PETRA", "U0DANA", "U0ALICE", "somebody"};
        return {{"user", people.at(index)}};
    }
    if (verb == "step") {
        constexpr std::array steps{
            "merge",
            "rollback",
            "disable_flag",
            "reverse_migrations",
            "deploy",
            "migrate",
            "caches",
            "dance"};
        return {{"step", steps.at(index)}};
    }
    return {};
}

/// Verbs that take a reason, note or link as plain text; nothing in the last variants.
bool takes_text(const std::string& verb)
{
    static const std::set<std::string> verbs{
        "decline", "except", "start", "cancel", "rollback", "review", "postmortem", "signoff", "done"};
    return verbs.contains(verb);
}

std::string reply_of(int variant)
{
    constexpr std::array replies{
        "Stakeholder sign-off: Jane Doe, today",
        "Stakeholder sign-off: Petra Pohl",
        "Withdraw sign-off",
        "Stakeholder sign-off: Dana Diaz, 2026-11-23",
        "Looks good to me",
        "Stakeholder sign-off: Jane Doe, 11/12/2026",
        "sign off",
        ""};
    return replies.at(static_cast<std::size_t>(variant));
}

json::object signal_of(int variant)
{
    switch (variant) {
        case 0:
            return {{"service", "web"}, {"kind", "error_rate"}, {"error_rate", 9.0}, {"baseline", 1.0}};
        case 1:
            return {{"service", "api"}, {"kind", "security"}, {"detail", "an open port"}};
        case 2:
            return {{"service", "web"}, {"kind", "database_corruption"}};
        case 3:
            return {{"service", "web"}, {"kind", "error_rate"}, {"error_rate", 1.0}, {"baseline", 1.0}};
        case 4:
            return {{"service", "web"}, {"kind", "error_rate"}};
        case 5:
            return {{"service", "web"}, {"kind", "critical_feature"}, {"was_failing_before", true}};
        case 6:
            return {{"service", "api"}, {"kind", "tickets"}, {"tickets", json::array{}}};
        default:
            return {{"service", "moon"}, {"kind", "weather"}};
    }
}

}  // namespace

const std::vector<std::string>& spoken_verbs()
{
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& verb : verbs()) {
            if (verb.offered == Offered::to_people) {
                all.emplace_back(verb.name);
            }
        }
        return all;
    }();
    return names;
}

Gate1Facts github_facts(int variant)
{
    if (variant == 7) {
        return {.unreachable = "timed out"};
    }
    Gate1Facts facts;
    facts.head = variant == 6 ? "2222222222" : "1f3c9ab000";
    for (const auto* item :
         {"approved", "ci_green", "threads_resolved", "testing_notes", "issue_referenced"}) {
        facts.conditions[item].holds = variant != 5 || std::string_view(item) != "ci_green";
    }
    return facts;
}

Request request_of(const std::string& verb, int variant)
{
    Request request;
    request.verb = verb;
    request.fields = words_of(verb, variant);
    request.source = variant % 3 == 0 ? Source::slash : variant % 3 == 1 ? Source::button : Source::modal;
    if (takes_text(verb) && variant < 6) {
        request.text = "Because of the sale";
    }
    if (request.source == Source::button && variant == 7) {
        request.expected_revision = 1;
    }
    return request;
}

std::string Act::words() const
{
    const std::string name(cast::everybody.at(static_cast<std::size_t>(who)).name);
    const auto about = deployment > 0 ? " D-" + std::to_string(deployment) : "";
    const auto span = std::to_string(spans.at(static_cast<std::size_t>(variant)).count()) + " minutes";
    switch (kind) {
        case Kind::nudge:
            return "the next thing happens to" + about;
        case Kind::say: {
            const auto request = request_of(spoken_verbs().at(static_cast<std::size_t>(verb)), variant);
            return name + " says " + request.verb + about +
                   (request.text.empty() ? "" : " '" + request.text + "'") +
                   (request.fields.empty() ? "" : " " + json::serialize(request.fields));
        }
        case Kind::talk:
            return name + " writes in the thread of" + about + ": '" + reply_of(variant) + "'";
        case Kind::time:
            return span + " pass";
        case Kind::away:
            return "the bot is away for " + span;
        case Kind::signal:
            return "observed: " + json::serialize(signal_of(variant));
        case Kind::action_ends:
            return std::string("the oldest action ") + (variant < 5 ? "ends" : "fails");
        case Kind::github:
            return std::string("GitHub ") + (variant == 5   ? "says that CI is red"
                                             : variant == 6 ? "has another head"
                                             : variant == 7 ? "cannot be reached"
                                                            : "says that all is well");
    }
    return {};
}

std::ostream& operator<<(std::ostream& stream, const Act& act) { return stream << "\n  " << act.words(); }

void Act::happen_to(TeamInMemory& world) const
{
    const auto person = person_called(std::string(cast::everybody.at(static_cast<std::size_t>(who)).name));
    const auto span = spans.at(static_cast<std::size_t>(variant));
    switch (kind) {
        case Kind::nudge:
            nudge(world, std::max(deployment, 1));
            return;
        case Kind::say:
        case Kind::talk: {
            auto request = kind == Kind::say
                               ? request_of(spoken_verbs().at(static_cast<std::size_t>(verb)), variant)
                               : Request{.verb = "reply", .text = reply_of(variant), .source = Source::reply};
            if (deployment > 0) {
                request.deployment = DeploymentId{deployment};
            }
            (void)world.wish(request, person);
            return;
        }
        case Kind::time:
            world.move_to(world.now + span);
            return;
        case Kind::away:
            world.now += span;
            world.restart();
            return;
        case Kind::signal:
            (void)world.observe(signal_of(variant));
            return;
        case Kind::action_ends:
            world.end_action(variant < 5);
            return;
        case Kind::github:
            world.github_says(github_facts(variant));
            return;
    }
}

}  // namespace slipway::testing
