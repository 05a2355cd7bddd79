#include "tests/simulator/json.hpp"

#include <charconv>

namespace simulator {

std::string text_at(const json::object& object, std::string_view key)
{
    const auto* found = object.if_contains(key);
    if (found == nullptr) return {};
    if (found->is_string()) return std::string(found->as_string());
    if (found->is_number()) return json::serialize(*found);
    return {};
}

const json::object* object_at(const json::object& object, std::string_view key)
{
    const auto* found = object.if_contains(key);
    return found == nullptr ? nullptr : found->if_object();
}

const json::array* array_at(const json::object& object, std::string_view key)
{
    const auto* found = object.if_contains(key);
    return found == nullptr ? nullptr : found->if_array();
}

bool flag_at(const json::object& object, std::string_view key)
{
    const auto* found = object.if_contains(key);
    if (found == nullptr) return false;
    if (found->is_bool()) return found->as_bool();
    const auto text = text_at(object, key);
    return text == "true" || text == "1";
}

std::size_t code_points(std::string_view text)
{
    std::size_t count = 0;
    for (const char c : text)
        count += (static_cast<unsigned char>(c) & 0xC0U) == 0x80U ? 0U : 1U;
    return count;
}

std::string form_decoded(std::string_view text)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        if (text[i] == '+') {
            decoded += ' ';
        }
        else if (text[i] == '%' && i + 2 < text.size()
                   && std::from_chars(&text[i + 1], &text[i + 1] + 2, byte, 16).ptr == &text[i + 1] + 2) {
            decoded += static_cast<char>(byte);
            i += 2;
        }
        else {
            decoded += text[i];
        }
    }
    return decoded;
}

json::object form_arguments(std::string_view encoded)
{
    json::object arguments;
    while (!encoded.empty()) {
        const auto pair = encoded.substr(0, encoded.find('&'));
        encoded.remove_prefix(std::min(encoded.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        if (pair.empty()) continue;
        const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        arguments[form_decoded(pair.substr(0, equals))] = form_decoded(value);
    }
    return arguments;
}

}  // namespace simulator
