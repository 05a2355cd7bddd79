#pragma once

#include "commands/text/outside.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <string>

/// Reads JSON of others, in which anything may be missing or of another type: then it is nothing.
namespace slipway {

/// What stands at the path of `keys` inside `object`; null where a part of it is missing or no object.
template <class... Keys>
[[nodiscard]] const boost::json::value* member(
    const boost::json::object& object, const char* first, Keys... keys
)
{
    const auto* value = object.if_contains(first);
    if constexpr (sizeof...(keys) == 0) {
        return value;
    }
    else {
        return value != nullptr && value->is_object() ? member(value->get_object(), keys...) : nullptr;
    }
}

/// As `from_outside` gives it.
template <class... Keys>
[[nodiscard]] std::string text_at(const boost::json::object& object, Keys... keys)
{
    const auto* value = member(object, keys...);
    return value != nullptr && value->is_string() ? from_outside(std::string(value->get_string()))
                                                  : std::string{};
}

template <class... Keys>
[[nodiscard]] std::int64_t number_at(const boost::json::object& object, Keys... keys)
{
    const auto* value = member(object, keys...);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

template <class... Keys>
[[nodiscard]] bool flag_at(const boost::json::object& object, Keys... keys)
{
    const auto* value = member(object, keys...);
    return value != nullptr && value->is_bool() && value->get_bool();
}

template <class... Keys>
[[nodiscard]] const boost::json::object& object_at(const boost::json::object& object, Keys... keys)
{
    static const boost::json::object none;
    const auto* value = member(object, keys...);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

template <class... Keys>
[[nodiscard]] const boost::json::array& array_at(const boost::json::object& object, Keys... keys)
{
    static const boost::json::array none;
    const auto* value = member(object, keys...);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

}  // namespace slipway
