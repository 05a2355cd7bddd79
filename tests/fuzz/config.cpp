// slipway.toml, whatever stands in it: read, or refused with a line for each mistake.
#include "bot/config/config.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    static const auto file =
        std::filesystem::temp_directory_path() / ("slipway-fuzz-" + std::to_string(::getpid()) + ".toml");
    std::ofstream(file, std::ios::binary) << std::string(data, data + size);
    try {
        const auto config = slipway::load_config(file, {});
        if (config.policy.services.empty() || config.policy.zone == nullptr) {
            std::abort();
        }
    }
    catch (const slipway::ConfigMistakes& mistakes) {
        if (mistakes.mistakes().empty()) {
            std::abort();
        }
    }
    return 0;
}
