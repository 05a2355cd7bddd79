#include "tests/simulator/block_kit.hpp"

#include "tests/simulator/block_kit_elements.hpp"

#include <algorithm>
#include <set>

namespace simulator {

namespace {

constexpr std::size_t max_id = 255;
constexpr std::size_t max_message_blocks = 50;
constexpr std::size_t max_error = 2000;   // not documented: that of an input's label
constexpr std::size_t max_text = 40'000;  // what is beyond is cut off
constexpr std::size_t max_view_blocks = 100;
constexpr std::size_t max_view_bytes = 250'000;

class Blocks {
public:
    explicit Blocks(Inspection& inspection) : see_(inspection) {}

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
        if (type == "input") return input(at, block);
        if (type == "header") return header(at, block);
        if (type == "divider") return see_.keys(at, block, {"type"}, {"block_id"});
        see_.note(at + "/type", "unsupported type: " + type);
    }

    void section(const std::string& at, const json::object& block)
    {
        see_.keys(at, block, {"type", "text"}, {"block_id", "accessory", "expand"});
        see_.text(at, block, "text", 3000, false);
        if (const auto* accessory = see_.object(at, block, "accessory")) {
            see_.element(
                at + "/accessory",
                *accessory,
                {"button", "checkboxes", "overflow", "static_select", "users_select"}
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
                {"button", "checkboxes", "datetimepicker", "overflow", "static_select", "users_select"}
            );
            const auto action = text_at(*element, "action_id");
            if (!action.empty() && !action_ids.insert(action).second) {
                see_.note(here + "/action_id", "`action_id` `" + action + "` already exists in this block");
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
                {"checkboxes", "datetimepicker", "plain_text_input", "static_select", "users_select"}
            );
        }
    }

    void header(const std::string& at, const json::object& block)
    {
        see_.keys(at, block, {"type", "text"}, {"block_id", "level"});
        see_.text(at, block, "text", 150, true);
    }

    Inspection& see_;
    std::set<std::string> ids_;
    int inputs_ = 0;
};

void look_at_message(Inspection& inspection, const json::object& message)
{
    inspection.length("", message, "text", max_text);
    if (text_at(message, "text").empty()) inspection.note("/text", "no text");
    if (const auto* blocks = inspection.items("", message, "blocks", 0, max_message_blocks)) {
        Blocks(inspection).all("/blocks", *blocks);
    }
}

}  // namespace

std::vector<std::string> mistakes_in_message(const json::array& blocks)
{
    Inspection inspection;
    if (blocks.size() > max_message_blocks) inspection.note("/blocks", "no more than 50 items allowed");
    Blocks(inspection).all("/blocks", blocks);
    return inspection.take();
}

std::vector<std::string> mistakes_in_message(const json::object& message)
{
    Inspection inspection;
    inspection.keys("", message, {}, {"text", "blocks"});
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
        Blocks all(inspection);
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
    inspection.keys("", answer, {"text"}, {"blocks", "response_type"});
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
    inspection.keys("", answer, {"response_action", "errors"}, {});
    if (text_at(answer, "response_action") != "errors") inspection.note("/response_action", "must be errors");
    const auto* errors = inspection.object("", answer, "errors");
    if (errors == nullptr || errors->empty()) {
        inspection.note("/errors", "must name a block");
        return inspection.take();
    }
    const auto* blocks = array_at(view, "blocks");
    for (const auto& [block_id, words] : *errors) {
        const bool is_input = blocks != nullptr &&
                              std::any_of(blocks->begin(), blocks->end(), [&id = block_id](const auto& each) {
                                  const auto* block = each.if_object();
                                  return block != nullptr && text_at(*block, "type") == "input" &&
                                         text_at(*block, "block_id") == id;
                              });
        if (!is_input) inspection.note("/errors", "no input block is called " + std::string(block_id));
        inspection.length("/errors", *errors, block_id, max_error, 1);
    }
    return inspection.take();
}

}  // namespace simulator
