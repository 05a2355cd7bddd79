#include "commands/text/pattern.hpp"

#include <stdexcept>

#define PCRE2_CODE_UNIT_WIDTH 8  // NOLINT(readability-identifier-naming): PCRE2's own
#include <pcre2.h>

namespace slipway {

Pattern::Pattern(std::string_view form, Case letters)
{
    const auto limited = "(*LIMIT_MATCH=200000)" + std::string(form);
    int mistake = 0;
    std::size_t at = 0;
    auto* code = pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(limited.data()),
        limited.size(),
        letters == Case::ignored ? PCRE2_CASELESS : 0,
        &mistake,
        &at,
        nullptr
    );
    if (code == nullptr) {
        throw std::logic_error("no regular expression: " + std::string(form));
    }
    code_ = {code, pcre2_code_free};
}

std::optional<Match> Pattern::run(std::string_view text, std::size_t from, std::uint32_t options) const
{
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> found(
        pcre2_match_data_create_from_pattern(code_.get(), nullptr), pcre2_match_data_free
    );
    const auto* bytes = reinterpret_cast<PCRE2_SPTR>(text.data());
    if (found == nullptr ||
        pcre2_match(code_.get(), bytes, text.size(), from, options, found.get(), nullptr) < 0) {
        return std::nullopt;
    }
    const auto* places = pcre2_get_ovector_pointer(found.get());
    Match match{{}, places[0], places[1]};
    for (std::uint32_t group = 0; group < pcre2_get_ovector_count(found.get()); ++group) {
        const auto begins = places[2 * group];
        const auto ends = places[2 * group + 1];
        match.groups.emplace_back(begins == PCRE2_UNSET ? "" : text.substr(begins, ends - begins));
    }
    return match;
}

std::optional<Match> Pattern::match(std::string_view text) const
{
    return run(text, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
}

bool Pattern::matches(std::string_view text) const { return match(text).has_value(); }

std::optional<Match> Pattern::search(std::string_view text, std::size_t from) const
{
    return run(text, from, 0);
}

std::string Pattern::replaced(const std::string& text, std::string_view by) const
{
    std::string rest;
    std::size_t from = 0;
    for (auto found = search(text); found && found->ends > from; found = search(text, from)) {
        rest.append(text, from, found->begins - from).append(by);
        from = found->ends;
    }
    return rest.append(text, from);
}

}  // namespace slipway
