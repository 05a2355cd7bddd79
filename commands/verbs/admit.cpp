// Whether a verb may be said, whether its form is to be shown, and the one door to all decisions.
#include "commands/pipeline/checklists.hpp"
#include "commands/verbs/authority.hpp"
#include "commands/verbs/shared.hpp"
#include "commands/verbs/table.hpp"

#include <algorithm>

namespace slipway {

namespace {

/// Whether the button or form was shown for another revision.
bool is_stale(const Verb& verb, const Request& request, const Snapshot& snapshot)
{
    return snapshot.deployment && request.expected_revision && !verb.never_stale &&
           *request.expected_revision != snapshot.deployment->revision;
}

/// Whether what was typed after the verb leaves its form nothing to ask.
bool is_answered_by_words(const Verb& verb, const Request& request)
{
    switch (verb.typed) {
        case Typed::answers_with_words:
            return !request.text.empty();
        case Typed::begins_the_form:
            return false;
        case Typed::answers:
            return request.source == Source::slash;
    }
    return false;
}

}  // namespace

bool wants_modal(const Request& request)
{
    const auto* verb = find_verb(request.verb);
    const bool can_be_asked =
        request.source == Source::slash || request.source == Source::button || request.source == Source::home;
    if (verb == nullptr || verb->form.fields.empty() || !can_be_asked) {
        return false;
    }
    const auto is_given = [&](std::string_view key) { return request.fields.contains(key); };
    if (!verb->asked_if.empty() && !(is_given(verb->asked_if) && request.deployment)) {
        return false;
    }
    return !is_answered_by_words(*verb, request) &&
           std::none_of(verb->asked_unless.begin(), verb->asked_unless.end(), is_given);
}

Result<void> admit(const Request& request, const Snapshot& snapshot)
{
    const auto* verb = find_verb(request.verb);
    if (verb == nullptr) {
        return refuse(say("verb_unknown", {{"word", request.verb}, {"nearest", nearest_verb(request.verb)}}));
    }
    // Ordinary talk in a thread is nobody's business; `reply` asks for authority once it knows that a
    // sign-off was meant.
    const bool overheard = verb->offered == Offered::in_threads;
    if (const auto actor = authorize_actor(*verb, request, snapshot); !overheard && !actor) {
        return actor.error();
    }
    if (verb->needs_deployment && !request.deployment) {
        return refuse(say("deployment_missing", {{"usage", std::string(verb->usage)}}));
    }
    if (request.deployment && !snapshot.deployment) {
        return refuse(say("deployment_unknown", {{"deployment", to_string(*request.deployment)}}));
    }
    if (const auto allowed = authorize(*verb, request, snapshot); !overheard && !allowed) {
        return allowed.error();
    }
    if (is_stale(*verb, request, snapshot)) {
        return refuse(say("stale_revision", {{"deployment", to_string(snapshot.deployment->id)}}));
    }
    if (snapshot.deployment) {
        if (const auto stage = decisions::in_stage(snapshot, verb->stages); !stage) {
            return stage.error();
        }
    }
    return {};
}

Result<void> admit_form(const Request& request, const Snapshot& snapshot)
{
    if (const auto admitted = admit(request, snapshot); !admitted) {
        return admitted.error();
    }
    const auto& fields = find_verb(request.verb)->form.fields;
    const bool ticks = std::any_of(fields.begin(), fields.end(), [](const FormField& each) {
        return each.kind == FormField::Kind::ticks;
    });
    if (ticks && offered_items(field(request, "checklist"), *snapshot.deployment, *snapshot.policy).empty()) {
        return decide(request, snapshot).error();
    }
    return {};
}

/// The service that `event` freezes, thaws, locks or unlocks; empty for all, none where it does no such
/// thing.
static std::optional<std::string> held_or_freed(const Event& event)
{
    if (const auto* begun = std::get_if<FreezeBegun>(&event)) {
        return begun->service;
    }
    if (const auto* ended = std::get_if<FreezeEnded>(&event)) {
        return ended->service;
    }
    if (const auto* locked = std::get_if<ServiceLocked>(&event)) {
        return locked->service;
    }
    if (const auto* unlocked = std::get_if<ServiceUnlocked>(&event)) {
        return unlocked->service;
    }
    return std::nullopt;
}

Result<Decision> decide(const Request& request, const Snapshot& snapshot)
{
    if (const auto admitted = admit(request, snapshot); !admitted) {
        return admitted.error();
    }
    auto result = find_verb(request.verb)->decide(request, snapshot);
    if (result) {
        for (const auto& event : result->team_events) {
            if (const auto service = held_or_freed(event)) {
                decisions::redraw_waiting(*result, *service, snapshot);
            }
        }
    }
    return result;
}

}  // namespace slipway
