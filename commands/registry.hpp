#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/decision.hpp"

namespace slipway {

/// Where a verb may be said.
enum class Offered {
    to_people,  ///< slash command, button, modal, reply
    to_bot,     ///< timers and signals only
};

/// One row of the table of verbs.
struct Verb {
    std::string_view name;
    std::string_view usage;    ///< "signoff D-n [note]"
    std::string_view summary;  ///< one line for help
    std::string_view example;
    bool needs_deployment;     ///< refused with a sentence when none is named or it does not exist
    std::string_view modal;    ///< the modal opened when the verb is said without its arguments, empty for none
    Offered offered;
    Result<Decision> (*decide)(const Request&, const Snapshot&);
};

/// All verbs, in the order help shows them.
[[nodiscard]] std::span<const Verb> verbs();

/// The verb called `name`, or null.
[[nodiscard]] const Verb* find_verb(std::string_view name);

/// The verb nearest to a mistyped `word`, empty when none is near: for "did you mean".
[[nodiscard]] std::string nearest_verb(std::string_view word);

/// Slash text -> request: verb, `D-n`, rest. Tolerates what people paste: NBSP and zero-width spaces, smart quotes and
/// dashes in option syntax, `d12`, `D 12`; free text keeps its bytes. Empty text is the verb "overview".
/// For `/rollback` pass `verb` = "rollback".
/// Errors: unknown verb, with the nearest one.
[[nodiscard]] Result<Request> parse_slash(std::string_view text, std::string_view verb = {});

/// The one door: checks that the actor counts and the deployment exists, then lets the verb decide.
[[nodiscard]] Result<Decision> decide(const Request& request, const Snapshot& snapshot);

}  // namespace slipway
