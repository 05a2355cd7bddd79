#include "commands/pipeline/sign_off_grammar.hpp"

#include "commands/pipeline/events.hpp"
#include "commands/pipeline/unicode.hpp"

#include <date/date.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <regex>
#include <vector>

namespace slipway {

namespace {

/// Nobody signs off in more; std::regex recurses per character.
constexpr std::size_t longest_reply = 2'000;

std::string trimmed(const std::string& text, const std::string& around = " \n")
{
    const auto first = text.find_first_not_of(around);
    const auto last = text.find_last_not_of(around);
    return first == std::string::npos ? std::string{} : text.substr(first, last - first + 1);
}

/// The reply on one line without Markdown decoration around it: `> *Stakeholder sign-off: Jane*` -> its
/// words. Only the decoration that Slack draws is taken off; brackets of mentions stay.
std::string undecorated(const std::string& text)
{
    auto line = trimmed(to_utf8(plain_letters(text)));
    for (;;) {
        std::string shorter = trimmed(line, " \n*_~`\"'");
        if (shorter.starts_with("&gt;")) {
            shorter.erase(0, 4);
        }
        else if (shorter.starts_with(">")) {
            shorter.erase(0, 1);
        }
        else if (shorter.starts_with("- ") || shorter.starts_with("\xE2\x80\xA2 ")) {
            shorter.erase(0, shorter.find(' '));
        }
        if (shorter == line) {
            return line;
        }
        line = shorter;
    }
}

/// Slack escapes these three in message text.
std::string unescaped(std::string text)
{
    for (const auto& [entity, letter] :
         std::array<std::pair<const char*, const char*>, 3>{{{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}}) {
        for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1)) {
            text.replace(at, std::string(entity).size(), letter);
        }
    }
    return text;
}

const std::regex& opening()
{
    static const std::regex form(
        R"(stakeholders?[ *_~`]*sign[ -]*off[ *_~`]*(?:(:|-)[ *_~`"']*)?)",
        std::regex::icase | std::regex::optimize
    );
    return form;
}

const std::regex& withdrawing()
{
    static const std::regex form(
        R"((?:i )?withdraw(?: my| the)?(?: stakeholder)? sign[ -]*off[.!]?)",
        std::regex::icase | std::regex::optimize
    );
    return form;
}

int month_number(const std::string& word)
{
    static constexpr std::array names{
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december"};
    const auto folded = to_utf8(folded_letters(from_utf8(word)));
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string name = names.at(i);
        const auto is_short = folded == name.substr(0, 3) || (name == "september" && folded == "sept");
        if (folded == name || is_short) {
            return static_cast<int>(i) + 1;
        }
    }
    return 0;
}

/// What stands at the end of the text after the name, if it is a date at all.
struct FoundDate {
    enum class What { none, date, ambiguous, impossible };
    What what = What::none;
    Date date{};
    std::string typed{};
    std::string rest;  ///< what stands before it
};

FoundDate found(const std::smatch& match, const std::string& text, int year, int month, int day)
{
    const Date date = date::year{year} / month / day;
    const auto what = month > 0 && date.ok() ? FoundDate::What::date : FoundDate::What::impossible;
    return {what, date, trimmed(match[1]), text.substr(0, static_cast<std::size_t>(match.position(0)))};
}

/// Reads a trailing date. A separator (comma, dash, "on", bracket or white space) stands before it unless it
/// is all there is.
FoundDate trailing_date(const std::string& text, Date today)
{
    static const auto flags = std::regex::icase | std::regex::optimize;
    static const std::string before = R"((?:^|[ ,(-]|\bon )\s*()";
    static const std::string after = R"()[ .)*_~`"']*$)";
    static const std::regex iso(before + R"(([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2}))" + after, flags);
    static const std::regex month_first(
        before + R"(([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4}))" + after, flags
    );
    static const std::regex day_first(
        before + R"(([0-9]{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?,?[ -]([0-9]{4}))" + after, flags
    );
    static const std::regex word(before + "today" + after, flags);
    static const std::regex ambiguous(
        before + R"([0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}|[0-9]{2}[/.-][0-9]{1,2}[/.-][0-9]{1,2})" + after,
        flags
    );
    std::smatch match;
    if (std::regex_search(text, match, iso)) {
        return found(match, text, std::stoi(match[2]), std::stoi(match[3]), std::stoi(match[4]));
    }
    if (std::regex_search(text, match, month_first) && month_number(match[2]) > 0) {
        return found(match, text, std::stoi(match[4]), month_number(match[2]), std::stoi(match[3]));
    }
    if (std::regex_search(text, match, day_first) && month_number(match[3]) > 0) {
        return found(match, text, std::stoi(match[4]), month_number(match[3]), std::stoi(match[2]));
    }
    if (std::regex_search(text, match, word)) {
        return {
            FoundDate::What::date,
            today,
            "today",
            text.substr(0, static_cast<std::size_t>(match.position(0)))};
    }
    if (std::regex_search(text, match, ambiguous)) {
        const auto at = static_cast<std::size_t>(match.position(0));
        return {FoundDate::What::ambiguous, {}, trimmed(match[1]), text.substr(0, at)};
    }
    return {FoundDate::What::none, today, "", text};
}

/// "[name]" and "<name>" left unfilled, copied from the document.
bool is_placeholder(const std::string& name)
{
    static const std::regex form(R"([\[<(]\s*(?:your )?name\s*[\])>].*)", std::regex::icase);
    return std::regex_match(name, form);
}

std::optional<UserId> mention_in(const std::string& name)
{
    static const std::regex form(R"(<@([UW][A-Z0-9]+)(?:\|[^>]*)?>)");
    std::smatch match;
    return std::regex_match(name, match, form) ? std::optional(UserId(match[1])) : std::nullopt;
}

std::vector<std::u32string> words_of(const std::u32string& text)
{
    std::vector<std::u32string> words(1);
    for (const auto letter : text) {
        if (letter == U' ' || letter == U'.' || letter == U',' || letter == U'-' || letter == U'\'' ||
            letter == U'"') {
            if (!words.back().empty()) {
                words.emplace_back();
            }
        }
        else {
            words.back() += letter;
        }
    }
    if (words.back().empty()) {
        words.pop_back();
    }
    return words;
}

/// "Doe, Jane" -> "Jane Doe"; "Jane (she/her)" -> "Jane".
std::u32string in_speaking_order(const std::string& name)
{
    auto letters = plain_letters(name);
    if (const auto bracket = letters.find(U'('); bracket != std::u32string::npos && bracket > 0) {
        letters.erase(bracket);
    }
    const auto comma = letters.find(U',');
    if (comma != std::u32string::npos && words_of(letters.substr(comma + 1)).size() >= 1) {
        static const std::array<std::u32string, 6> suffixes{U"jr", U"sr", U"ii", U"iii", U"iv", U"phd"};
        const auto after = words_of(folded_letters(letters.substr(comma + 1)));
        if (std::find(suffixes.begin(), suffixes.end(), after.front()) == suffixes.end()) {
            letters = letters.substr(comma + 1) + U" " + letters.substr(0, comma);
        }
    }
    return folded_letters(letters);
}

/// First and last word agree, and the words of the shorter one stand in the longer one in order.
bool same_name(const std::vector<std::u32string>& typed, const std::vector<std::u32string>& own)
{
    if (typed.empty() || own.empty()) {
        return false;
    }
    if (typed == own) {
        return true;
    }
    if (typed.size() < 2 || own.size() < 2 || typed.front() != own.front() || typed.back() != own.back()) {
        return false;
    }
    const auto& longer = typed.size() > own.size() ? typed : own;
    const auto& shorter = typed.size() > own.size() ? own : typed;
    std::size_t next = 0;
    for (const auto& word : longer) {
        const bool initial =
            next < shorter.size() && shorter[next].size() == 1 && word.front() == shorter[next].front();
        if (next < shorter.size() && (word == shorter[next] || initial)) {
            ++next;
        }
    }
    return next == shorter.size();
}

std::string comment(const char* opening_words, const std::string& name, Date date)
{
    std::string line = opening_words;
    for (const auto letter : from_utf8(name)) {
        static const std::u32string interpreted = U"\\`*_{}[]<>()#+!|~";
        if (letter < 0x20 || (letter >= 0x7F && letter < 0xA0) || letter == 0x2028 || letter == 0x2029) {
            line += ' ';
        }
        else if (interpreted.find(letter) != std::u32string::npos) {
            line += '\\' + to_utf8({letter});
        }
        else {
            line += to_utf8({letter});
        }
    }
    return line + ", " + iso(date);
}

}  // namespace

