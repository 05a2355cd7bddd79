#include "commands/text/phrases.hpp"

namespace slipway {

std::string mention(const UserId& user)
{
    if (user.empty()) {
        return "nobody";
    }
    return user.str() == "slipway" ? "Slipway"
                                   : "<@" + user.str() + ">";  // timers and signals are its own doing
}

std::string mentions(const std::set<UserId>& people)
{
    std::string text;
    for (const auto& person : people) {
        text += (text.empty() ? "" : ", ") + mention(person);
    }
    return text;
}

}  // namespace slipway
