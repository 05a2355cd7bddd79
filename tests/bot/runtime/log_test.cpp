#include "bot/runtime/log.hpp"

#include <catch2/catch_test_macros.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

namespace slipway {

TEST_CASE("what others say begins no line of the log and steers no terminal", "[bot][log]")
{
    const auto before = spdlog::default_logger();
    std::ostringstream out;
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_st>(out))
    );
    begin_log("info");
    log::warn("views.publish: {}", "\x1b[2J\n[2026-11-30] [info] FAKE\xff" + std::string(1'000'000, 'x'));
    spdlog::set_default_logger(before);
    const auto text = out.str();
    CHECK(text.find("[warning] views.publish:  [2026-11-30] [info] FAKE\uFFFDxxx") != std::string::npos);
    CHECK(text.find('\n') == text.size() - 1);
    CHECK(text.size() < 5'000);
}

}  // namespace slipway
