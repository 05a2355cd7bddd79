#include "bot/config/config.hpp"
#include "bot/config/reference.hpp"

#include <sstream>

namespace slipway {

namespace {

std::string within(const std::string& text, const std::string& before, const std::string& after)
{
    const auto begin = text.find(before) + before.size();
    return text.substr(begin, text.rfind(after) - begin);
}

/// A row of the table: "| `key` | type | `default` | meaning |", or "e.g. `example`" where there is no
/// default.
ConfigKey key_in(const std::string& row)
{
    std::vector<std::string> cells;
    std::istringstream rest(row.substr(1));
    for (std::string cell; std::getline(rest, cell, '|');) {
        cells.push_back(within(cell, " ", " "));
    }
    ConfigKey key;
    key.name = within(cells.at(0), "`", "`");
    key.type = cells.at(1);
    key.help = cells.at(3);
    const auto& value = cells.at(2);
    if (!value.empty()) {
        (value.starts_with("e.g.") ? key.example : key.default_value) = within(value, "`", "`");
    }
    return key;
}

std::vector<ConfigKey> keys_in(const std::string& reference)
{
    std::vector<ConfigKey> keys;
    std::istringstream lines(reference.substr(reference.find("| key | type |")));
    for (std::string line; std::getline(lines, line) && line.starts_with("|");) {
        if (line.starts_with("| `")) {
            keys.push_back(key_in(line));
        }
    }
    return keys;
}

}  // namespace

const std::vector<ConfigKey>& config_keys()
{
    static const auto keys = keys_in(config_reference().at("config.md"));
    return keys;
}

}  // namespace slipway
