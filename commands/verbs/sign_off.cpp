// signoff, withdraw, decline, reply.
#include "commands/pipeline/windows.hpp"
#include "commands/reading/sign_off_grammar.hpp"
#include "commands/reading/spoken_date.hpp"
#include "commands/text/letters.hpp"
#include "commands/verbs/authority.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/table.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

std::string word_of(Source source)
{
    return source == Source::reply ? "reply" : source == Source::slash ? "verb" : "button";
}

/// Whether what was signed is not what the pull request holds now, so that it can be signed again.
bool is_of_another_commit(const SignedOff& own, const Snapshot& snapshot)
{
    const auto head = head_of(snapshot.github);
    return snapshot.deployment->plan.commit.empty() && own.commit && !head.empty() && *own.commit != head;
}

std::optional<SignedOff> own_sign_off(const Snapshot& snapshot, const std::vector<SignOff>& valid)
{
    const auto found = std::find_if(valid.begin(), valid.end(), [&](const SignOff& each) {
        return each.given.user == snapshot.actor.id;
    });
    return found == valid.end() ? std::nullopt : std::optional(found->given);
}

/// The mirrored comment; gives its id, empty where sign-offs are not mirrored (design 4.6).
std::string mirror_comment(Decision& decision, const Snapshot& snapshot, std::string body)
{
    const auto& issue = snapshot.deployment->plan.linear_issue;
    if (!snapshot.policy->mirror_sign_offs || issue.empty()) {
        return {};
    }
    decision.outbox.push_back({LinearComment{issue, std::move(body)}, snapshot.fresh_uuid});
    return snapshot.fresh_uuid;
}

struct Given {
    std::string name;
    Date date;
    std::string note;
};

Result<Decision> record_sign_off(const Given& given, const Request& request, const Snapshot& snapshot)
{
    const auto& deployment = *snapshot.deployment;
    const auto& policy = *snapshot.policy;
    const auto own = own_sign_off(snapshot, valid_sign_offs(deployment));
    if (own && !is_of_another_commit(*own, snapshot)) {
        return refuse(say("sign_off_already", facts_of(snapshot)));
    }
    const auto roles = sign_off_roles(snapshot.actor.id, deployment, *snapshot.roles, policy);
    auto decision = about(snapshot);
    decision.events.emplace_back(SignedOff{
        deployment.revision,
        snapshot.actor.id,
        given.name,
        roles,
        given.date,
        word_of(request.source),
        request.permalink,
        given.note,
        mirror_comment(decision, snapshot, sign_off_comment(given.name, given.date)),
        snapshot.github ? std::optional(snapshot.github->head) : std::nullopt});
    const auto changed = after(decision, snapshot);
    auto facts = facts_of(
        snapshot,
        {{"name", given.name},
         {"roles", titles_of(roles)},
         {"date", iso(given.date)},
         {"note", given.note},
         {"commit", short_commit(head_of(snapshot.github))},
         {"unread", snapshot.github && deployment.plan.commit.empty() ? snapshot.github->unreachable : ""},
         {"missing", titles_of(missing_sign_offs(changed, policy))}}
    );
    say_in_thread(decision, say("sign_off_recorded", std::move(facts)));
    settle_gate2(decision, changed, snapshot);
    return decision;
}

/// The newest day that a sign-off of then may have: today, the team's or the signer's own.
Date last_day(Instant then, const Snapshot& snapshot)
{
    const auto of_team = team_date(then, *snapshot.policy);
    const auto& offset = snapshot.actor.utc_offset;
    return offset ? std::max(of_team, Date{date::floor<date::days>(then + *offset)}) : of_team;
}

/// The day that was typed where a reply led to the button; else today.
Date day_of(const Request& request, Date today)
{
    const auto given = trailing_date(plain_letters(field(request, "date")), today);
    return given.what == SpokenDate::What::date && given.date <= today ? given.date : today;
}

/// One whispered answer with a button that signs as the writer, for the day that was typed.
Decision offer_own_name(const Request& request, const Snapshot& snapshot, const SpokenSignOff& spoken)
{
    Decision decision;
    decision.deployment = snapshot.deployment->id;
    const auto name = printed_name(snapshot.actor);
    Whisper whisper{
        snapshot.actor.id,
        request.channel,
        say("sign_off_other_name",
            {{"typed", spoken.mention.empty() ? spoken.name : ""},
             {"mentioned", spoken.mention.empty() ? "" : mention(spoken.mention)},
             {"name", name},
             {"date", iso(spoken.date)}}),
        true};
    // Slack's limit for the text of a button is 75.
    whisper.buttons = {press("signoff", "Sign off as " + shortened(name, 60), {{"date", iso(spoken.date)}})};
    decision.outbox.push_back({std::move(whisper)});
    return decision;
}

