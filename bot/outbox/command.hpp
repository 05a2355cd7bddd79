#pragma once

#include "bot/runtime/clock.hpp"
#include "bot/runtime/wakeup.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace slipway::executors {

/// How an action ended.
struct Outcome {
    bool succeeded = false;
    std::string output;     ///< what it said, or why it could not be run; the last 64 KiB
    bool unknown = false;   ///< it may have been done, or be going on: somebody has to look
    bool accepted = false;  ///< succeeded as far as its answer tells: it was taken and may be going on
};

/// A program to run: an argument list, no shell, and nothing of our own environment but PATH, HOME and LANG.
struct Command {
    std::vector<std::string> arguments;  ///< the first names the program, looked up in PATH
    std::map<std::string, std::string> environment;
    std::chrono::seconds time_limit{600};
    std::vector<std::string> secrets{};  ///< masked in the output, before anything of it is cut off
};

/// By which somebody else ends a command before its time.
class Stop {
public:
    explicit Stop(const boost::asio::any_io_executor& executor) : bell_(executor), gone_(executor) {}

    /// Ends it; `why` is said with its output.
    void ask(const std::string& why)
    {
        why_ = why;
        bell_.ring();
    }

    [[nodiscard]] const std::string& why() const { return why_; }  ///< empty: nobody asked

    /// Rung at what the command waits for: its end, or being asked to end.
    [[nodiscard]] Wakeup& bell() { return bell_; }

    /// Rung when the action is over and its outcome stored.
    [[nodiscard]] Wakeup& gone() { return gone_; }

private:
    std::string why_;
    Wakeup bell_;
    Wakeup gone_;
};

/// Runs `command` until it exits; succeeded means exit code 0. What it leaves behind in its process group is
/// ended then. At the time limit, or when `stop` asks, it and the whole group get SIGTERM and five seconds,
/// then SIGKILL; when the wait is cancelled, or we are killed ourselves, SIGKILL at once. What nobody can end
/// is left alone, and said. `clock` must outlive the wait.
[[nodiscard]] boost::asio::awaitable<Outcome> run_command(
    Command command, Clock* clock, std::shared_ptr<Stop> stop
);

/// `text` with every secret in it shown as "***".
[[nodiscard]] std::string masked(std::string text, const std::vector<std::string>& secrets);

}  // namespace slipway::executors
