#include "bot/config/reader.hpp"
#include "commands/text/pattern.hpp"
#include "commands/text/phrases.hpp"

#include <algorithm>

namespace slipway {

namespace {

/// Slack's limits: options in one group of checkboxes, letters of an option's label.
constexpr std::size_t most_items = 10;
constexpr std::size_t longest_label = 75;

std::string keys_of(const Checklist& list)
{
    return joined(list, [](const ChecklistItem& item) { return item.key; });
}

bool has(const Checklist& list, const std::string& key)
{
    return std::any_of(list.begin(), list.end(), [&](const ChecklistItem& item) { return item.key == key; });
}

/// "login", or "search: Search finds a contact".
std::optional<ChecklistItem> item_from(const std::string& text, const Checklist& document)
{
    static const Pattern form(R"(([a-z][a-z0-9_]{0,30}):\s*(\S.*))");
    if (const auto part = form.match(text); part && text.size() <= longest_label * 4) {
        return ChecklistItem{(*part)[1], (*part)[2]};
    }
    const auto found = std::find_if(document.begin(), document.end(), [&](const ChecklistItem& item) {
        return item.key == text;
    });
    return found == document.end() ? std::nullopt : std::optional(*found);
}

Checklist read_checklist(Reader& reader, const std::string& path, const Checklist& document)
{
    const auto* node = reader.root().at_path(path).node();
    const auto before = reader.mistakes.size();
    Checklist list;
    for (const auto& text : reader.list(reader.root(), path)) {
        const auto item = item_from(text, document);
        if (!item) {
            reader.note(
                node,
                "'" + text + "' in '" + path + "' is none of " + keys_of(document) +
                    "; write an item of your own as \"key: what to check\""
            );
        }
        else if (has(list, item->key)) {
            reader.note(node, "'" + item->key + "' is listed twice in '" + path + "'");
        }
        else {
            list.push_back(*item);
        }
    }
    const bool sound = reader.mistakes.size() == before;
    if (sound && (list.empty() || list.size() > most_items)) {
        reader.note(node, "'" + path + "' must have 1 to " + std::to_string(most_items) + " items");
    }
    return list;
}

}  // namespace

void read_checklists(Reader& reader, Policy& policy)
{
    for (auto& [name, list] :
         {std::pair{"gate1", &policy.gate1},
          {"qa", &policy.qa},
          {"gate2", &policy.gate2},
          {"pre_deployment", &policy.pre_deployment},
          {"steps", &policy.steps},
          {"smoke", &policy.smoke},
          {"monitoring", &policy.monitoring}}) {
        const auto path = std::string("checklists.") + name;
        if (reader.root().at_path(path)) {
            *list = read_checklist(reader, path, *list);
        }
    }
}

}  // namespace slipway
