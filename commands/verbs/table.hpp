#pragma once

#include "commands/pipeline/verb.hpp"

#include <span>
#include <string>
#include <string_view>

namespace slipway {

/// All verbs, in the order help shows them.
[[nodiscard]] std::span<const Verb> verbs();

/// The verb called `name` or by one of its other spellings ("sign-off", "exception"), or null.
[[nodiscard]] const Verb* find_verb(std::string_view name);

/// Whether `request` is to be answered with the verb's form because it came without what the verb needs: a
/// press or a command can still be asked for it; replies, timers and submitted forms cannot.
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
[[nodiscard]] Result<void> admit(const Request& request, const Snapshot& snapshot);

/// The same for its form: refused as well where it has nothing to ask.
[[nodiscard]] Result<void> admit_form(const Request& request, const Snapshot& snapshot);

/// The one door: `admit`, then the verb decides.
[[nodiscard]] Result<Decision> decide(const Request& request, const Snapshot& snapshot);

}  // namespace slipway
