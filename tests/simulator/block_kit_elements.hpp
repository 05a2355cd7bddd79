#pragma once

#include "tests/simulator/json.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

/// Collects what Slack would refuse. `at` is always the JSON pointer of the thing looked at.
class Inspection {
public:
    using Words = std::initializer_list<std::string_view>;

    void note(const std::string& at, const std::string& mistake);

    /// `object` has all `required` and nothing beyond `required` and `optional`.
    void keys(const std::string& at, const json::object& object, Words required, Words optional);

    /// A string at `key`, if present, has at least `least` and at most `most` code points.
    void length(
        const std::string& at,
        const json::object& object,
        std::string_view key,
        std::size_t most,
        std::size_t least = 0
    );

    /// An array at `key` of `least` to `most` items; null when it is absent or no array.
    const json::array* items(
        const std::string& at,
        const json::object& object,
        std::string_view key,
        std::size_t least,
        std::size_t most
    );

    /// The text object at `key`, if present.
    void text(
        const std::string& at,
        const json::object& object,
        std::string_view key,
        std::size_t most,
        bool plain_only
    );

    /// The object at `key`; notes and gives null when it is something else.
    const json::object* object(const std::string& at, const json::object& object, std::string_view key);

    /// An interactive element, of a type in `allowed`.
    void element(const std::string& at, const json::object& element, Words allowed);

    [[nodiscard]] std::vector<std::string> take() { return std::move(mistakes_); }

private:
    void text_object(const std::string& at, const json::object& text, std::size_t most, bool plain_only);
    void button(const std::string& at, const json::object& button);
    void confirmation(const std::string& at, const json::object& holder);
    void option(const std::string& at, const json::value& option, bool plain_only);
    void options(const std::string& at, const json::object& element, std::size_t most, bool plain_only);
    void static_select(const std::string& at, const json::object& element);
    void moment(const std::string& at, const json::object& element);
    void typed_input(const std::string& at, const json::object& element);

    std::vector<std::string> mistakes_;
};

}  // namespace simulator
