#include "commands/pipeline/request.hpp"

#include "commands/text/letters.hpp"

namespace slipway {

Snapshot::Snapshot() = default;
Snapshot::Snapshot(const Snapshot&) = default;
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(const Snapshot&) = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

namespace {

/// As it was meant: nobody types what nobody sees.
std::string trimmed(const std::string& typed)
{
    const auto text = without_invisible(typed);
    const auto first = text.find_first_not_of(" \t\n\r");
    const auto last = text.find_last_not_of(" \t\n\r");
    return first == std::string::npos ? std::string{} : text.substr(first, last - first + 1);
}

}  // namespace

std::string field(const Request& request, const std::string& key)
{
    const auto* value = request.fields.if_contains(key);
    std::string text;
    if (value != nullptr && value->is_string()) {
        text = std::string(value->get_string());
    }
    else if (value != nullptr && value->is_int64()) {
        text = std::to_string(value->get_int64());
    }
    return trimmed(text);
}

std::string field_or_text(const Request& request, const std::string& key)
{
    auto given = field(request, key);
    return given.empty() ? trimmed(request.text) : given;
}

}  // namespace slipway
