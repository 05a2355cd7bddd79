#include "commands/registry.hpp"

#include "commands/authority.hpp"
#include "commands/pipeline/unicode.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <regex>

namespace slipway {

namespace {

using enum Offered;
namespace on = decisions;

// name, usage, summary, example, needs a deployment, modal, offered, decide. An empty usage keeps a verb out
// of help.
constexpr std::array table{
    Verb{"overview", "", "", "", false, "", to_people, on::overview},
    Verb{
        "plan",
        "plan [what]",
        "Plan a deployment",
        "/deploy plan Faster search",
        false,
        "plan",
        to_people,
        on::plan},
    Verb{"list", "list", "All deployments under way", "/deploy list", false, "", to_people, on::list},
    Verb{
        "status",
        "status [D-n]",
        "Where a deployment stands",
        "/deploy status D-12",
        false,
        "",
        to_people,
        on::status},
    Verb{
        "check",
        "check D-n",
        "Would it start now, and if not, why",
        "/deploy check D-12",
        true,
        "",
        to_people,
        on::check},
    Verb{
        "signoff",
        "signoff D-n [note]",
        "Sign a plan off",
        "/deploy signoff D-12",
        true,
        "",
        to_people,
        on::signoff},
    Verb{
        "withdraw",
        "withdraw D-n",
        "Take your sign-off back",
        "/deploy withdraw D-12",
        true,
        "",
        to_people,
        on::withdraw},
    Verb{
        "decline",
        "decline D-n reason",
        "Say no, and why",
        "/deploy decline D-12 Totals are off",
        true,
        "decline",
        to_people,
        on::decline},
    Verb{
        "amend",
        "amend D-n",
        "Change the plan; sign-offs start again",
        "/deploy amend D-12",
        true,
        "amend",
        to_people,
        on::amend},
    Verb{
        "reschedule",
        "reschedule D-n when",
        "Change the time",
        "/deploy reschedule D-12 wed 22:00",
        true,
        "reschedule",
        to_people,
        on::reschedule},
    Verb{"tick", "", "Tick items of a checklist", "", true, "checklist", to_people, on::tick},
    Verb{"go", "go D-n", "The Dev Lead's go", "/deploy go D-12", true, "", to_people, on::go},
    Verb{
        "ready",
        "ready D-n",
        "On-call: I am here for the window and two hours after",
        "/deploy ready D-12",
        true,
        "",
        to_people,
        on::ready},
    Verb{
        "except",
        "except D-n reason",
        "Record an exception for what is unmet",
        "/deploy except D-12 Login is down",
        true,
        "except",
        to_people,
        on::except},
    Verb{"start", "start D-n", "Start the deployment", "/deploy start D-12", true, "", to_people, on::start},
    Verb{
        "step",
        "step D-n name",
        "Note a deployment step as done",
        "/deploy step D-12 merge",
        true,
        "",
        to_people,
        on::step},
    Verb{
        "flag",
        "flag D-n stage",
        "Move the feature flag: off, internal, subset, all",
        "/deploy flag D-12 internal",
        true,
        "",
        to_people,
        on::flag},
    Verb{
        "done",
        "done D-n",
        "Smoke tests passed: announce it and begin the watch",
        "/deploy done D-12",
        true,
        "",
        to_people,
        on::done},
    Verb{
        "issue",
        "issue D-n",
        "Escalate a problem",
        "/deploy issue D-12",
        true,
        "issue",
        to_people,
        on::issue},
    Verb{
        "update",
        "update D-n what",
        "Tell how the problem stands",
        "/deploy update D-12 Found the cause",
        true,
        "update",
        to_people,
        on::update},
    Verb{
        "clean",
        "clean D-n",
        "After 24 quiet hours: declare it clean",
        "/deploy clean D-12",
        true,
        "",
        to_people,
        on::clean},
    Verb{
        "cancel",
        "cancel D-n reason",
        "Call a planned deployment off",
        "/deploy cancel D-12 Not needed",
        true,
        "cancel",
        to_people,
        on::cancel},
    Verb{
        "rollback",
        "rollback [D-n] [reason]",
        "Roll back now; no approval needed",
        "/rollback D-12 Errors at login",
        false,
        "",
        to_people,
        on::rollback},
    Verb{
        "rolledback",
        "rolledback D-n",
        "The old version works again",
        "/deploy rolledback D-12",
        true,
        "",
        to_people,
        on::rolledback},
    Verb{
        "freeze",
        "freeze [service] for 2h reason",
        "Stop deployments for a while",
        "/deploy freeze web for 2h Sale",
        false,
        "freeze",
        to_people,
        on::freeze},
    Verb{"thaw", "thaw [service]", "End a freeze", "/deploy thaw web", false, "", to_people, on::thaw},
    Verb{
        "unlock",
        "unlock service [reason]",
        "Allow deployments again after a rollback",
        "/deploy unlock web",
        false,
        "",
        to_people,
        on::unlock},
    Verb{
        "oncall",
        "oncall",
        "Who is on call now and next",
        "/deploy oncall",
        false,
        "",
        to_people,
        on::oncall},
    Verb{
        "swap",
        "swap @person when for 2h",
        "Somebody else takes a stretch of on-call",
        "/deploy swap @bob tue 22:00 for 6h",
        false,
        "swap",
        to_people,
        on::swap},
    Verb{
        "postmortem",
        "postmortem D-n [link]",
        "The draft again, or link the finished one",
        "/deploy postmortem D-12",
        true,
        "",
        to_people,
        on::postmortem},
    Verb{
        "history",
        "history D-n",
        "Everything that happened to a deployment",
        "/deploy history D-12",
        false,
        "",
        to_people,
        on::history},
    Verb{
        "help",
        "help [verb]",
        "This list, or one verb; `help pipeline` shows the tables",
        "/deploy help plan",
        false,
        "",
        to_people,
        on::help},
    Verb{"reply", "", "", "", true, "", to_people, on::reply},
    Verb{"timer", "", "", "", false, "", to_bot, on::timer},
};

std::size_t edit_distance(std::string_view from, std::string_view to)
{
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < to.size(); ++j) {
            const auto changed = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, changed}));
        }
    }
    return row.back();
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

