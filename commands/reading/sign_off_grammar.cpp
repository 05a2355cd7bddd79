#include "commands/reading/sign_off_grammar.hpp"

#include "commands/pipeline/events.hpp"
#include "commands/reading/spoken_date.hpp"
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

/// Stands for a mention while we read; nobody can type it (private use, replaced when it comes in).
constexpr char32_t mention_mark = 0xF8FF;

constexpr Text decoration = U" *_~`\"'";

/// A line twice, letter by letter: as we read it, and as it was typed.
struct Line {
    std::u32string plain, typed;
    std::vector<UserId> mentions;  ///< one per mention_mark

    void add(char32_t letter)
    {
        if (const auto seen = plain_letter(letter); seen != 0) {
            plain += seen;
            typed += seen == U' ' || seen == U'\n' ? seen : letter;
        }
    }

    [[nodiscard]] Line part(std::size_t from, std::size_t to) const
    {
        const auto before =
            std::count(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(from), mention_mark);
        Line line{plain.substr(from, to - from), typed.substr(from, to - from), {}};
        line.mentions.assign(mentions.begin() + before, mentions.end());
        return line;
    }

    [[nodiscard]] Line trimmed(Text around) const
    {
        const auto first = plain.find_first_not_of(around);
        const auto last = plain.find_last_not_of(around);
        return first == std::u32string::npos ? Line{} : part(first, last + 1);
    }
};

bool is_in(char32_t letter, Text set) { return set.find(letter) != Text::npos; }

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

// Slack's markup.

/// `&lt;` at `at`: the letter, and how long it stood.
std::pair<char32_t, std::size_t> entity(Text text, std::size_t at)
{
    static constexpr std::array<std::pair<Text, char32_t>, 3> entities{
        {{U"&lt;", U'<'}, {U"&gt;", U'>'}, {U"&amp;", U'&'}}};
    for (const auto& [name, letter] : entities) {
        if (text.substr(at).starts_with(name)) {
            return {letter, name.size()};
        }
    }
    return {text[at] == mention_mark ? 0xFFFD : text[at], 1};
}

void add_text(Line& line, Text text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto [letter, length] = entity(text, at);
        line.add(letter);
        at += length;
    }
}

/// What stands between < and >: a mention, or a link shown by its label.
void add_markup(Line& line, Text inside)
{
    const auto bar = inside.find(U'|');
    const auto id = inside.substr(0, bar);
    const bool user = id.size() > 2 && id[0] == U'@' && is_in(id[1], U"UW") &&
                      std::all_of(id.begin() + 2, id.end(), [](char32_t letter) {
                          return (letter >= U'A' && letter <= U'Z') || (letter >= U'0' && letter <= U'9');
                      });
    if (user) {
        line.plain += mention_mark;
        line.typed += mention_mark;
        line.mentions.emplace_back(to_utf8(std::u32string(id.substr(1))));
        return;
    }
    add_text(line, bar == Text::npos ? inside : inside.substr(bar + 1));
}

Line line_from(const std::string& text)
{
    const auto letters = from_utf8(text);
    const Text all(letters);
    Line line;
    for (std::size_t at = 0; at < all.size();) {
        const auto next = std::min(all.find(U'<', at), all.size());
        add_text(line, all.substr(at, next - at));
        const auto close = next < all.size() ? all.find(U'>', next) : Text::npos;
        if (close == Text::npos) {
            add_text(line, all.substr(next));
            return line;
        }
        add_markup(line, all.substr(next + 1, close - next - 1));
        at = close + 1;
    }
    return line;
}

/// The name as the ledger keeps it.
std::string typed_text(const Line& line)
{
    std::string text;
    auto mention = line.mentions.begin();
    for (const auto letter : line.typed) {
        text += letter == mention_mark ? "<@" + (mention++)->str() + ">" : to_utf8({letter});
    }
    return text;
}

// Lines and their decoration.

/// The length of an emoji at the end of `text`, as `:tada:` or as itself; 0 for none.
std::size_t trailing_emoji(Text text)
{
    if (!text.empty() && is_pictograph(text.back())) {
        return 1;
    }
    if (text.size() < 3 || text.back() != U':') {
        return 0;
    }
    auto at = text.size() - 1;
    while (at > 0 &&
           (is_in(text[at - 1], U"_+-") || (is_letter_or_digit(text[at - 1]) && text[at - 1] < 0x80))) {
        --at;
    }
    const bool opened = at > 0 && at + 1 < text.size() && text[at - 1] == U':';
    const bool apart = opened && (at == 1 || text[at - 2] == U' ' ||
                                  (text[at - 2] == U':' && text.substr(at).starts_with(U"skin-tone-")));
    return apart ? text.size() - (at - 1) : 0;
}

