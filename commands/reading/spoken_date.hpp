#pragma once

#include "commands/text/types.hpp"

#include <cstddef>
#include <string>

namespace slipway {

/// A day as a person writes it at the end of a line.
struct SpokenDate {
    enum class What {
        none,        ///< the line does not end in a date
        date,        ///< it ends in `date`
        ambiguous,   ///< two days could be meant: 11/12/2026
        impossible,  ///< no day of the calendar: 2026-02-30, "Monday" with a Tuesday's date
        unclear,     ///< meant as a day, in a form that we do not read: "yesterday", "Nov 24", 24/11/2026
    };

    What what = What::none;
    Date date{};
    std::string typed{};  ///< as it stands there
    std::size_t begins =
        0;  ///< where what belongs to the date begins ("on Tuesday, …"); the end of the text for none
};

/// Reads the date at the end of `text` (of `plain_letters`).
///
/// Read: 2026-11-24 (also with / . or 年月日, or 20261124), Nov 24, 2026, November 24th 2026, 24 Nov 2026,
/// the 24th of November, 2026, 24-Nov-2026, today; each with its weekday before it. English months.
[[nodiscard]] SpokenDate trailing_date(const std::u32string& text, Date today);

/// Whether a whole date stands in `text` with more words after it.
[[nodiscard]] bool has_words_after_date(const std::u32string& text, Date today);

}  // namespace slipway