/// Takes the first word off `text`, which loses the white space around it.
std::string take_word(std::string& text)
{
    const auto begin = std::min(text.find_first_not_of(" \t\n\r"), text.size());
    const auto end = std::min(text.find_first_of(" \t\n\r", begin), text.size());
    auto word = text.substr(begin, end - begin);
    const auto rest = std::min(text.find_first_not_of(" \t\n\r", end), text.size());
    text = text.substr(rest);
    return word;
}

/// "D-12", "d12", "#12", "12"; also "D 12", for which the number is taken from `rest`.
std::optional<DeploymentId> take_deployment(std::string& rest)
{
    static const std::regex form(R"(^(?:d[- ]?|#)?([0-9]{1,9})(?=$|[\s:,.])[:,.]?\s*)", std::regex::icase);
    const auto plain = to_utf8(plain_letters(rest.substr(0, 64)));
    std::smatch match;
    if (!std::regex_search(plain, match, form)) {
        return std::nullopt;
    }
    const DeploymentId id{std::stoi(match[1])};
    // White space and dashes may be wider in what was typed than in `plain`: skip by the digits.
    const auto digits = rest.find(match[1].str());
    auto after = rest.substr(digits + match[1].str().size());
    const auto begin = after.find_first_not_of(" \t\n\r:,.");
    rest = begin == std::string::npos ? std::string{} : after.substr(begin);
    return id;
}

}  // namespace

std::span<const Verb> verbs() { return table; }

const Verb* find_verb(std::string_view name)
{
    const auto* found =
        std::find_if(table.begin(), table.end(), [&](const Verb& verb) { return verb.name == name; });
    return found == table.end() ? nullptr : found;
}

std::string nearest_verb(std::string_view word)
{
    std::string_view nearest;
    std::size_t distance = word.size() < 4 ? 2 : 3;  // farther ones would be a guess
    for (const auto& verb : table) {
        const auto candidate = edit_distance(word, verb.name);
        if (!verb.usage.empty() && candidate < distance) {
            nearest = verb.name;
            distance = candidate;
        }
    }
    return std::string(nearest);
}

Result<Request> parse_slash(std::string_view text, std::string_view verb)
{
    // NBSP and the like count as spaces between words; the free text after them keeps its bytes.
    std::string rest(text);
    for (const auto* space : {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x8B", "\xEF\xBB\xBF"}) {
        for (auto at = rest.find(space); at != std::string::npos && at < 64; at = rest.find(space, at)) {
            rest.replace(at, std::string_view(space).size(), " ");
        }
    }
    Request request;
    request.verb = verb.empty() ? lower(take_word(rest)) : std::string(verb);
    if (request.verb.empty()) {
        request.verb = "overview";
    }
    const auto* known = find_verb(request.verb);
    if (known == nullptr || known->offered == to_bot || request.verb == "reply") {
        return refuse(say("verb_unknown", {{"word", request.verb}, {"nearest", nearest_verb(request.verb)}}));
    }
    const bool takes_deployment =
        known->needs_deployment || known->usage.find("D-n") != std::string_view::npos;
    if (takes_deployment) {
        auto after_space = rest.find_first_not_of(" \t\n\r");
        rest = after_space == std::string::npos ? std::string{} : rest.substr(after_space);
        request.deployment = take_deployment(rest);
    }
    const auto begin = rest.find_first_not_of(" \t\n\r");
    const auto end = rest.find_last_not_of(" \t\n\r");
    request.text = begin == std::string::npos ? std::string{} : rest.substr(begin, end - begin + 1);
    return request;
}

Result<Decision> decide(const Request& request, const Snapshot& snapshot)
{
    const auto* verb = find_verb(request.verb);
    if (verb == nullptr) {
        return refuse(say("verb_unknown", {{"word", request.verb}, {"nearest", nearest_verb(request.verb)}}));
    }
    // Ordinary talk in a thread is nobody's business; `reply` authorises once it knows that a sign-off was
    // meant.
    const bool overheard = request.verb == "reply";
    if (!overheard) {
        if (const auto stranger = !counts(snapshot.actor) && verb->offered == to_people; stranger) {
            return authorize(*verb, request, snapshot).error();
        }
    }
    if (verb->needs_deployment && !request.deployment) {
        return refuse(say(
            "deployment_missing", {{"usage", std::string(verb->usage)}, {"command", snapshot.policy->command}}
        ));
    }
    if (request.deployment && !snapshot.deployment) {
        return refuse(say("deployment_unknown", {{"deployment", to_string(*request.deployment)}}));
    }
    if (!overheard) {
        if (const auto allowed = authorize(*verb, request, snapshot); !allowed) {
            return allowed.error();
        }
    }
    if (snapshot.deployment && request.expected_revision &&
        *request.expected_revision != snapshot.deployment->revision) {
        return refuse(say("stale_revision", {{"deployment", to_string(snapshot.deployment->id)}}));
    }
    return verb->decide(request, snapshot);
}

}  // namespace slipway
