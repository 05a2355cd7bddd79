#include "commands/reading/spoken_date.hpp"

#include "commands/text/letters.hpp"

#include <date/date.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace slipway {

namespace {

using What = SpokenDate::What;
using Text = std::u32string_view;

constexpr int earliest_year = 2000;  // nobody signed off in Slack before it: a slip of the finger

bool is_digit(char32_t letter) { return letter >= U'0' && letter <= U'9'; }

bool is_separator(char32_t letter) { return Text(U" \n,;()[]{}<>*_~`\"'").find(letter) != Text::npos; }

struct Word {
    std::size_t begins = 0;
    std::u32string letters;  ///< lower case, without a full stop at its end
};

std::vector<Word> written_words(Text text)
{
    std::vector<Word> words;
    for (std::size_t at = 0; at < text.size();) {
        if (is_separator(text[at])) {
            ++at;
            continue;
        }
        auto end = at;
        while (end < text.size() && !is_separator(text[end])) {
            ++end;
        }
        std::u32string letters(text.substr(at, end - at));
        std::transform(letters.begin(), letters.end(), letters.begin(), [](char32_t letter) {
            return letter >= U'A' && letter <= U'Z' ? letter + 32 : letter;
        });
        while (!letters.empty() && Text(U".!:").find(letters.back()) != Text::npos) {
            letters.pop_back();
        }
        if (!letters.empty()) {
            words.push_back({at, std::move(letters)});
        }
        at = end;
    }
    return words;
}

/// The value of one to `most` digits.
std::optional<int> number(Text digits, std::size_t most)
{
    if (digits.empty() || digits.size() > most || !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return std::nullopt;
    }
    int value = 0;
    for (const auto digit : digits) {
        value = value * 10 + static_cast<int>(digit - U'0');
    }
    return value;
}

std::optional<int> year_in(Text word) { return word.size() == 4 ? number(word, 4) : std::nullopt; }

/// "24", "24th".
std::optional<int> day_in(Text word)
{
    for (const Text suffix : {U"st", U"nd", U"rd", U"th"}) {
        if (word.size() > 2 && word.ends_with(suffix)) {
            return number(word.substr(0, word.size() - 2), 2);
        }
    }
    return number(word, 2);
}

/// The position of `word` among `names` as a whole or by its first three letters.
template <std::size_t size>
std::optional<int> position(Text word, const std::array<Text, size>& names)
{
    for (std::size_t i = 0; i < size; ++i) {
        if (word.size() >= 3 && names.at(i).starts_with(word) && (word.size() == 3 || word == names.at(i))) {
            return static_cast<int>(i);
        }
    }
    return std::nullopt;
}

std::optional<int> month_in(Text word)
{
    static constexpr std::array<Text, 12> months{
        U"january",
        U"february",
        U"march",
        U"april",
        U"may",
        U"june",
        U"july",
        U"august",
        U"september",
        U"october",
        U"november",
        U"december"};
    const auto found = position(word == U"sept" ? Text(U"sep") : word, months);
    return found ? std::optional(*found + 1) : std::nullopt;
}

std::optional<int> weekday_in(Text word)
{
    static constexpr std::array<Text, 7> weekdays{
        U"sunday", U"monday", U"tuesday", U"wednesday", U"thursday", U"friday", U"saturday"};
    static constexpr std::array<Text, 4> longer{U"tues", U"weds", U"thur", U"thurs"};
    const bool is_longer = std::find(longer.begin(), longer.end(), word) != longer.end();
    return position(is_longer ? word.substr(0, 3) : word, weekdays);
}

struct Reading {
    What what = What::none;
    Date date{};
    std::size_t begins = 0;
};

Reading day_of(int year, int month, int day, std::size_t begins)
{
    const Date date = date::year{year} / month / day;
    return {!date.ok() ? What::impossible : year < earliest_year ? What::unclear : What::date, date, begins};
}

/// "2026-11-24" and its cousins, in one word that begins with a digit.
Reading numeric(Text word, std::size_t begins)
{
    std::vector<Text> parts;
    char32_t separator = 0;
    std::size_t from = 0;
    for (std::size_t at = 0; at <= word.size(); ++at) {
        if (at == word.size() || !is_digit(word[at])) {
            parts.push_back(word.substr(from, at - from));
            from = at + 1;
            const bool first = separator == 0;
            separator = at == word.size() ? separator : first || separator == word[at] ? word[at] : U'?';
        }
    }
    if (parts.size() == 1 && word.size() == 8) {
        return day_of(
            *number(word.substr(0, 4), 4), *number(word.substr(4, 2), 2), *number(word.substr(6), 2), begins
        );
    }
    const bool three = parts.size() == 3 && Text(U"-/.").find(separator) != Text::npos;
    if (!three) {
        return {What::unclear, {}, begins};
    }
    const auto middle = number(parts[1], 2);
    const auto first = number(parts[0], 2);
    const auto last = number(parts[2], 2);
    if (const auto year = year_in(parts[0]); year && middle && last) {
        return day_of(*year, *middle, *last, begins);
    }
    if (!first || !middle || (!last && !year_in(parts[2]))) {
        return {What::unclear, {}, begins};
    }
    const bool two_readings = (*first <= 12 && *middle <= 12 && *first != *middle) || last;
    return {two_readings ? What::ambiguous : What::unclear, {}, begins};
}

/// "24-nov-2026".
Reading hyphened(Text word, std::size_t begins)
{
    const auto first = word.find(U'-');
    const auto second = word.find(U'-', first + 1);
    if (first == Text::npos || second == Text::npos) {
        return {};
    }
    const auto day = day_in(word.substr(0, first));
    const auto month = month_in(word.substr(first + 1, second - first - 1));
    const auto year = year_in(word.substr(second + 1));
    return day && month && year ? day_of(*year, *month, *day, begins) : Reading{};
}

bool is_ordinal(Text word) { return !number(word, 9) && day_in(word); }

/// A date that is one word, perhaps glued to the name: "Doe-2026-11-24".
Reading one_word(const Word& word)
{
    const Text letters = word.letters;
    for (std::size_t at = 0; at < letters.size(); ++at) {
        const bool starts = at == 0 || (letters[at - 1] == U'-' && (at < 2 || !is_digit(letters[at - 2])));
        if (!starts || !is_digit(letters[at]) || is_ordinal(letters.substr(at))) {
            continue;
        }
        const auto begins = word.begins + at;
        const auto named = hyphened(letters.substr(at), begins);
        const auto reading = named.what == What::none ? numeric(letters.substr(at), begins) : named;
        if (at == 0 || reading.what != What::unclear) {
            return reading;
        }
    }
    return {};
}

/// "nov 24 2026", "24 nov 2026", "24th of november 2026": the last three or four words.
Reading several_words(std::span<const Word> words)
{
    const auto count = words.size();
    const auto word = [&](std::size_t back) {
        return back <= count ? Text(words[count - back].letters) : Text();
    };
    const auto year = year_in(word(1));
    if (!year) {
        return {};
    }
    if (const auto month = month_in(word(3)), day = day_in(word(2)); month && day) {
        return day_of(*year, *month, *day, words[count - 3].begins);
    }
    const auto month = month_in(word(2));
    const std::size_t day_at = word(3) == U"of" ? 4 : 3;
    if (const auto day = day_in(word(day_at)); month && day) {
        return day_of(*year, *month, *day, words[count - day_at].begins);
    }
    return {};
}

/// Meant as a day, but not one that we read.
Reading unclear(std::span<const Word> words, Text text)
{
    static constexpr std::array<Text, 4> relative{U"yesterday", U"tomorrow", U"tonight", U"now"};
    const auto& last = words.back();
    if (std::find(relative.begin(), relative.end(), last.letters) != relative.end()) {
        return {What::unclear, {}, last.begins};
    }
    const auto comma = text.substr(0, last.begins).find_last_of(U",(");
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        const bool after_comma = comma != Text::npos && word.begins > comma;
        const bool in_reach = after_comma || i + 2 >= words.size();
        const bool number_like = is_digit(word.letters.front()) && !is_ordinal(word.letters);
        if ((in_reach && number_like) || (after_comma && weekday_in(word.letters))) {
            const bool month_first = i > 0 && month_in(words[i - 1].letters);
            return {What::unclear, {}, month_first ? words[i - 1].begins : word.begins};
        }
    }
    return {};
}

