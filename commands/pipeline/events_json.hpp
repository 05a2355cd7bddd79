#pragma once

#include "commands/pipeline/events.hpp"
#include "commands/text/letters.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <boost/mp11/algorithm.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// How the members of events and sayings are written into JSON, and read back: one overload per type, structs
/// through their description. A member that is missing keeps its default, so that old rows stay readable.
namespace slipway::stored {

/// Text from a process or a file need not be UTF-8; JSON that is not can't be read again.
inline boost::json::value write(const std::string& text) { return boost::json::value(valid_utf8(text)); }

inline void read(const boost::json::value& json, std::string& text)
{
    text = boost::json::value_to<std::string>(json);
}

template <class Tag>
boost::json::value write(const Id<Tag>& id)
{
    return boost::json::value(id.str());
}

template <class Tag>
void read(const boost::json::value& json, Id<Tag>& id)
{
    id = Id<Tag>(boost::json::value_to<std::string>(json));
}

boost::json::value write(Instant instant);
void read(const boost::json::value& json, Instant& instant);
boost::json::value write(Date date);
void read(const boost::json::value& json, Date& day);
boost::json::value write(std::chrono::minutes minutes);
void read(const boost::json::value& json, std::chrono::minutes& minutes);
boost::json::value write(Role role);
void read(const boost::json::value& json, Role& role);
boost::json::value write(Priority priority);
void read(const boost::json::value& json, Priority& priority);
boost::json::value write(DeploymentId id);
void read(const boost::json::value& json, DeploymentId& id);
boost::json::value write(bool flag);
void read(const boost::json::value& json, bool& flag);
boost::json::value write(int number);
void read(const boost::json::value& json, int& number);
boost::json::value write(double number);
void read(const boost::json::value& json, double& number);
boost::json::value write(const boost::json::object& object);
void read(const boost::json::value& json, boost::json::object& object);

template <class T>
requires boost::describe::has_describe_members<T>::value boost::json::value write(const T& value);
template <class T>
requires boost::describe::has_describe_members<T>::value void read(const boost::json::value& json, T& value);

template <class T>
boost::json::value write(const std::optional<T>& value)
{
    return value ? write(*value) : boost::json::value(nullptr);
}

template <class T>
void read(const boost::json::value& json, std::optional<T>& value)
{
    value.reset();
    if (!json.is_null()) {
        read(json, value.emplace());
    }
}

template <class T>
boost::json::value write(const std::vector<T>& values)
{
    boost::json::array array;
    for (const auto& value : values) {
        array.push_back(write(value));
    }
    return array;
}

template <class T>
void read(const boost::json::value& json, std::vector<T>& values)
{
    values.clear();
    for (const auto& element : json.as_array()) {
        read(element, values.emplace_back());
    }
}

template <class T>

requires boost::describe::has_describe_members<T>::value boost::json::value write(const T& value)
{
    boost::json::object object;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto member) { object[member.name] = write(value.*member.pointer); }
    );
    return object;
}

template <class T>

requires boost::describe::has_describe_members<T>::value void read(const boost::json::value& json, T& value)
{
    const auto& object = json.as_object();
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto member) {
            if (const auto* found = object.if_contains(member.name)) {
                read(*found, value.*member.pointer);
            }
        }
    );
}

/// One alternative of a variant and the word that names it.
template <class Variant>
struct Kind {
    const char* name;
    Variant (*read)(const boost::json::object&);
};

template <class Variant, class Alternative>
constexpr Kind<Variant> kind(const char* name)
{
    return {name, [](const boost::json::object& body) {
                Alternative value;
                read(boost::json::value(body), value);
                return Variant(std::move(value));
            }};
}

}  // namespace slipway::stored
