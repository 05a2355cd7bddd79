#pragma once

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace simulator {

namespace json = boost::json;

/// The string at `key`; empty when absent or of another type. A number is given as its digits (forms know no
/// numbers).
[[nodiscard]] std::string text_at(const json::object& object, std::string_view key);

/// The object at `key`, or null.
[[nodiscard]] const json::object* object_at(const json::object& object, std::string_view key);

/// The array at `key`, or null.
[[nodiscard]] const json::array* array_at(const json::object& object, std::string_view key);

/// True for `true`, "true" and "1".
[[nodiscard]] bool flag_at(const json::object& object, std::string_view key);

/// Unicode code points, as Slack counts lengths. Bytes that are not UTF-8 count one each.
[[nodiscard]] std::size_t code_points(std::string_view text);

/// `text` with %XX and + undone.
[[nodiscard]] std::string form_decoded(std::string_view text);

/// The pairs of a query or an application/x-www-form-urlencoded body; of equal names the last.
[[nodiscard]] json::object form_arguments(std::string_view encoded);

}  // namespace simulator
