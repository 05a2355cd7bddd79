#include "bot/runtime/log.hpp"

#include "commands/text/outside.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>

namespace slipway {

namespace {

constexpr std::size_t longest_line = 4'000;

class CleanText : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& line) override
    {
        const auto text = line_from_outside({message.payload.data(), message.payload.size()}, longest_line);
        line.append(text.data(), text.data() + text.size());
    }

    [[nodiscard]] std::unique_ptr<spdlog::custom_flag_formatter> clone() const override
    {
        return std::make_unique<CleanText>();
    }
};

}  // namespace

void begin_log(const std::string& level)
{
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<CleanText>('*').set_pattern("[%Y-%m-%d %H:%M:%S.%e] [%^%l%$] %*");
    spdlog::set_formatter(std::move(formatter));
    spdlog::set_level(spdlog::level::from_str(level));
    spdlog::flush_on(spdlog::level::trace);  // a pipe or a file would keep the last lines to itself
}

void log::write(Level level, fmt::string_view format, fmt::format_args arguments)
{
    const auto line = fmt::vformat(format, arguments);
    switch (level) {
        case Level::info:
            spdlog::info("{}", line);
            break;
        case Level::warn:
            spdlog::warn("{}", line);
            break;
        case Level::error:
            spdlog::error("{}", line);
            break;
    }
}

}  // namespace slipway
