// What somebody typed after /deploy, and as a time or a length of time.
#include "commands/pipeline/windows.hpp"
#include "commands/verbs/table.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    static const auto policy = slipway::document_policy();
    static const slipway::Instant now{std::chrono::hours{24 * 365 * 56}};
    const std::string text(data, data + size);
    const auto request = slipway::parse_slash(text);
    if (request && slipway::find_verb(request->verb) == nullptr) {
        std::abort();
    }
    (void)slipway::parse_slash(text, "rollback");
    const auto when = slipway::parse_when(text, now, policy);
    if (when && *when < now) {
        std::abort();
    }
    (void)slipway::parse_duration(text);
    return 0;
}
