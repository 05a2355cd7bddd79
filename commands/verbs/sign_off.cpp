// signoff, withdraw, decline, reply, tick.
#include "commands/authority.hpp"
#include "commands/pipeline/on_call.hpp"
#include "commands/pipeline/sign_off_grammar.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/verbs.hpp"

#include <algorithm>

namespace slipway::decisions {

namespace {

namespace json = boost::json;

std::string titles_of(const std::vector<Role>& roles)
{
    std::string text;
    for (const auto role : roles) {
        text += (text.empty() ? "" : " and ") + title_of(role);
    }
    return text;
}

std::string word_of(Source source)
{
    return source == Source::reply ? "reply" : source == Source::slash ? "verb" : "button";
}

std::string titles_of(const std::set<Role>& roles)
{
    return titles_of(std::vector<Role>(roles.begin(), roles.end()));
}

const SignOff* own_sign_off(const Snapshot& snapshot, const std::vector<SignOff>& valid)
{
    const auto found = std::find_if(valid.begin(), valid.end(), [&](const SignOff& each) {
        return each.given.user == snapshot.actor.id;
    });
    return found == valid.end() ? nullptr : &*found;
}

Result<Decision> record_sign_off(
    const Request& request,
    const Snapshot& snapshot,
    const std::string& name,
    Date date,
    const std::string& note
)
{
    const auto& deployment = *snapshot.deployment;
    const auto& policy = *snapshot.policy;
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
    if (policy.four_eyes && deployment.author == snapshot.actor.id) {
        return refuse(say("sign_off_author", facts_of(snapshot)));
    }
    const auto roles = sign_off_roles(snapshot.actor.id, deployment, *snapshot.roles, policy);
    if (roles.empty()) {
        return refuse(
            say("sign_off_no_role",
                facts_of(snapshot, {{"roles", titles_of(required_sign_offs(deployment.plan))}}))
        );
    }
    const auto valid = valid_sign_offs(deployment);
    if (own_sign_off(snapshot, valid) != nullptr) {
        return refuse(say("sign_off_already", facts_of(snapshot)));
    }
    auto decision = about(snapshot);
    SignedOff given{
        deployment.revision,
        snapshot.actor.id,
        name,
        roles,
        date,
        word_of(request.source),
        request.permalink,
        note,
        {}};
    if (policy.mirror_sign_offs) {
        given.linear_comment_id = snapshot.fresh_uuid;
        decision.outbox.push_back(
            {LinearComment{deployment.plan.linear_issue, sign_off_comment(name, date)}, snapshot.fresh_uuid}
        );
    }
    decision.events.emplace_back(given);
    const auto changed = after(decision, snapshot);
    const auto missing = missing_sign_offs(changed, policy);
    auto facts = facts_of(
        snapshot,
        {{"name", name},
         {"roles", titles_of(roles)},
         {"date", iso(date)},
         {"note", note},
         {"missing", titles_of(missing)}}
    );
    say_in_thread(decision, say("sign_off_recorded", std::move(facts)));
    settle_gate2(decision, changed, snapshot);
    return decision;
}

/// One whispered answer with a button that signs as the writer.
Decision offer_own_name(const Request& request, const Snapshot& snapshot, const std::string& typed)
{
    Decision decision;
    decision.deployment = snapshot.deployment->id;
    const auto name = printed_name(snapshot.actor);
    Whisper whisper{
        snapshot.actor.id,
        request.channel,
        say("sign_off_other_name", {{"typed", typed}, {"name", name}}),
        true};
    whisper.buttons = {{{"verb", "signoff"}, {"label", "Sign off as " + name}, {"fields", json::object{}}}};
    decision.outbox.push_back({std::move(whisper)});
    return decision;
}

Result<Decision> take_spoken(const SpokenSignOff& spoken, const Request& request, const Snapshot& snapshot)
{
    const bool own = spoken.mention.empty() ? spoken.name.empty() || is_own_name(spoken.name, snapshot.actor)
                                            : spoken.mention == snapshot.actor.id;
    if (!own) {
        return offer_own_name(request, snapshot, spoken.name);
    }
    const bool as_typed = !spoken.name.empty() && spoken.mention.empty();
    return record_sign_off(
        request, snapshot, as_typed ? spoken.name : printed_name(snapshot.actor), spoken.date, ""
    );
}

/// Who may tick an item beyond the team as a whole: Gate 1 is never the author's own word (design 4.3).
Result<void> may_tick(const std::string& checklist, const Snapshot& snapshot)
{
    const auto& actor = snapshot.actor.id;
    if (checklist == "gate1" && actor == snapshot.deployment->author) {
        return refuse(say("tick_own_change", facts_of(snapshot)));
    }
    const bool developer = holds(actor, Role::developer, snapshot) || holds(actor, Role::dev_lead, snapshot);
    if (checklist == "gate1" && !developer) {
        return refuse(say("tick_developers", facts_of(snapshot)));
    }
    return {};
}

const Checklist* checklist_named(const std::string& name, const Policy& policy)
{
    const std::pair<const char*, const Checklist*> lists[] = {
        {"gate1", &policy.gate1},
        {"qa", &policy.qa},
        {"gate2", &policy.gate2},
        {"steps", &policy.steps},
        {"smoke", &policy.smoke},
        {"pre_deployment", &policy.pre_deployment},
        {"rollback_smoke", &policy.smoke},
    };
    for (const auto& [key, list] : lists) {
        if (key == name) {
            return list;
        }
    }
    return name.starts_with("check_in_") ? &policy.monitoring : nullptr;
}

/// The items that shall be ticked: all those of the checkbox state, or the one that was named.
std::vector<std::string> wanted_items(const Request& request)
{
    std::vector<std::string> items;
    if (const auto* state = request.fields.if_contains("items"); state != nullptr && state->is_array()) {
        for (const auto& item : state->get_array()) {
            if (item.is_string()) {
                items.emplace_back(item.get_string());
            }
        }
    }
    return items;
}

void finish_rollback_if_verified(Decision& decision, const Deployment& changed, const Snapshot& snapshot)
{
    const auto& smoke = snapshot.policy->smoke;
    const bool verified = std::all_of(smoke.begin(), smoke.end(), [&](const ChecklistItem& item) {
        return item.key == "feature" || (item.key == "migrations" && !changed.plan.has_migrations) ||
               is_ticked(changed, "rollback_smoke", item.key);
    });
    if (changed.stage == Stage::rolling_back && verified) {
        decision.events.emplace_back(RolledBack{});
        say_in_thread(decision, say("rolled_back", facts_of(snapshot)));
    }
}

}  // namespace

Result<Decision> signoff(const Request& request, const Snapshot& snapshot)
{
    const auto note = field(request, "note").empty() ? request.text : field(request, "note");
    const auto today = team_date(snapshot.now, *snapshot.policy);
    return record_sign_off(request, snapshot, printed_name(snapshot.actor), today, note);
}

Result<Decision> withdraw(const Request&, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
    const auto valid = valid_sign_offs(*snapshot.deployment);
    const auto* own = own_sign_off(snapshot, valid);
    if (own == nullptr) {
        return refuse(say("withdraw_nothing", facts_of(snapshot)));
    }
    auto decision = about(snapshot);
    const auto& policy = *snapshot.policy;
    SignOffWithdrawn withdrawn{snapshot.actor.id, own->given.name, team_date(snapshot.now, policy), {}};
    if (policy.mirror_sign_offs) {
        withdrawn.linear_comment_id = snapshot.fresh_uuid;
        const auto body = withdrawal_comment(withdrawn.name, withdrawn.withdrawn_on);
        decision.outbox.push_back(
            {LinearComment{snapshot.deployment->plan.linear_issue, body}, snapshot.fresh_uuid}
        );
    }
    decision.events.emplace_back(withdrawn);
    say_in_thread(decision, say("sign_off_withdrawn", facts_of(snapshot, {{"name", own->given.name}})));
    settle_gate2(decision, after(decision, snapshot), snapshot);
    return decision;
}

Result<Decision> decline(const Request& request, const Snapshot& snapshot)
{
    const auto stage = in_stage(snapshot, {Stage::planned, Stage::signed_off});
    if (!stage) {
        return stage.error();
    }
    const auto required = required_sign_offs(snapshot.deployment->plan);
    const auto asked = people_for(required, *snapshot.deployment, *snapshot.roles, *snapshot.policy);
    if (!asked.contains(snapshot.actor.id)) {
        return refuse(say("sign_off_no_role", facts_of(snapshot, {{"roles", titles_of(required)}})));
    }
    const auto reason = field(request, "reason").empty() ? request.text : field(request, "reason");
    if (reason.empty()) {
        return refuse(say_at("reason", "reason_missing"));
    }
    auto decision = about(snapshot);
    const auto name = printed_name(snapshot.actor);
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
    const auto spoken = parse_reply(request.text, team_date(snapshot.now, *snapshot.policy));
    if (std::holds_alternative<NotASignOff>(spoken)) {
        return Decision{};
    }
    const auto* verb = find_verb("signoff");
    if (const auto allowed = authorize(*verb, request, snapshot); !allowed) {
        return allowed.error();
    }
    if (const auto* refusal = std::get_if<Refusal>(&spoken)) {
        return *refusal;
    }
    if (std::holds_alternative<SpokenWithdrawal>(spoken)) {
        return withdraw(request, snapshot);
    }
    return take_spoken(std::get<SpokenSignOff>(spoken), request, snapshot);
}

Result<Decision> tick(const Request& request, const Snapshot& snapshot)
{
    const auto name = field(request, "checklist");
    const auto* checklist = checklist_named(name, *snapshot.policy);
    if (checklist == nullptr) {
        return refuse(say("checklist_unknown", {{"checklist", name}}));
    }
    if (is_ended(snapshot.deployment->stage)) {
        return refuse(say("wrong_stage", facts_of(snapshot, {{"wanted", "in progress"}})));
    }
    if (const auto allowed = may_tick(name, snapshot); !allowed) {
        return allowed.error();
    }
    auto decision = about(snapshot);
    const auto wanted = wanted_items(request);
    std::string ticked;
    for (const auto& item : *checklist) {
        const bool now = is_ticked(*snapshot.deployment, name, item.key);
        const bool then = std::find(wanted.begin(), wanted.end(), item.key) != wanted.end();
        if (then && !now) {
            decision.events.emplace_back(ItemTicked{name, item.key, false, ""});
            ticked += (ticked.empty() ? "" : "; ") + item.label;
        }
        else if (now && !then) {
            decision.events.emplace_back(ItemCleared{name, item.key, ""});
        }
    }
    if (decision.events.empty()) {
        return Decision{};
    }
    say_in_thread(
        decision,
        say(ticked.empty() ? "items_cleared" : "items_ticked", facts_of(snapshot, {{"items", ticked}}))
    );
    const auto changed = after(decision, snapshot);
    settle_gate2(decision, changed, snapshot);
    if (name == "rollback_smoke") {
        finish_rollback_if_verified(decision, changed, snapshot);
    }
    return decision;
}

}  // namespace slipway::decisions
