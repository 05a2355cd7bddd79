#include "tests/simulator/block_kit.hpp"

#include "tests/simulator/block_kit_elements.hpp"

#include <algorithm>
#include <set>

namespace simulator {

namespace {

constexpr std::size_t max_id = 255;
constexpr std::size_t max_message_blocks = 50;
constexpr std::size_t max_error = 2000;  // not documented: that of an input's label
constexpr std::size_t max_attachments = 100;
constexpr std::size_t max_text = 40'000;  // what is beyond is cut off
constexpr std::size_t max_view_blocks = 100;
constexpr std::size_t max_view_bytes = 250'000;
constexpr std::size_t max_markdown = 12'000;  // of all markdown blocks of a message together

#define SIMULATOR_SELECTS                                                                                 \
    "static_select", "multi_static_select", "users_select", "multi_users_select", "conversations_select", \
        "multi_conversations_select", "channels_select", "multi_channels_select", "external_select",      \
        "multi_external_select"

/// Where the blocks stand decides what they may be.
enum class Surface { message, modal, home };

class Blocks {
public:
    Blocks(Inspection& inspection, Surface surface) : see_(inspection), surface_(surface) {}

    void all(const std::string& at, const json::array& blocks)
    {
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const auto here = at + "/" + std::to_string(i);
            if (const auto* block = blocks[i].if_object()) {
                one(here, *block);
            }
            else {
                see_.note(here, "failed to match type: object");
            }
        }
        if (markdown_ > max_markdown) see_.note(at, "markdown blocks may have 12000 characters together");
        if (tables_ > 1) see_.note(at, "only one table per message");
    }

    [[nodiscard]] bool has_input() const { return inputs_ > 0; }

private:
    void one(const std::string& at, const json::object& block)
    {
        see_.length(at, block, "block_id", max_id);
        const auto id = text_at(block, "block_id");
        if (!id.empty() && !ids_.insert(id).second)
            see_.note(at + "/block_id", "block_id `" + id + "` already exists");

        const auto type = text_at(block, "type");
        if (type == "section") return section(at, block);
        if (type == "actions") return actions(at, block);
        if (type == "context") return context(at, block);
        if (type == "input") return input(at, block);
        if (type == "header") return header(at, block);
        if (type == "divider") return see_.keys(at, block, {"type"}, {"block_id"});
        if (type == "image") return image(at, block);
        if (type == "markdown") return markdown(at, block);
        if (type == "table") return table(at, block);
        if (type == "rich_text") return rich_text(at, block);
        see_.note(at + "/type", "unsupported type: " + type);
    }

    void section(const std::string& at, const json::object& block)
    {
        see_.keys(at, block, {"type"}, {"block_id", "text", "fields", "accessory", "expand"});
        if (!block.contains("text") && !block.contains("fields"))
            see_.note(at, "text or fields must be given");
        see_.text(at, block, "text", 3000, false);
        if (const auto* fields = see_.items(at, block, "fields", 1, 10)) {
            for (std::size_t i = 0; i < fields->size(); ++i) {
                // The field's own pointer needs an object around it.
                see_.text(
                    at + "/fields", {{std::to_string(i), (*fields)[i]}}, std::to_string(i), 2000, false
                );
            }
        }
        if (const auto* accessory = see_.object(at, block, "accessory")) {
            see_.element(
                at + "/accessory",
                *accessory,
                {"button",
                 "checkboxes",
                 "datepicker",
                 "image",
                 "overflow",
                 "radio_buttons",
                 "timepicker",
                 "workflow_button",
                 SIMULATOR_SELECTS}
            );
        }
    }

    void actions(const std::string& at, const json::object& block)
    {
        see_.keys(at, block, {"type", "elements"}, {"block_id"});
        const auto* elements = see_.items(at, block, "elements", 1, 25);
        std::set<std::string> action_ids;
        for (std::size_t i = 0; elements != nullptr && i < elements->size(); ++i) {
            const auto here = at + "/elements/" + std::to_string(i);
            const auto* element = (*elements)[i].if_object();
            if (element == nullptr) {
                see_.note(here, "failed to match type: object");
                continue;
            }
            see_.element(
                here,
                *element,
                {"button",
                 "checkboxes",
                 "datepicker",
                 "datetimepicker",
                 "overflow",
                 "radio_buttons",
                 "timepicker",
                 "workflow_button",
                 SIMULATOR_SELECTS}
            );
            const auto action = text_at(*element, "action_id");
            if (!action.empty() && !action_ids.insert(action).second) {
                see_.note(here + "/action_id", "`action_id` `" + action + "` already exists in this block");
            }
        }
    }