Spoken parse_reply(const std::string& text, Date today)
{
    if (text.size() > longest_reply) {
        return NotASignOff{};
    }
    const auto line = undecorated(text);
    if (std::regex_match(line, withdrawing())) {
        return SpokenWithdrawal{};
    }
    std::smatch match;
    if (!std::regex_search(line, match, opening(), std::regex_constants::match_continuous)) {
        return NotASignOff{};
    }
    const bool colon = match[1].matched;
    auto rest = trimmed(unescaped(match.suffix()), " *_~`\"'");
    if (!rest.empty() && !colon) {
        return NotASignOff{};  // "stakeholder sign-off is still missing"
    }
    if (rest.find('\n') != std::string::npos) {
        return refuse(say("sign_off_one_line"));
    }
    const auto date = trailing_date(rest, today);
    if (date.what == FoundDate::What::ambiguous) {
        return refuse(say("sign_off_date_ambiguous", {{"date", date.typed}, {"today", iso(today)}}));
    }
    if (date.what == FoundDate::What::impossible) {
        return refuse(say("sign_off_date_impossible", {{"date", date.typed}, {"today", iso(today)}}));
    }
    if (date.date > today) {
        return refuse(say("sign_off_date_future", {{"date", iso(date.date)}, {"today", iso(today)}}));
    }
    SpokenSignOff spoken{trimmed(date.rest, " ,-*_~`\"'"), {}, date.date};
    if (is_placeholder(spoken.name)) {
        return refuse(say("sign_off_placeholder", {{"today", iso(today)}}));
    }
    if (const auto mention = mention_in(spoken.name)) {
        spoken.mention = *mention;
    }
    return spoken;
}

bool is_own_name(const std::string& typed, const Person& person)
{
    const auto words = words_of(in_speaking_order(typed));
    return same_name(words, words_of(in_speaking_order(person.real_name))) ||
           same_name(words, words_of(in_speaking_order(person.display_name)));
}

std::string sign_off_comment(const std::string& name, Date date)
{
    return comment("Stakeholder sign-off: ", name, date);
}

std::string withdrawal_comment(const std::string& name, Date date)
{
    return comment("Stakeholder sign-off withdrawn: ", name, date);
}

}  // namespace slipway
