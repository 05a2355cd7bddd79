#include "commands/reading/sign_off_grammar.hpp"

#include "commands/pipeline/events.hpp"
#include "commands/reading/spoken_date.hpp"
#include "commands/reading/typed_line.hpp"
#include "commands/text/edit_distance.hpp"
#include "commands/text/letters.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace slipway {

namespace {

using Text = std::u32string_view;

/// Nobody signs off in more.
constexpr std::size_t longest_reply = 2'000;

constexpr Text decoration = U" *_~`\"'";

bool is_letter_or_digit(char32_t letter)
{
    return (letter >= U'a' && letter <= U'z') || (letter >= U'A' && letter <= U'Z') ||
           (letter >= U'0' && letter <= U'9') || letter >= 0xC0;
}

std::u32string lower(Text text)
{
    std::u32string low(text);
    std::transform(low.begin(), low.end(), low.begin(), [](char32_t letter) {
        return letter >= U'A' && letter <= U'Z' ? letter + 32 : letter;
    });
    return low;
}

// The form itself.

/// Reads words from the front, whatever their case.
class Reader {
public:
    explicit Reader(Text text) : text_(lower(text)) {}

    bool word(Text expected)
    {
        const bool found = Text(text_).substr(at_).starts_with(expected);
        at_ += found ? expected.size() : 0;
        return found;
    }

    void skip(Text set)
    {
        while (at_ < text_.size() && is_in(text_[at_], set)) {
            ++at_;
        }
    }

    [[nodiscard]] char32_t next() const { return at_ < text_.size() ? text_[at_] : 0; }

    [[nodiscard]] std::size_t at() const { return at_; }

private:
    std::u32string text_;
    std::size_t at_ = 0;
};

constexpr Text colons = U":\uFE55\u2236\uA789";

/// What stood between "Stakeholder sign-off" and the name.
enum class Separator { missing, nothing, dash, colon };

struct Opening {
    Separator separator = Separator::missing;
    std::size_t rest = 0;
};

/// "Stakeholder sign-off:" at the front of `text`; `missing` where it is not.
Opening opening_of(Text text)
{
    Reader reader(text);
    if (!reader.word(U"stakeholder")) {
        return {};
    }
    reader.word(U"s");
    reader.word(U"'s");
    reader.word(U"'");
    reader.skip(U" *_~`\"'-");
    if (!reader.word(U"sign")) {
        return {};
    }
    reader.skip(U" *_~`-");
    if (!reader.word(U"off") || is_letter_or_digit(reader.next())) {
        return {};
    }
    reader.skip(decoration);
    const auto found = is_in(reader.next(), colons) ? Separator::colon
                       : reader.next() == U'-'      ? Separator::dash
                                                    : Separator::nothing;
    if (found == Separator::colon) {
        reader.skip(colons);
    }
    reader.skip(U" *_~`\"'-");
    return {found, reader.at()};
}

std::vector<std::u32string> words_of(Text text)
{
    std::vector<std::u32string> words(1);
    for (const auto letter : lower(text)) {
        if (!is_in(letter, U" -_*~`\".,;!")) {
            words.back() += letter;
        }
        else if (!words.back().empty()) {
            words.emplace_back();
        }
    }
    if (words.back().empty()) {
        words.pop_back();
    }
    return words;
}

/// Whether every word could be one of a name: a capital letter, another script, a mention, a particle.
bool looks_like_name(Text text)
{
    static constexpr std::array<Text, 14> particles{
        U"de",
        U"da",
        U"do",
        U"dos",
        U"del",
        U"van",
        U"von",
        U"der",
        U"den",
        U"la",
        U"le",
        U"bin",
        U"al",
        U"y"};
    const auto lowered = lower(text);
    std::size_t words = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (is_in(text[at], U" ,.;:()[]*_~`\"'@-")) {
            ++at;
            continue;
        }
        const auto end = std::min(text.find_first_of(U" ,;:()[]", at), text.size());
        const bool capital = (text[at] >= U'A' && text[at] <= U'Z') || text[at] >= 0xC0;
        const auto word = Text(lowered).substr(at, end - at);
        const bool particle =
            words > 0 && std::find(particles.begin(), particles.end(), word) != particles.end();
        if (!capital && !particle) {
            return false;
        }
        ++words;
        at = end;
    }
    return words > 0 && words <= 6;
}

/// Words that follow "Stakeholder sign-off:" in talk about it.
bool is_talk(Text rest)
{
    static constexpr std::array<Text, 18> words{
        U"pending",
        U"needed",
        U"required",
        U"missing",
        U"waiting",
        U"awaiting",
        U"not",
        U"tbd",
        U"todo",
        U"none",
        U"still",
        U"please",
        U"declined",
        U"denied",
        U"rejected",
        U"n/a",
        U"no",
        U"yes"};
    const auto said = words_of(rest);
    return !said.empty() && std::find(words.begin(), words.end(), said.front()) != words.end() &&
           (said.size() == 1 || said.front().size() > 3 || said.front() == U"not");
}