Reading last_date(std::span<const Word> words, Date today)
{
    if (words.empty()) {
        return {};
    }
    if (words.back().letters == U"today") {
        return {What::date, today, words.back().begins};
    }
    const auto several = several_words(words);
    return several.what == What::none ? one_word(words.back()) : several;
}

/// Takes "on", "the", "dated" and a weekday before the date into it; a weekday must be the right one. After a
/// comma only: Jane Sun is a name.
void take_in_front(Reading& reading, std::span<const Word> words, Text text)
{
    const auto before = std::find_if(words.rbegin(), words.rend(), [&](const Word& word) {
        return word.begins < reading.begins;
    });
    for (auto word = before; word != words.rend(); ++word) {
        const auto& letters = word->letters;
        const auto space =
            text.find_last_not_of(U" *_~`\"'", word->begins - std::min<std::size_t>(word->begins, 1));
        const bool separated =
            word->begins > 0 && space != Text::npos && Text(U",;(-").find(text[space]) != Text::npos;
        const bool after_on = word + 1 != words.rend() && (word + 1)->letters == U"on";
        if (const auto weekday = weekday_in(letters); weekday && (separated || after_on)) {
            const bool right =
                reading.what != What::date ||
                date::weekday{date::sys_days{reading.date}} == date::weekday(static_cast<unsigned>(*weekday));
            reading.what = right ? reading.what : What::impossible;
        }
        else if (letters != U"on" && letters != U"the" && letters != U"dated") {
            return;
        }
        reading.begins = word->begins;
    }
}

/// 2026年11月24日 in the letters of 2026-11-24, place for place.
std::u32string with_plain_marks(const std::u32string& text)
{
    auto plain = text;
    for (std::size_t at = 1; at < plain.size(); ++at) {
        const bool after_digit = is_digit(plain[at - 1]);
        if (after_digit && (plain[at] == U'年' || plain[at] == U'月')) {
            plain[at] = U'-';
        }
        else if (after_digit && plain[at] == U'日') {
            plain[at] = U' ';
        }
    }
    return plain;
}

}  // namespace

SpokenDate trailing_date(const std::u32string& text, Date today)
{
    const auto plain = with_plain_marks(text);
    const auto words = written_words(plain);
    auto reading = last_date(words, today);
    if (reading.what == What::none && !words.empty()) {
        reading = unclear(words, plain);
    }
    if (reading.what == What::none) {
        return {What::none, {}, {}, text.size()};
    }
    take_in_front(reading, words, plain);
    const auto last = text.find_last_not_of(U" .!,;)]}>*_~`\"'");
    const auto typed = text.substr(reading.begins, last + 1 - reading.begins);
    return {reading.what, reading.date, to_utf8(typed), reading.begins};
}

bool has_words_after_date(const std::u32string& text, Date today)
{
    const auto words = written_words(with_plain_marks(text));
    const std::span<const Word> all(words);
    for (std::size_t count = 1; count < words.size(); ++count) {
        if (last_date(all.first(count), today).what == What::date) {
            return true;
        }
    }
    return false;
}

}  // namespace slipway