    void context(const std::string& at, const json::object& block)
    {
        see_.keys(at, block, {"type", "elements"}, {"block_id"});
        const auto* elements = see_.items(at, block, "elements", 1, 10);
        for (std::size_t i = 0; elements != nullptr && i < elements->size(); ++i) {
            const auto here = at + "/elements/" + std::to_string(i);
            const auto* element = (*elements)[i].if_object();
            const auto type = element == nullptr ? "" : text_at(*element, "type");
            if (type == "image") {
                see_.element(here, *element, {"image"});
            }
            else if (type == "plain_text" || type == "mrkdwn") {
                see_.text(at + "/elements", {{std::to_string(i), *element}}, std::to_string(i), 3000, false);
            }
            else {
                see_.note(here, "a context holds only text and images");
            }
        }
    }

    void input(const std::string& at, const json::object& block)
    {
        ++inputs_;
        see_.keys(
            at, block, {"type", "label", "element"}, {"block_id", "hint", "optional", "dispatch_action"}
        );
        see_.text(at, block, "label", 2000, true);
        see_.text(at, block, "hint", 2000, true);
        if (const auto* element = see_.object(at, block, "element")) {
            see_.element(
                at + "/element",
                *element,
                {"checkboxes",
                 "datepicker",
                 "datetimepicker",
                 "email_text_input",
                 "file_input",
                 "number_input",
                 "plain_text_input",
                 "radio_buttons",
                 "rich_text_input",
                 "timepicker",
                 "url_text_input",
                 SIMULATOR_SELECTS}
            );
        }
    }

    void header(const std::string& at, const json::object& block)
    {
        see_.keys(at, block, {"type", "text"}, {"block_id", "level"});
        see_.text(at, block, "text", 150, true);
    }

    void image(const std::string& at, const json::object& block)
    {
        see_.keys(at, block, {"type"}, {"block_id", "image_url", "slack_file", "alt_text", "title"});
        see_.image(at, block);
        see_.text(at, block, "title", 2000, true);
    }

    void markdown(const std::string& at, const json::object& block)
    {
        see_.keys(at, block, {"type", "text"}, {"block_id"});
        see_.length(at, block, "text", max_markdown, 1);
        markdown_ += std::min(code_points(text_at(block, "text")), max_markdown);
        if (surface_ != Surface::message) see_.note(at + "/type", "markdown is for messages");
    }

    void table(const std::string& at, const json::object& block)
    {
        ++tables_;
        see_.keys(at, block, {"type", "rows"}, {"block_id", "column_settings"});
        const auto* rows = see_.items(at, block, "rows", 1, 100);
        std::set<std::size_t> widths;
        for (std::size_t i = 0; rows != nullptr && i < rows->size(); ++i) {
            const auto* row = (*rows)[i].if_array();
            if (row == nullptr || row->empty() || row->size() > 20) {
                see_.note(at + "/rows/" + std::to_string(i), "a row has 1 to 20 cells");
                continue;
            }
            widths.insert(row->size());
            for (const auto& cell : *row) {
                const auto type = cell.is_object() ? text_at(cell.as_object(), "type") : "";
                if (type != "raw_text" && type != "raw_number" && type != "rich_text") {
                    see_.note(
                        at + "/rows/" + std::to_string(i), "a cell is raw_text, raw_number or rich_text"
                    );
                }
                else if (type == "raw_text" && text_at(cell.as_object(), "text").empty()) {
                    see_.note(at + "/rows/" + std::to_string(i), "must be more than 0 characters");
                }
            }
        }
        if (widths.size() > 1) see_.note(at + "/rows", "all rows have the same number of cells");
        const auto* settings = see_.items(at, block, "column_settings", 0, 20);
        if (settings != nullptr && widths.size() == 1 && settings->size() > *widths.begin()) {
            see_.note(at + "/column_settings", "more settings than columns");
        }
    }

    void rich_text(const std::string& at, const json::object& block)
    {
        see_.keys(at, block, {"type", "elements"}, {"block_id"});
        const auto* elements = see_.items(at, block, "elements", 1, 100);
        for (std::size_t i = 0; elements != nullptr && i < elements->size(); ++i) {
            const auto* element = (*elements)[i].if_object();
            const auto type = element == nullptr ? "" : text_at(*element, "type");
            if (type != "rich_text_section" && type != "rich_text_list" && type != "rich_text_quote" &&
                type != "rich_text_preformatted") {
                see_.note(at + "/elements/" + std::to_string(i), "unsupported type: " + type);
            }
        }
    }

