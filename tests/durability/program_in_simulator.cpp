#include "tests/durability/program_in_simulator.hpp"

#include "tests/demo/team_member.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <SQLiteCpp/SQLiteCpp.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace durability {

ProgramInSimulator::ProgramInSimulator(std::filesystem::path built)
    : program(std::move(built)), server(context.get_executor(), clock, {})
{
    simulator::add_example_team(server.workspace);
    environment = {
        {"SLACK_APP_TOKEN", server.workspace.app_token},
        {"SLACK_BOT_TOKEN", server.workspace.bot_token},
        {"LINEAR_API_KEY", server.linear.key},
        {"SLACK_API_URL", server.slack_url()},
        {"LINEAR_API_URL", server.linear_url()},
    };
    configure();
    boost::asio::co_spawn(
        context,
        server.run(),
        boost::asio::bind_cancellation_slot(
            end_of_server_.slot(), [this](std::exception_ptr) { server_ended_ = true; }
        )
    );
    context.poll();  // a server that was cancelled before it began would throw out of the destructor
}

ProgramInSimulator::~ProgramInSimulator()
{
    bot.reset();
    end_of_server_.emit(boost::asio::cancellation_type::terminal);
    (void)wait([this] { return server_ended_; }, 30s);
}

void ProgramInSimulator::configure(const std::string& more, const std::string& config)
{
    std::ofstream(config_path) << more << config << "[store]\npath = \"" << store_path.string()
                               << "\"\n[http]\nport = 0\n";
}

void ProgramInSimulator::launch()
{
    bot = std::make_unique<BotProcess>(
        program, std::vector<std::string>{"run", "--config", config_path.string()}, environment, log_path
    );
}

bool ProgramInSimulator::start()
{
    launch();
    const auto before = server.hub.ever_connected();
    (void)until([&] { return server.hub.ever_connected() > before || bot->exit_code(); });
    return !bot->exit_code();
}

std::optional<std::chrono::milliseconds> ProgramInSimulator::stop(std::chrono::milliseconds limit)
{
    const auto begun = std::chrono::steady_clock::now();
    bot->send(SIGTERM);
    if (!until([&] { return bot->exit_code().has_value(); }, limit)) {
        return std::nullopt;
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
}

bool ProgramInSimulator::until(const std::function<bool()>& holds, std::chrono::milliseconds limit)
{
    const bool held = wait(holds, limit);
    const auto& refused = server.transcript.refused();
    if (const auto known = std::exchange(refused_, refused.size()); known < refused.size()) {
        throw std::logic_error("Slack would refuse " + refused[known]);
    }
    return held;
}

bool ProgramInSimulator::wait(const std::function<bool()>& holds, std::chrono::milliseconds limit)
{
    constexpr std::chrono::milliseconds slice{5};
    const auto ends = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > ends) {
            return false;
        }
        context.run_one_for(slice);
    }
    return true;
}

ProgramInSimulator::Ran ProgramInSimulator::run(std::vector<std::string> arguments)
{
    const auto printed = folder / "printed";
    std::filesystem::remove(printed);
    arguments.emplace_back("--config");
    arguments.push_back(config_path.string());
    BotProcess process(program, std::move(arguments), environment, printed);
    const bool ended = until([&] { return process.exit_code().has_value(); });
    return {ended ? process.exit_code().value() : -1, text_of(printed)};
}

std::vector<std::string> ProgramInSimulator::rows(const std::string& sql) const
{
    std::vector<std::string> found;
    if (!std::filesystem::exists(store_path)) {
        return found;
    }
    SQLite::Database database(store_path.string(), SQLite::OPEN_READONLY, 2'000);
    SQLite::Statement query(database, sql);
    while (query.executeStep()) {
        std::string row;
        for (int column = 0; column < query.getColumnCount(); ++column) {
            row += (column == 0 ? "" : "|") + query.getColumn(column).getString();
        }
        found.push_back(row);
    }
    return found;
}

std::string ProgramInSimulator::log() const { return text_of(log_path); }

std::string text_of(const std::filesystem::path& file)
{
    const std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

json::object plan_for_tomorrow(const simulator::SimulatedClock& clock)
{
    auto plan = demo::example_plan();
    const auto tomorrow = clock.now() + std::chrono::hours{26};
    plan["starts_at"] = std::chrono::floor<std::chrono::seconds>(tomorrow.time_since_epoch()).count();
    return plan;
}

}  // namespace durability
