#pragma once

#include "commands/pipeline/people.hpp"
#include "commands/text/types.hpp"

#include <optional>
#include <string>
#include <variant>

namespace slipway {

/// A reply that says "Stakeholder sign-off: [name], [date]" (pipeline document, Stage 2; design 4.5).
struct SpokenSignOff {
    std::string name;  ///< as typed; empty for "Stakeholder sign-off" alone, which means the writer
    UserId mention;    ///< where the name was a mention
    Date date{};
};

/// "Withdraw sign-off".
struct SpokenWithdrawal {};

/// Ordinary talk: the bot stays silent.
struct NotASignOff {};

/// It was meant as one but cannot count: the sentence says why and what would.
using Spoken = std::variant<NotASignOff, SpokenSignOff, SpokenWithdrawal, Refusal>;

/// Reads one reply. `today` is the date in team time: a missing date; later ones are refused.
///
/// Tolerated: case, Markdown decoration, quotes, "sign off"/"signoff", any dash, white space of any kind.
/// Dates: ISO, `Nov 24, 2026`, `24 Nov 2026`, `today`; `11/12/2026` is refused as ambiguous. Names may hold
/// commas, accents and any script. A line of a longer message counts only if it is the whole message apart
/// from blank lines; beside an emoji that says no (a cross, thumbs down) none counts.
[[nodiscard]] Spoken parse_reply(const std::string& text, Date today);

/// Whether `typed` is `person`'s own name: real or display name, case, accents and middle names aside.
[[nodiscard]] bool is_own_name(const std::string& typed, const Person& person);

/// "Stakeholder sign-off: Jane Doe, 2026-11-24": the comment's exact body (design 4.6), one line. The name's
/// Markdown characters are escaped, control characters become spaces.
[[nodiscard]] std::string sign_off_comment(const std::string& name, Date date);
[[nodiscard]] std::string withdrawal_comment(const std::string& name, Date date);

}  // namespace slipway
