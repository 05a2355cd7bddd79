// A frame of Socket Mode, from the first byte to the typed command.
#include "bot/random.hpp"
#include "bot/slack/socket_mode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    slipway::SeededRandom random(1);
    const slipway::slack::SteadyTime now{};
    slipway::slack::SocketMode protocol(1, random, now);
    (void)protocol.tick(now);
    (void)protocol.opened(1, now);
    for (const auto& action : protocol.text(1, std::string(data, data + size), now)) {
        if (const auto* deliver = std::get_if<slipway::slack::Deliver>(&action)) {
            (void)slipway::slack::decode(deliver->envelope);
            (void)slipway::slack::dedupe_keys(deliver->envelope);
        }
    }
    return 0;
}
