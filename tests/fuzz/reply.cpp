// A reply in a thread, whatever it holds: it is read, and only a sane date comes out.
#include "commands/reading/sign_off_grammar.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const slipway::Date today{date::year{2026}, date::month{11}, date::day{24}};
    const std::string text(data, data + size);
    const auto spoken = slipway::parse_reply(text, today);
    const auto* given = std::get_if<slipway::SpokenSignOff>(&spoken);
    if (given != nullptr && (!given->date.ok() || given->date > today)) {
        std::abort();
    }
    slipway::Person person;
    person.real_name = text;
    (void)slipway::is_own_name(text, person);
    if (slipway::sign_off_comment(text, today).find('\n') != std::string::npos) {
        std::abort();
    }
    return 0;
}
