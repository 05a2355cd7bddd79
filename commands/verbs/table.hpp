#pragma once

#include "commands/pipeline/decision.hpp"
#include "commands/pipeline/request.hpp"

#include <span>
#include <string>
#include <string_view>

namespace slipway {

/// Where a verb may be said.
enum class Offered {
    to_people,  ///< slash command, button, modal, reply
    to_bot,     ///< timers and signals only
};

/// For verbs that ask nothing of the stage, or whose decision explains it better than "wrong stage".
constexpr StageSet any_stage{~0U};

/// One row of the table of verbs.
struct Verb {
    std::string_view name;
    std::string_view usage = {};    ///< "signoff D-n [note]"
    std::string_view summary = {};  ///< one line for help
    std::string_view example = {};
    bool needs_deployment = false;  ///< refused with a sentence when none is named or it does not exist
    std::string_view modal = {};    ///< opened when the verb is said without its arguments, empty for none
    Offered offered = Offered::to_people;
    Result<Decision> (*decide)(const Request&, const Snapshot&) = nullptr;
    StageSet stages = any_stage;  ///< where it may be said of a deployment; refused elsewhere with a sentence
};

/// All verbs, in the order help shows them.
[[nodiscard]] std::span<const Verb> verbs();

/// The verb called `name` or by one of its other spellings ("sign-off", "exception"), or null.
[[nodiscard]] const Verb* find_verb(std::string_view name);

/// Whether `request` is to be answered with the verb's modal because it came without what the verb needs: a
/// press or a command can still be asked for it; replies, timers and submitted modals cannot.
[[nodiscard]] bool wants_modal(const Request& request);

/// The verb nearest to a mistyped `word`, empty when none is near: for "did you mean".
[[nodiscard]] std::string nearest_verb(std::string_view word);

/// Slash text -> request: verb, `D-n`, rest. Tolerates what people paste: NBSP and zero-width spaces, smart
/// quotes and dashes in option syntax, full-width digits, `d12`, `D 12`; free text keeps its bytes. Empty
/// text is the verb "overview". For `/rollback` pass `verb` = "rollback". Where the deployment is optional, a
/// bare number followed by more words is text: `/rollback 5 errors a minute` names no deployment. Errors:
/// unknown verb, with the nearest one.
[[nodiscard]] Result<Request> parse_slash(std::string_view text, std::string_view verb = {});

/// Whether the verb may be said at all, checked in this order: the actor counts, the deployment exists, the
/// actor may (authority.hpp), the button or modal is not stale, the deployment is in a stage of the verb.
/// Asked alone before a form is shown.
[[nodiscard]] Result<void> admit(const Request& request, const Snapshot& snapshot);

/// The one door: `admit`, then the verb decides.
[[nodiscard]] Result<Decision> decide(const Request& request, const Snapshot& snapshot);

}  // namespace slipway