    Inspection& see_;
    Surface surface_;
    std::set<std::string> ids_;
    std::size_t markdown_ = 0;
    int inputs_ = 0;
    int tables_ = 0;
};

void look_at_message(Inspection& inspection, const json::object& message)
{
    inspection.length("", message, "text", max_text);
    if (text_at(message, "text").empty()) inspection.note("/text", "no text");
    if (const auto* blocks = inspection.items("", message, "blocks", 0, max_message_blocks)) {
        Blocks(inspection, Surface::message).all("/blocks", *blocks);
    }
    const auto* attachments = inspection.items("", message, "attachments", 0, max_attachments);
    for (std::size_t i = 0; attachments != nullptr && i < attachments->size(); ++i) {
        const auto at = "/attachments/" + std::to_string(i);
        const auto* attachment = (*attachments)[i].if_object();
        if (attachment == nullptr) {
            inspection.note(at, "failed to match type: object");
            continue;
        }
        if (const auto* blocks = inspection.items(at, *attachment, "blocks", 0, max_message_blocks)) {
            Blocks(inspection, Surface::message).all(at + "/blocks", *blocks);
        }
    }
}

}  // namespace

std::vector<std::string> mistakes_in_message(const json::array& blocks)
{
    Inspection inspection;
    if (blocks.size() > max_message_blocks) inspection.note("/blocks", "no more than 50 items allowed");
    Blocks(inspection, Surface::message).all("/blocks", blocks);
    return inspection.take();
}

std::vector<std::string> mistakes_in_message(const json::object& message)
{
    Inspection inspection;
    look_at_message(inspection, message);
    return inspection.take();
}

std::vector<std::string> mistakes_in_view(const json::object& view)
{
    Inspection inspection;
    const std::string at = "/view";
    const auto type = text_at(view, "type");
    const bool modal = type == "modal";
    if (modal) {
        inspection.keys(
            at,
            view,
            {"type", "title", "blocks"},
            {"close",
             "submit",
             "private_metadata",
             "callback_id",
             "clear_on_close",
             "notify_on_close",
             "external_id",
             "submit_disabled"}
        );
    }
    else if (type == "home") {
        inspection.keys(at, view, {"type", "blocks"}, {"private_metadata", "callback_id", "external_id"});
    }
    else {
        inspection.note(at + "/type", "must be modal or home");
    }
    for (const auto* key : {"title", "submit", "close"})
        inspection.text(at, view, key, 24, true);
    inspection.length(at, view, "private_metadata", 3000);
    inspection.length(at, view, "callback_id", max_id);
    inspection.length(at, view, "external_id", max_id);
    if (json::serialize(view).size() > max_view_bytes) inspection.note(at, "view_too_large");
    if (const auto* blocks = inspection.items(at, view, "blocks", 1, max_view_blocks)) {
        Blocks all(inspection, modal ? Surface::modal : Surface::home);
        all.all(at + "/blocks", *blocks);
        if (modal && all.has_input() && !view.contains("submit")) {
            inspection.note(at + "/submit", "submit is required when an input block is present");
        }
    }
    return inspection.take();
}

std::vector<std::string> mistakes_in_slash_answer(const json::object& answer)
{
    Inspection inspection;
    if (answer.empty()) return {};
    inspection.keys("", answer, {"text"}, {"blocks", "attachments", "response_type"});
    const auto type = text_at(answer, "response_type");
    if (answer.contains("response_type") && type != "ephemeral" && type != "in_channel") {
        inspection.note("/response_type", "must be ephemeral or in_channel");
    }
    look_at_message(inspection, answer);
    return inspection.take();
}

std::vector<std::string> mistakes_in_submission_answer(const json::object& answer, const json::object& view)
{
    Inspection inspection;
    if (answer.empty()) return {};
    const auto action = text_at(answer, "response_action");
    if (action == "errors") {
        inspection.keys("", answer, {"response_action", "errors"}, {});
        const auto* errors = inspection.object("", answer, "errors");
        if (errors == nullptr || errors->empty()) {
            inspection.note("/errors", "must name a block");
            return inspection.take();
        }
        const auto* blocks = array_at(view, "blocks");
        for (const auto& [block_id, words] : *errors) {
            const bool is_input =
                blocks != nullptr &&
                std::any_of(blocks->begin(), blocks->end(), [&id = block_id](const auto& each) {
                    const auto* block = each.if_object();
                    return block != nullptr && text_at(*block, "type") == "input" &&
                           text_at(*block, "block_id") == id;
                });
            if (!is_input) inspection.note("/errors", "no input block is called " + std::string(block_id));
            inspection.length("/errors", *errors, block_id, max_error, 1);
        }
    }
    else if (action == "update" || action == "push") {
        inspection.keys("", answer, {"response_action", "view"}, {});
        if (const auto* shown = inspection.object("", answer, "view")) return mistakes_in_view(*shown);
    }
    else if (action == "clear") {
        inspection.keys("", answer, {"response_action"}, {});
    }
    else {
        inspection.note("/response_action", "must be errors, update, push or clear");
    }
    return inspection.take();
}

}  // namespace simulator
