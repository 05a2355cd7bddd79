#include "commands/text/outside.hpp"

#include "commands/text/letters.hpp"
#include "commands/text/pattern.hpp"
#include "commands/text/phrases.hpp"

#include <algorithm>

namespace slipway {

namespace {

bool is_plain(char byte) { return (byte >= ' ' && byte <= '~') || byte == '\n' || byte == '\t'; }

/// Colours and moves of the cursor, then texts for the terminal such as its title, then the short ones. What
/// was never ended takes only its beginning along.
const Pattern& control_sequence()
{
    static const Pattern form(R"((?:\x1B\[|\xC2\x9B)[0-?]*+[ -/]*+[@-~]|)"
                              R"(\x1B[\]PX^_][^\x07\x1B]{0,4000}+(?:\x07|\x1B\\)|)"
                              R"(\x1B[ -/]*+[0-~])");
    return form;
}

}  // namespace

std::string from_outside(const std::string& bytes)
{
    if (std::all_of(bytes.begin(), bytes.end(), is_plain)) {
        return bytes;
    }
    const auto letters = from_utf8(control_sequence().replaced(bytes, ""));
    std::u32string kept;
    for (std::size_t at = 0; at < letters.size(); ++at) {
        const auto letter = letters[at];
        const bool ends_with_next = letter == U'\r' && at + 1 < letters.size() && letters[at + 1] == U'\n';
        if (!is_control(letter) || letter == U'\t') {
            kept += letter;
        }
        else if (!ends_with_next && (letter == U'\r' || plain_letter(letter) == U'\n')) {
            kept += U'\n';
        }
    }
    return to_utf8(kept);
}

std::string line_from_outside(const std::string& bytes, std::size_t most)
{
    auto line = from_outside(bytes);
    std::replace_if(
        line.begin(), line.end(), [](char byte) { return byte == '\n' || byte == '\t'; }, ' '
    );
    return shortened(line, most);
}

}  // namespace slipway