/// "[name]", "<date>" and the words of our own hints, copied without filling them in.
bool is_placeholder(Text rest)
{
    static constexpr std::array<Text, 7> forms{
        U"[name", U"<name", U"{name", U"[date", U"<date", U"your name", U"yyyy-mm-dd"};
    const auto low = lower(rest);
    return std::any_of(forms.begin(), forms.end(), [&](Text form) {
        return low.find(form) != std::u32string::npos;
    });
}

/// A full stop ends the sentence, unless it belongs to "Jr." or to an initial.
bool ends_sentence(Text name)
{
    static constexpr std::array<Text, 6> abbreviations{U"jr", U"sr", U"esq", U"ph.d", U"m.d", U"md"};
    const auto word = lower(name.substr(0, name.size() - 1));
    const auto last = Text(word).substr(word.find_last_of(U" ,") + 1);
    return last.size() > 1 &&
           std::find(abbreviations.begin(), abbreviations.end(), last) == abbreviations.end();
}

TypedLine name_in(TypedLine line)
{
    line = line.trimmed(U" ,;:-*_~`\"'@!\n");
    if (!line.plain.empty() && is_in(line.plain.back(), U"([{<")) {  // of the date
        line = line.part(0, line.plain.size() - 1).trimmed(U" ,-");
    }
    const bool in_brackets = line.plain.size() > 2 && line.plain.front() == U'[' && line.plain.back() == U']';
    if (in_brackets) {
        line = line.part(1, line.plain.size() - 1).trimmed(U" ");
    }
    if (line.plain.size() > 1 && line.plain.back() == U'.' && ends_sentence(line.plain)) {
        line = line.part(0, line.plain.size() - 1);
    }
    return line;
}

Sentence form_hint(Date today) { return say("sign_off_form", {{"today", iso(today)}}); }

/// The refusal of a date that does not count; none where it does.
std::optional<Refusal> refusal_of(const SpokenDate& date, Date today)
{
    const boost::json::object facts{{"date", date.typed}, {"today", iso(today)}};
    switch (date.what) {
        case SpokenDate::What::ambiguous:
            return refuse(say("sign_off_date_ambiguous", facts));
        case SpokenDate::What::impossible:
            return refuse(say("sign_off_date_impossible", facts));
        case SpokenDate::What::unclear:
            return refuse(say("sign_off_date_unclear", facts));
        case SpokenDate::What::date:
            if (date.date > today) {
                return refuse(say("sign_off_date_future", {{"date", iso(date.date)}, {"today", iso(today)}}));
            }
            break;
        case SpokenDate::What::none:
            break;
    }
    return std::nullopt;
}

/// What follows "Stakeholder sign-off:".
Spoken read_rest(const TypedLine& rest, Date today)
{
    if (is_placeholder(rest.plain)) {
        return refuse(say("sign_off_placeholder", {{"today", iso(today)}}));
    }
    const auto date = trailing_date(rest.plain, today);
    if (auto refusal = refusal_of(date, today)) {
        return *std::move(refusal);
    }
    if (date.what == SpokenDate::What::none && has_words_after_date(rest.plain, today)) {
        return refuse(say("sign_off_one_line"));
    }
    const auto name = name_in(rest.part(0, date.begins));
    SpokenSignOff spoken{name.text(), {}, date.what == SpokenDate::What::date ? date.date : today};
    if (name.plain.size() == 1 && name.plain.front() == mention_mark) {
        spoken.mention = name.mentions.front();
    }
    return spoken;
}

/// A line that opens with "Stakeholder sign-off". Without a colon it is talk, unless nothing follows; where a
/// name follows, the writer is told of the colon.
Spoken read_opened(const TypedLine& line, const Opening& opening, Date today)
{
    const auto rest = line.part(opening.rest, line.plain.size()).trimmed(decoration);
    if (rest.plain.ends_with(U'?')) {
        return NotASignOff{};
    }
    const auto bare = rest.trimmed(U" .!,");
    if (bare.plain.empty()) {
        return SpokenSignOff{{}, {}, today};
    }
    const auto date = trailing_date(bare.plain, today);
    const auto name = name_in(bare.part(0, date.begins));
    const bool named = looks_like_name(name.plain);
    const bool only_date = name.plain.empty() && date.what == SpokenDate::What::date;
    switch (opening.separator) {
        case Separator::colon:
            return is_talk(rest.plain) ? Spoken{NotASignOff{}} : read_rest(rest, today);
        case Separator::dash:
            return named || only_date || is_placeholder(rest.plain) ? read_rest(rest, today)
                                                                    : Spoken{NotASignOff{}};
        case Separator::nothing:
        case Separator::missing:
            break;
    }
    return named || only_date ? Spoken{refuse(form_hint(today))} : Spoken{NotASignOff{}};
}

// Withdrawals and near misses.

/// "sign off", "signoff" at `at` of `words`: how many words it takes, 0 for none.
std::size_t sign_off_at(const std::vector<std::u32string>& words, std::size_t at)
{
    const auto word = [&](std::size_t i) { return i < words.size() ? Text(words[i]) : Text(); };
    return word(at) == U"signoff" ? 1 : word(at) == U"sign" && word(at + 1) == U"off" ? 2 : 0;
}

