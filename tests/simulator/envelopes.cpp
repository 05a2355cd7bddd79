#include "tests/simulator/envelopes.hpp"

#include "tests/simulator/block_kit.hpp"

namespace simulator {

std::string ticket_in(const std::string& url)
{
    const auto at = url.find("ticket=");
    return at == std::string::npos ? std::string{} : url.substr(at + 7, url.find('&', at) - at - 7);
}

std::optional<std::chrono::milliseconds> retry_after(int attempt)
{
    switch (attempt) {
        case 0:
            return std::chrono::seconds{0};
        case 1:
            return std::chrono::minutes{1};
        case 2:
            return std::chrono::minutes{5};
        default:
            return std::nullopt;
    }
}

std::string frame_of(const Sent& sent)
{
    json::object frame{
        {"envelope_id", sent.envelope_id},
        {"type", sent.type},
        {"payload", sent.payload},
        {"accepts_response_payload", sent.accepts_payload}};
    if (sent.type == "events_api") {
        frame["retry_attempt"] = sent.attempt;
        frame["retry_reason"] = sent.attempt == 0 ? "" : "timeout";
    }
    return json::serialize(frame);
}

std::vector<std::string> mistakes_in_answer(const Sent& sent)
{
    if (!sent.accepts_payload && !sent.answer.empty()) return {"this envelope takes no payload"};
    if (sent.type == "slash_commands") return mistakes_in_slash_answer(sent.answer);
    const auto* view = object_at(sent.payload, "view");
    return sent.accepts_payload && view != nullptr ? mistakes_in_submission_answer(sent.answer, *view)
                                                   : std::vector<std::string>{};
}

}  // namespace simulator
