// A frame of Socket Mode, from the first byte to the typed command and to what its button or form carries.
#include "bot/runtime/random.hpp"
#include "bot/slack/carried.hpp"
#include "bot/slack/socket_mode.hpp"

namespace {

void fill(const std::string& text, const slipway::slack::ButtonPress& press)
{
    if (const auto carried = slipway::slack::carried(text)) {
        slipway::Request request;
        request.verb = slipway::slack::verb_of(slipway::slack::button_of(press, *carried), "verb:");
        slipway::slack::fill_from(request, *carried);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    slipway::SeededRandom random(1);
    const slipway::slack::SteadyTime now{};
    slipway::slack::SocketMode protocol(1, random, now);
    (void)protocol.tick(now);
    (void)protocol.opened(1, now);
    for (const auto& action : protocol.text(1, std::string(data, data + size), now)) {
        if (const auto* deliver = std::get_if<slipway::slack::Deliver>(&action)) {
            const auto inbound = slipway::slack::decode(deliver->envelope);
            if (const auto* press = std::get_if<slipway::slack::ButtonPress>(&inbound)) {
                fill(press->value, *press);
            }
            if (const auto* submitted = std::get_if<slipway::slack::ViewSubmission>(&inbound)) {
                fill(submitted->private_metadata, {});
            }
            (void)slipway::slack::dedupe_keys(deliver->envelope);
        }
    }
    return 0;
}
