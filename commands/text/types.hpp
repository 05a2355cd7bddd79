#pragma once

#include "commands/text/sentence.hpp"

#include <boost/system/result.hpp>

#include <date/date.h>

#include <chrono>
#include <compare>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace slipway {

template <class Kind, class Variant>
inline constexpr bool is_one_of = false;

template <class Kind, class... Kinds>
inline constexpr bool is_one_of<Kind, std::variant<Kinds...>> = (std::is_same_v<Kind, Kinds> || ...);

/// A type that `Variant` can hold.
template <class Kind, class Variant>
concept OneOf = is_one_of<Kind, Variant>;

/// A name given by somebody else (Slack, Linear). `Tag` keeps a channel from passing for a user.
template <class Tag>
class Id {
public:
    Id() = default;

    explicit Id(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] const std::string& str() const { return text_; }

    [[nodiscard]] bool empty() const { return text_.empty(); }

    auto operator<=>(const Id&) const = default;

private:
    std::string text_;
};

using UserId = Id<struct UserTag>;
using ChannelId = Id<struct ChannelTag>;
using TeamId = Id<struct TeamTag>;

/// A point in time, UTC, to the millisecond: what the ledger stores.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// A calendar day in the team's time zone, where no clock time is meant (`Stakeholder sign-off: name, DATE`).
using Date = date::year_month_day;

/// `D-12`: the number people type. Numbers start at 1 and are never used again.
struct DeploymentId {
    int number = 0;

    auto operator<=>(const DeploymentId&) const = default;
};

/// "D-12".
[[nodiscard]] std::string to_string(DeploymentId id);

/// A button under a message, on a card or in App Home: pressing it is saying `verb` with `fields`.
struct Button {
    std::string verb;
    std::string label{};  ///< empty: the verb's own
    std::string style{};  ///< "primary", "danger" or empty: the verb's own
    boost::json::object fields{};
    std::string suffix{};  ///< tells two buttons of one verb apart

    bool operator==(const Button&) const = default;
};

/// Why a person's wish was not carried out: every unmet rule at once, each with the fix in it.
struct Refusal {
    std::vector<Sentence> sentences;
    std::vector<Button> buttons{};  ///< what would fix it with one press
};

template <class T>
using Result = boost::system::result<T, Refusal>;

/// A refusal of one sentence.
[[nodiscard]] inline Refusal refuse(Sentence sentence) { return Refusal{{std::move(sentence)}}; }

}  // namespace slipway
