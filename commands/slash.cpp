// parse_slash of the registry: what people type after a slash command.
#include "commands/pipeline/unicode.hpp"
#include "commands/registry.hpp"

#include <algorithm>
#include <array>
#include <regex>

namespace slipway {

namespace {

/// What parts words, beside ASCII: the spaces that web pages and phones put where a space was meant.
constexpr std::array<std::string_view, 17> spaces{
    " ",
    "\t",
    "\n",
    "\r",
    "\xC2\xA0",
    "\xE2\x80\x80",
    "\xE2\x80\x82",
    "\xE2\x80\x83",
    "\xE2\x80\x84",
    "\xE2\x80\x85",
    "\xE2\x80\x86",
    "\xE2\x80\x87",
    "\xE2\x80\x88",
    "\xE2\x80\x89",
    "\xE2\x80\xAF",
    "\xE2\x81\x9F",
    "\xE3\x80\x80",
};

/// Of no width: they stand before a word when it was pasted.
constexpr std::array<std::string_view, 6> invisibles{
    "\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x80\x8E", "\xE2\x81\xA0", "\xEF\xBB\xBF"};

template <std::size_t count>
std::size_t length_at(std::string_view text, const std::array<std::string_view, count>& any_of)
{
    for (const auto each : any_of) {
        if (text.starts_with(each)) {
            return each.size();
        }
    }
    return 0;
}

std::string_view without_blanks_before(std::string_view text)
{
    for (;;) {
        const auto blank = std::max(length_at(text, spaces), length_at(text, invisibles));
        if (blank == 0) {
            return text;
        }
        text.remove_prefix(blank);
    }
}

/// Takes the first word off `text`, which then begins with the next one.
std::string_view take_word(std::string_view& text)
{
    text = without_blanks_before(text);
    std::size_t end = 0;
    while (end < text.size() && length_at(text.substr(end), spaces) == 0) {
        ++end;
    }
    const auto word = text.substr(0, end);
    text = without_blanks_before(text.substr(end));
    return word;
}

/// A word of the option syntax: lower case, plain dashes and digits, nothing invisible.
std::string plain_word(std::string_view word)
{
    constexpr std::size_t longest = 64;
    auto letters = plain_letters(std::string(word.substr(0, longest)));
    for (auto& letter : letters) {
        if (letter >= 0xFF10 && letter <= 0xFF19) {
            letter = letter - 0xFF10 + U'0';
        }
        if (letter >= U'A' && letter <= U'Z') {
            letter = letter - U'A' + U'a';
        }
    }
    return to_utf8(letters);
}

/// "D-12", "d12", "#12", "12", "D 12", with a colon or comma after it; taken off `rest` where it stands
/// there.
std::optional<DeploymentId> take_deployment(std::string_view& rest, bool is_needed)
{
    static const std::regex form(R"((d-?|#)?([0-9]{1,9})[:,.]?)");
    auto after = rest;
    auto word = plain_word(take_word(after));
    if (word == "d" || word == "d-") {
        word += plain_word(take_word(after));
    }
    std::smatch match;
    if (!std::regex_match(word, match, form)) {
        return std::nullopt;
    }
    // Never guess: "rollback 5 errors a minute" names no deployment.
    if (!match[1].matched && !is_needed && !after.empty()) {
        return std::nullopt;
    }
    rest = after;
    return DeploymentId{std::stoi(match[2])};
}

/// `oncall swap …` and the like are verbs of their own.
void take_second_word(Request& request, std::string_view& rest)
{
    struct Pair {
        std::string_view first, second, verb;
    };

    constexpr std::array pairs{
        Pair{"oncall", "swap", "swap"},
        Pair{"oncall", "confirm", "confirm"},
        Pair{"runbook", "reviewed", "runbook_reviewed"},
    };
    auto after = rest;
    const auto second = plain_word(take_word(after));
    for (const auto& pair : pairs) {
        if (request.verb == pair.first && second == pair.second) {
            request.verb = pair.verb;
            rest = after;
        }
    }
}

/// `tick D-12 smoke login`: as the buttons say it.
void take_item(Request& request, std::string_view rest)
{
    if (const auto list = plain_word(take_word(rest)); !list.empty()) {
        request.fields["checklist"] = list;
    }
    if (const auto item = plain_word(take_word(rest)); !item.empty()) {
        request.fields["item"] = item;
    }
}

}  // namespace

Result<Request> parse_slash(std::string_view text, std::string_view verb)
{
    auto rest = without_blanks_before(text);
    Request request;
    request.verb = verb.empty() ? plain_word(take_word(rest)) : std::string(verb);
    if (request.verb.empty()) {
        request.verb = "overview";
    }
    const auto* known = find_verb(request.verb);
    if (known == nullptr || known->offered == Offered::to_bot || known->name == "reply") {
        return refuse(say("verb_unknown", {{"word", request.verb}, {"nearest", nearest_verb(request.verb)}}));
    }
    request.verb = known->name;
    take_second_word(request, rest);
    known = find_verb(request.verb);
    if (known->needs_deployment || known->usage.find("D-n") != std::string_view::npos) {
        request.deployment = take_deployment(rest, known->needs_deployment);
    }
    if (known->name == "tick" || known->name == "untick") {
        take_item(request, rest);
        return request;
    }
    const auto end = rest.find_last_not_of(" \t\n\r");
    request.text = std::string(rest.substr(0, end == std::string_view::npos ? 0 : end + 1));
    return request;
}

}  // namespace slipway
