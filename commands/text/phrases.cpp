#include "commands/text/phrases.hpp"

#include "commands/text/letters.hpp"

#include <string_view>

namespace slipway {

namespace {

/// Whether a cut before `end`, which is not 0, would break `<…>` or `&…;`. A sign that people typed ("a < b")
/// opens nothing.
bool breaks_markup(const std::u32string& text, std::size_t end)
{
    const auto begins_at = [&](std::size_t at, std::u32string_view with) {
        return std::u32string_view(text).substr(at).starts_with(with);
    };
    const auto at = end - 1;
    const auto open = text.rfind(U'<', at);
    const auto close = text.rfind(U'>', at);
    const bool in_brackets = open != std::u32string::npos &&
                             (close == std::u32string::npos || close < open) &&
                             (begins_at(open, U"<@") || begins_at(open, U"<!") || begins_at(open, U"<http"));
    const auto entity = text.rfind(U'&', at);
    const auto semicolon = text.rfind(U';', at);
    const bool in_entity = entity != std::u32string::npos && at - entity < 6 &&
                           (semicolon == std::u32string::npos || semicolon < entity);
    return in_brackets || in_entity;
}

}  // namespace

std::string mention(const UserId& user)
{
    if (user.empty()) {
        return "nobody";
    }
    return user.str() == "slipway" ? "Slipway"
                                   : "<@" + user.str() + ">";  // timers and signals are its own doing
}

std::string joined(const std::vector<std::string>& items)
{
    return joined(items, [](const std::string& item) { return item; });
}

std::string mentions(const std::set<UserId>& people) { return joined(people, mention); }

std::string shortened(const std::string& text, std::size_t limit)
{
    const auto letters = from_utf8(text);
    if (letters.size() <= limit) {
        return text;
    }
    auto end = last_boundary(letters, limit - 1);
    while (end > 0 && breaks_markup(letters, end)) {
        --end;
    }
    return to_utf8(letters.substr(0, end)) + "\xE2\x80\xA6";
}

}  // namespace slipway
