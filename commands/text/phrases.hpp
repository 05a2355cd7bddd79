#pragma once

#include "commands/text/types.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace slipway {

/// "<@U1>", as Slack writes a mention; "nobody" without an id, "Slipway" for the bot itself.
[[nodiscard]] std::string mention(const UserId& user);

/// "a, b, c": what `text_of` says of each item; where it says nothing, the item is left out.
template <class Items, class TextOf>
[[nodiscard]] std::string joined(const Items& items, TextOf text_of)
{
    std::string all;
    for (const auto& item : items) {
        const std::string text = text_of(item);
        all += (all.empty() || text.empty() ? "" : ", ") + text;
    }
    return all;
}

[[nodiscard]] std::string joined(const std::vector<std::string>& items);

/// "<@U1>, <@U2>"; empty for none.
[[nodiscard]] std::string mentions(const std::set<UserId>& people);

/// At most `limit` code points, with "…" where something was cut: whole letters with their marks, whole
/// emoji, nothing of a `<…>` or an entity of Slack's.
[[nodiscard]] std::string shortened(const std::string& text, std::size_t limit);

}  // namespace slipway