Result<Decision> take_spoken(const SpokenSignOff& spoken, const Request& request, const Snapshot& snapshot)
{
    const bool own = spoken.mention.empty() ? spoken.name.empty() || is_own_name(spoken.name, snapshot.actor)
                                            : spoken.mention == snapshot.actor.id;
    if (!own) {
        return offer_own_name(request, snapshot, spoken);
    }
    const bool as_typed = !spoken.name.empty() && spoken.mention.empty();
    const auto name = as_typed ? spoken.name : printed_name(snapshot.actor);
    return record_sign_off({name, spoken.date, ""}, request, snapshot);
}

void take_back(Decision& decision, const SignedOff& own, const Snapshot& snapshot)
{
    const auto today = team_date(snapshot.now, *snapshot.policy);
    decision.events.emplace_back(SignOffWithdrawn{
        snapshot.actor.id,
        own.name,
        today,
        mirror_comment(decision, snapshot, withdrawal_comment(own.name, today))});
    say_in_thread(decision, say("sign_off_withdrawn", facts_of(snapshot, {{"name", own.name}})));
    chase_sign_offs_later(decision, snapshot);
}

/// When the plan became what it is now.
Instant revised_at(const Deployment& deployment)
{
    Instant at = deployment.planned_at;
    for (const auto& event : deployment.history) {
        at = std::holds_alternative<Amended>(event.event) ? event.at : at;
    }
    return at;
}

/// A reply that reaches us late was written under the plan of its time.
bool is_outdated(const Request& request, const Deployment& deployment)
{
    return request.said_at && deployment.revision > 1 && *request.said_at < revised_at(deployment);
}

}  // namespace

Result<Decision> signoff(const Request& request, const Snapshot& snapshot)
{
    const auto today = team_date(snapshot.now, *snapshot.policy);
    const auto note = field_or_text(request, "note");
    const auto day = day_of(request, today);
    return record_sign_off({printed_name(snapshot.actor), day, note}, request, snapshot);
}

Result<Decision> withdraw(const Request&, const Snapshot& snapshot)
{
    const auto own = own_sign_off(snapshot, valid_sign_offs(*snapshot.deployment));
    if (!own) {
        return refuse(say("withdraw_nothing", facts_of(snapshot)));
    }
    auto decision = about(snapshot);
    take_back(decision, *own, snapshot);
    settle_gate2(decision, after(decision, snapshot), snapshot);
    return decision;
}

Result<Decision> decline(const Request& request, const Snapshot& snapshot)
{
    const auto reason = field_or_text(request, "reason");
    if (reason.empty()) {
        return refuse(say_at("reason", "reason_missing"));
    }
    auto decision = about(snapshot);
    const auto name = printed_name(snapshot.actor);
    if (const auto own = own_sign_off(snapshot, valid_sign_offs(*snapshot.deployment))) {
        take_back(decision, *own, snapshot);  // nobody signs off and declines at once
    }
    decision.events.emplace_back(Declined{snapshot.deployment->revision, snapshot.actor.id, name, reason});
    say_in_thread(
        decision,
        say("declined", facts_of(snapshot, {{"name", name}, {"reason", reason}})),
        {snapshot.deployment->author}
    );
    settle_gate2(decision, after(decision, snapshot), snapshot);
    return decision;
}

Result<Decision> reply(const Request& request, const Snapshot& snapshot)
{
    const auto said_at = request.said_at.value_or(snapshot.now);
    auto spoken = parse_reply(request.text, last_day(said_at, snapshot));
    if (auto* sign_off = std::get_if<SpokenSignOff>(&spoken)) {  // the record has the team's day
        sign_off->date = std::min(sign_off->date, team_date(said_at, *snapshot.policy));
    }
    if (std::holds_alternative<NotASignOff>(spoken)) {
        return Decision{};
    }
    const bool withdrawing = std::holds_alternative<SpokenWithdrawal>(spoken);
    const auto* verb = find_verb(withdrawing ? "withdraw" : "signoff");
    if (const auto allowed = authorize(*verb, request, snapshot); !allowed) {
        return allowed.error();
    }
    if (const auto stage = in_stage(snapshot, verb->stages); !stage) {
        return stage.error();
    }
    if (const auto* refusal = std::get_if<Refusal>(&spoken)) {
        return *refusal;
    }
    if (!withdrawing && is_outdated(request, *snapshot.deployment)) {
        return refuse(say("sign_off_outdated", facts_of(snapshot)));
    }
    return withdrawing ? withdraw(request, snapshot)
                       : take_spoken(std::get<SpokenSignOff>(spoken), request, snapshot);
}

}  // namespace slipway::decisions
