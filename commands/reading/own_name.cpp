// Whether a name is the writer's own.
#include "commands/reading/sign_off_grammar.hpp"
#include "commands/text/letters.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace slipway {

namespace {

using Letters = std::u32string;
using Words = std::vector<Letters>;

template <std::size_t size>
bool is_one_of(const Letters& word, const std::array<std::u32string_view, size>& words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_generation(const Letters& word)
{
    static constexpr std::array<std::u32string_view, 8> words{
        U"jr", U"sr", U"ii", U"iii", U"iv", U"phd", U"md", U"esq"};
    return is_one_of(word, words);
}

bool is_title(const Letters& word)
{
    static constexpr std::array<std::u32string_view, 7> words{
        U"dr", U"mr", U"mrs", U"ms", U"mx", U"prof", U"professor"};
    return is_one_of(word, words);
}

/// Whether a word says no, not yet or only if, as no second name does: "Petra (not yet) Pohl".
bool is_reservation(const Letters& word)
{
    static constexpr std::array<std::u32string_view, 43> words{
        U"no",       U"not",      U"never",    U"none",    U"nope",    U"cannot",  U"cant",   U"dont",
        U"doesnt",   U"didnt",    U"isnt",     U"wont",    U"without", U"yet",     U"until",  U"unless",
        U"if",       U"only",     U"once",     U"but",     U"except",  U"pending", U"later",  U"waiting",
        U"declined", U"declines", U"rejected", U"rejects", U"refused", U"refuses", U"denied", U"tbd",
        U"nein",     U"nicht",    U"nie",      U"niemals", U"kein",    U"keine",   U"non",    U"pas",
        U"nao",      U"nej",      U"nee"};
    return is_one_of(word, words);
}

/// Words without what stands between and around them; an apostrophe belongs to its word.
Words words_in_name(const Letters& text)
{
    static constexpr std::u32string_view between = U" \n.,-\"@_*`~()[]{}\u00B7";
    Words words(1);
    for (const auto letter : text) {
        const bool separates = between.find(letter) != std::u32string_view::npos || is_pictograph(letter);
        if (separates && !words.back().empty()) {
            words.emplace_back();
        }
        else if (!separates && letter != U'\'') {
            words.back() += letter;
        }
    }
    if (words.back().empty()) {
        words.pop_back();
    }
    return words;
}

/// "Jane Doe (she/her)", "Jane Doe | Product", "Jane Doe - on leave", "Jane Doe :palm_tree:": the name in
/// front.
Letters without_remark(Letters name)
{
    static constexpr std::array<std::u32string_view, 6> remarks{U"(", U"[", U"|", U"/", U" - ", U" :"};
    for (const auto remark : remarks) {
        const auto at = name.find(remark);
        if (at != Letters::npos && at > 0) {
            name.erase(at);
        }
    }
    return name;
}

/// "Doe, Jane" -> "Jane Doe"; "Jane Doe, Jr." stays.
Letters in_speaking_order(const Letters& name)
{
    const auto comma = name.find(U',');
    if (comma == Letters::npos) {
        return name;
    }
    const auto after = words_in_name(folded_letters(name.substr(comma + 1)));
    if (after.empty() || is_generation(after.front())) {
        return name;
    }
    return name.substr(comma + 1) + U" " + name.substr(0, comma);
}

/// "Müller" -> "Mueller": how German and Scandinavian names are spelt without their letters.
Letters spelt_out(const Letters& text)
{
    Letters spelt;
    for (const auto letter : text) {
        switch (letter) {
            case 0xC4:
            case 0xE4:
                spelt += U"ae";
                break;
            case 0xD6:
            case 0xF6:
            case 0xD8:
            case 0xF8:
                spelt += U"oe";
                break;
            case 0xDC:
            case 0xFC:
                spelt += U"ue";
                break;
            case 0xC5:
            case 0xE5:
                spelt += U"aa";
                break;
            default:
                spelt += letter;
        }
    }
    return spelt;
}

/// The name in words that can be compared, without titles.
Words comparable(const Letters& name)
{
    auto words = words_in_name(folded_letters(name));
    while (words.size() > 2 && is_title(words.front())) {
        words.erase(words.begin());
    }
    return words;
}

/// Every way in which `name` may be meant: accents left off or spelt out.
std::vector<Words> readings(const Letters& name)
{
    const auto ordered = in_speaking_order(name);
    std::vector<Words> readings{comparable(ordered)};
    const auto spelt = comparable(spelt_out(ordered));
    if (spelt != readings.front()) {
        readings.push_back(spelt);
    }
    return readings;
}

bool abbreviates(const Letters& one, const Letters& other)
{
    return one == other || ((one.size() == 1 || other.size() == 1) && one.front() == other.front());
}

/// Who is called "No" has it in their profile; typed by anybody else it is no second name.
bool has_reservation(const Words& typed, const Words& own)
{
    return std::any_of(typed.begin(), typed.end(), [&](const Letters& word) {
        return is_reservation(word) && std::find(own.begin(), own.end(), word) == own.end();
    });
}

/// First and last word agree, and what stands between in the shorter name stands in the longer one, in order.
bool agree_but_for_middle_names(const Words& one, const Words& other)
{
    const auto& longer = one.size() > other.size() ? one : other;
    const auto& shorter = one.size() > other.size() ? other : one;
    if (shorter.size() < 2 || longer.front() != shorter.front() || longer.back() != shorter.back()) {
        return false;
    }
    std::size_t found = 1;
    for (std::size_t i = 1; i + 1 < longer.size(); ++i) {
        if (found + 1 < shorter.size() && abbreviates(longer[i], shorter[found])) {
            ++found;
        }
    }
    return found + 1 == shorter.size();
}

Letters joined(const Words& words)
{
    Letters all;
    for (const auto& word : words) {
        all += word;
    }
    return all;
}

/// Whether two names are one person's: family name first or last, "janedoe", 山田 太郎 and 山田太郎.
bool same_name(const Words& typed, const Words& own)
{
    if (typed.empty() || own.empty()) {
        return false;
    }
    return joined(typed) == joined(own) ||
           std::is_permutation(typed.begin(), typed.end(), own.begin(), own.end()) ||
           (!has_reservation(typed, own) && agree_but_for_middle_names(typed, own));
}

/// A remark of the profile may be left out or typed along, as it stands there. Any other one says more than
/// a name: "Jane Doe - not approved yet", "Jane Doe (if the footer is fixed)".
bool is_name_of_profile(const std::string& typed, const std::string& profile)
{
    const auto whole = plain_letters(profile);
    const auto own_name = without_remark(whole);
    auto own = readings(own_name);
    // "Jane Doe, Product Lead" in a profile is a remark; typed, the same comma may join two people.
    const auto before_comma = comparable(own_name.substr(0, own_name.find(U',')));
    if (before_comma.size() >= 2) {
        own.push_back(before_comma);
    }
    const auto with_remark = joined(comparable(whole));
    const auto meant = readings(plain_letters(typed));
    return std::any_of(meant.begin(), meant.end(), [&](const Words& words) {
        return (!words.empty() && joined(words) == with_remark) ||
               std::any_of(own.begin(), own.end(), [&](const Words& each) { return same_name(words, each); });
    });
}

}  // namespace

bool is_own_name(const std::string& typed, const Person& person)
{
    return is_name_of_profile(typed, person.real_name) || is_name_of_profile(typed, person.display_name);
}

}  // namespace slipway