/// "Withdraw sign-off", "I withdraw my stakeholder sign-off", "Stakeholder sign-off withdrawn".
bool is_withdrawal(const std::vector<std::u32string>& words)
{
    static constexpr std::array<Text, 8> before{
        U"please", U"i", U"hereby", U"want", U"need", U"have", U"must", U"to"};
    std::size_t at = 0;
    const auto word = [&] { return at < words.size() ? Text(words[at]) : Text(); };
    const auto take = [&](Text expected) {
        const bool found = word() == expected;
        at += found ? 1 : 0;
        return found;
    };
    while (std::find(before.begin(), before.end(), word()) != before.end()) {
        ++at;
    }
    const bool first = take(U"withdraw") || take(U"withdrawing");
    take(U"my") || take(U"the");
    take(U"stakeholder");
    const auto sign_off = sign_off_at(words, at);
    at += sign_off;
    const bool last = !first && (take(U"is"), take(U"withdrawn"));
    take(U"please");
    return sign_off > 0 && (first || last) && at == words.size();
}

/// Whether `words` stand for "stakeholder sign-off" without being it: "signed off", "sign-off", "stakholder
/// sign-off".
bool nearly_opens(const std::vector<std::u32string>& words)
{
    constexpr std::size_t longest_word = 16;
    std::size_t at = 0;
    const auto word = [&](std::size_t i) { return i < words.size() ? Text(words[i]) : Text(); };
    if (word(0) == U"i") {
        at = word(1) == U"have" || word(1) == U"hereby" ? 2 : 1;
    }
    else if (word(0).size() <= longest_word && edit_distance(word(0), Text(U"stakeholder")) <= 2) {
        at = 1;
    }
    const bool signed_off = word(at) == U"signed" && word(at + 1) == U"off";
    const auto length = signed_off ? 2 : sign_off_at(words, at);
    return length > 0 && at + length == words.size();
}

/// A line that does not open with "Stakeholder sign-off".
Spoken read_other(const TypedLine& line, Date today)
{
    if (line.plain.ends_with(U'?')) {
        return NotASignOff{};
    }
    const auto colon = std::min(line.plain.find_first_of(colons), line.plain.size());
    const auto words = words_of(Text(line.plain).substr(0, colon));
    const auto rest = line.part(std::min(colon + 1, line.plain.size()), line.plain.size()).trimmed(U" .!,");
    if (is_withdrawal(words)) {
        return rest.plain.empty() ? Spoken{SpokenWithdrawal{}} : Spoken{refuse(say("withdrawal_form"))};
    }
    if (!nearly_opens(words)) {
        return NotASignOff{};
    }
    const auto name = rest.part(0, trailing_date(rest.plain, today).begins);
    const bool meant = rest.plain.empty() || looks_like_name(name.plain);
    return meant ? Spoken{refuse(form_hint(today))} : Spoken{NotASignOff{}};
}

Spoken read_line(const TypedLine& decorated, Date today)
{
    const auto line = undecorated(decorated);
    const auto opening = opening_of(line.plain);
    auto spoken = is_withdrawal(words_of(line.plain)) || opening.separator == Separator::missing
                      ? read_other(line, today)
                      : read_opened(line, opening, today);
    if (std::holds_alternative<SpokenSignOff>(spoken) && is_struck(decorated)) {
        return refuse(say("sign_off_struck"));
    }
    return spoken;
}

/// A line of a longer message never counts; who wrote it so is told. Quoted lines are somebody else's.
Spoken read_many(const std::vector<TypedLine>& lines, Date today)
{
    for (const auto& line : lines) {
        const bool quoted = line.trimmed(U" ").plain.starts_with(U'>');
        if (!quoted && opening_of(undecorated(line).plain).separator == Separator::colon &&
            !std::holds_alternative<NotASignOff>(read_line(line, today))) {
            return refuse(say("sign_off_one_line"));
        }
    }
    return NotASignOff{};
}

std::string comment(const char* opening_words, const std::string& name, Date date)
{
    std::string line = opening_words;
    for (const auto letter : from_utf8(name)) {
        static constexpr Text interpreted = U"\\`*_{}[]<>()#+!|~";
        if (is_control(letter)) {
            line += ' ';
        }
        else if (is_invisible(letter) && !shapes_neighbours(letter)) {
            continue;  // could show the line in another order than it stands
        }
        else if (is_in(letter, interpreted)) {
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
    const auto whole = from_slack(text);
    const auto lines = lines_of(whole);
    if (lines.empty()) {
        return NotASignOff{};
    }
    auto spoken = lines.size() == 1 ? read_line(lines.front(), today) : read_many(lines, today);
    if (std::holds_alternative<SpokenSignOff>(spoken) && says_no(whole.plain)) {
        return refuse(say("sign_off_with_a_no"));
    }
    return spoken;
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