std::size_t leading_emoji(Text text)
{
    if (!text.empty() && is_pictograph(text.front())) {
        return 1;
    }
    const auto close = text.find(U':', 1);
    if (text.size() < 3 || text.front() != U':' || close == Text::npos || close == 1) {
        return 0;
    }
    const auto code = text.substr(1, close - 1);
    const bool is_code = std::all_of(code.begin(), code.end(), [](char32_t letter) {
        return is_in(letter, U"_+-") || (is_letter_or_digit(letter) && letter < 0x80);
    });
    return is_code ? close + 1 : 0;
}

/// Without Markdown, quotes, bullets and emoji around it: `> *Stakeholder sign-off: Jane* :tada:` -> its
/// words.
Line undecorated(Line line)
{
    for (;;) {
        auto shorter = line.trimmed(U" *_~`\"'\n");
        if (const auto emoji = leading_emoji(shorter.plain); emoji > 0) {
            shorter = shorter.part(emoji, shorter.plain.size());
        }
        else if (shorter.plain.starts_with(U">") || shorter.plain.starts_with(U"\u2022")) {
            shorter = shorter.part(1, shorter.plain.size());
        }
        else if (shorter.plain.starts_with(U"- ")) {
            shorter = shorter.part(2, shorter.plain.size());
        }
        else if (const auto last = trailing_emoji(shorter.plain); last > 0) {
            shorter = shorter.part(0, shorter.plain.size() - last);
        }
        if (shorter.plain.size() == line.plain.size()) {
            return line;
        }
        line = std::move(shorter);
    }
}

/// Whether an emoji in `text` says no, as itself or by its name in Slack: such a reply is no approval.
bool says_no(Text text)
{
    static constexpr Text signs =
        U"\u2716\u2717\u2718\u274C\u274E\u26D4\U0001F44E\U0001F645\U0001F6AB\U0001F6D1";
    static constexpr std::array<Text, 11> codes{
        U":x:",
        U":-1:",
        U":thumbsdown:",
        U":no_entry:",
        U":no_entry_sign:",
        U":no_good",  // also :no_good-woman:
        U":man-gesturing-no:",
        U":woman-gesturing-no:",
        U":octagonal_sign:",
        U":negative_squared_cross_mark:",
        U":heavy_multiplication_x:"};
    return text.find_first_of(signs) != Text::npos ||
           std::any_of(codes.begin(), codes.end(), [&](Text code) { return text.find(code) != Text::npos; });
}

bool is_struck(const Line& line)
{
    const auto outer = line.trimmed(U" *_`\"'\n").plain;
    return outer.size() > 2 && outer.front() == U'~' && outer.back() == U'~';
}

/// The lines that say something.
std::vector<Line> lines_of(const Line& text)
{
    std::vector<Line> lines;
    for (std::size_t from = 0; from <= text.plain.size();) {
        const auto to = std::min(text.plain.find(U'\n', from), text.plain.size());
        auto line = text.part(from, to);
        if (!undecorated(line).plain.empty()) {
            lines.push_back(std::move(line));
        }
        from = to + 1;
    }
    return lines;
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
    const auto found = is_in(reader.next(), colons) && reader.next() != 0 ? Separator::colon
                       : reader.next() == U'-'                            ? Separator::dash
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

Line name_in(Line line)
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
Spoken read_rest(const Line& rest, Date today)
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
    SpokenSignOff spoken{typed_text(name), {}, date.what == SpokenDate::What::date ? date.date : today};
    if (name.plain.size() == 1 && name.plain.front() == mention_mark) {
        spoken.mention = name.mentions.front();
    }
    return spoken;
}

/// A line that opens with "Stakeholder sign-off". Without a colon it is talk, unless nothing follows; where a
/// name follows, the writer is told of the colon.
Spoken read_opened(const Line& line, const Opening& opening, Date today)
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
Spoken read_other(const Line& line, Date today)
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

Spoken read_line(const Line& decorated, Date today)
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
Spoken read_many(const std::vector<Line>& lines, Date today)
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
        const bool bidi = letter == 0x61C || letter == 0x200E || letter == 0x200F ||
                          (letter >= 0x202A && letter <= 0x202E) || (letter >= 0x2066 && letter <= 0x2069);
        if (letter < 0x20 || (letter >= 0x7F && letter < 0xA0) || letter == 0x2028 || letter == 0x2029) {
            line += ' ';
        }
        else if (bidi) {
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
    const auto whole = line_from(text);
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
