#pragma once

#include "bot/config/config.hpp"

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace slipway {

/// Reads one file and collects what is wrong with it.
class Reader {
public:
    Reader(std::string file, const toml::table& root) : file_(std::move(file)), root_(root) {}

    std::vector<ConfigMistake> mistakes;

    void note(const toml::node* node, const std::string& message)
    {
        mistakes.push_back({file_, node == nullptr ? 0 : node->source().begin.line, message});
    }

    /// The value at `path` ("slack.channel") if it is there and a `T`.
    template <class T>
    std::optional<T> get(const toml::table& table, const std::string& path, const char* type)
    {
        const auto* node = table.at_path(path).node();
        if (node == nullptr) {
            return std::nullopt;
        }
        const auto value = node->value_exact<T>();
        if (!value) {
            note(node, "'" + path + "' must be a " + type);
        }
        return value;
    }

    void text(const std::string& path, std::string& into)
    {
        if (auto value = get<std::string>(root_, path, "string")) {
            into = std::move(*value);
        }
    }

    void number(const std::string& path, std::int64_t smallest, std::int64_t largest, auto& into)
    {
        if (const auto value = get<std::int64_t>(root_, path, "whole number")) {
            if (*value < smallest || *value > largest) {
                note(
                    root_.at_path(path).node(),
                    "'" + path + "' must be " + std::to_string(smallest) + " to " + std::to_string(largest)
                );
                return;
            }
            into = static_cast<std::decay_t<decltype(into)>>(*value);
        }
    }

    /// The strings of a list, each with its line.
    std::vector<ConfigEntry> entries(const toml::table& table, const std::string& path)
    {
        std::vector<ConfigEntry> found;
        const auto* node = table.at_path(path).node();
        if (node == nullptr) {
            return found;
        }
        if (!node->is_array()) {
            note(node, "'" + path + "' must be a list of strings");
            return found;
        }
        for (const auto& element : *node->as_array()) {
            if (const auto value = element.value_exact<std::string>()) {
                found.push_back({*value, path, file_, element.source().begin.line});
            }
            else {
                note(&element, "'" + path + "' must be a list of strings");
            }
        }
        return found;
    }

    std::vector<std::string> list(const toml::table& table, const std::string& path)
    {
        std::vector<std::string> values;
        for (auto& entry : entries(table, path)) {
            values.push_back(std::move(entry.text));
        }
        return values;
    }

    /// The tables of an array such as [[window]], or none.
    std::vector<const toml::table*> tables(const std::string& name)
    {
        std::vector<const toml::table*> found;
        const auto* node = root_.get(name);
        if (node != nullptr && !node->is_array_of_tables()) {
            note(node, "'" + name + "' must be written as [[" + name + "]]");
        }
        else if (node != nullptr) {
            for (const auto& element : *node->as_array()) {
                found.push_back(element.as_table());
            }
        }
        return found;
    }

    const toml::table& root() const { return root_; }

private:
    std::string file_;
    const toml::table& root_;
};

/// Why nothing may be sent to `url`, empty where it may: it is encrypted or of this machine, and holds no
/// password.
std::string wrong_address(const std::string& url);

/// Why a service cannot be called `name`; empty where it can.
std::string wrong_service_name(const std::string& name);

/// [[service]]: their names and what they run.
void read_services(Reader& reader, Policy& policy);

/// [checklists]: the team's own lists in place of the document's. An item is the key of one of the
/// document's, or "key: words" for a new one or for other words.
void read_checklists(Reader& reader, Policy& policy);

}  // namespace slipway
