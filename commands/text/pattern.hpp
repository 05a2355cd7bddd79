#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pcre2_real_code_8;

namespace slipway {

/// What a Pattern found.
struct Match {
    std::vector<std::string> groups;  ///< the whole at 0; one that took no part is empty
    std::size_t begins = 0;           ///< of the whole, in the text
    std::size_t ends = 0;

    [[nodiscard]] const std::string& operator[](std::size_t group) const { return groups.at(group); }
};

/// A regular expression in Perl's syntax (PCRE2), for bytes: `.`, `\w` and letters without case know ASCII
/// only. Make it once (`static const`); any thread may then match with it.
///
/// Text never makes it throw. It gives up, as if nothing matched, on a place where it would have to try
/// hundreds of thousands of ways; what bounds the time as a whole is the length of the text.
class Pattern {
public:
    enum class Case { matters, ignored };

    /// Throws std::logic_error if `form` is no regular expression.
    explicit Pattern(std::string_view form, Case letters = Case::matters);

    /// Of the whole text.
    [[nodiscard]] std::optional<Match> match(std::string_view text) const;
    [[nodiscard]] bool matches(std::string_view text) const;

    /// The first match that begins at `from` or later.
    [[nodiscard]] std::optional<Match> search(std::string_view text, std::size_t from = 0) const;

    /// `text` with `by` in the place of each match.
    [[nodiscard]] std::string replaced(const std::string& text, std::string_view by) const;

private:
    [[nodiscard]] std::optional<Match> run(std::string_view text, std::size_t from, std::uint32_t options)
        const;

    std::shared_ptr<const pcre2_real_code_8> code_;
};

}  // namespace slipway
