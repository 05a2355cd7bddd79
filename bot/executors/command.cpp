#include "bot/executors/command.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <optional>

namespace slipway::executors {

namespace {

namespace asio = boost::asio;

constexpr std::size_t longest_output = 64 * 1024;
constexpr std::chrono::milliseconds time_to_end{5'000};

std::map<std::string, std::string> inherited()
{
    std::map<std::string, std::string> kept;
    for (const auto* name : {"PATH", "HOME", "LANG"}) {
        if (const char* value = std::getenv(name); value != nullptr) {
            kept[name] = value;
        }
    }
    return kept;
}

/// A child process in a group of its own. The group never outlives this.
class Child {
public:
    /// Throws std::system_error when it cannot be started.
    Child(const Command& command, int output)
    {
        auto arguments = command.arguments;
        std::vector<char*> argv;
        for (auto& argument : arguments) {
            argv.push_back(argument.data());
        }
        argv.push_back(nullptr);
        auto variables = inherited();
        variables.insert(command.environment.begin(), command.environment.end());
        std::vector<std::string> lines;
        for (const auto& [name, value] : variables) {
            lines.push_back(name + "=" + value);
        }
        std::vector<char*> envp;
        for (auto& line : lines) {
            envp.push_back(line.data());
        }
        envp.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);  // our sockets are not for it
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        posix_spawnattr_setpgroup(&attributes, 0);
        const int error = posix_spawnp(&pid_, argv.front(), &files, &attributes, argv.data(), envp.data());
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
        if (error != 0) {
            throw std::system_error(
                error, std::generic_category(), "cannot run " + command.arguments.front()
            );
        }
    }

    ~Child()
    {
        signal_group(SIGKILL);
        if (!status_) {
            int status = 0;
            waitpid(pid_, &status, 0);
        }
    }

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void signal_group(int signal) const { kill(-pid_, signal); }

    /// A descriptor that can be read once the child has ended.
    [[nodiscard]] int end() const { return static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)); }

    /// Call when it has ended.
    void reap()
    {
        int status = 0;
        waitpid(pid_, &status, 0);
        status_ = status;
    }

    [[nodiscard]] bool succeeded() const
    {
        return status_ && WIFEXITED(*status_) && WEXITSTATUS(*status_) == 0;
    }

    [[nodiscard]] std::string ending() const
    {
        if (!status_ || WIFEXITED(*status_)) {
            return "exit code " + std::to_string(status_ ? WEXITSTATUS(*status_) : -1);
        }
        return "ended by signal " + std::to_string(WTERMSIG(*status_));
    }

private:
    pid_t pid_ = 0;
    std::optional<int> status_;
};

struct Pipe {
    std::array<int, 2> ends{-1, -1};

    Pipe()
    {
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw std::system_error(errno, std::generic_category(), "pipe");
        }
    }

    ~Pipe() { close_writer(); }

    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    void close_writer()
    {
        if (ends[1] >= 0) {
            close(ends[1]);
            ends[1] = -1;
        }
    }
};

/// Reads until every process of the group has closed its output; keeps the end of it.
asio::awaitable<void> collect(asio::posix::stream_descriptor* output, std::string* text)
{
    std::array<char, 4096> buffer{};
    for (;;) {
        boost::system::error_code error;
        const auto into = asio::buffer(buffer);
        const auto size =
            co_await output->async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            break;
        }
        text->append(buffer.data(), size);
        if (text->size() > 2 * longest_output) {
            text->erase(0, text->size() - longest_output);
        }
    }
}

asio::awaitable<void> wait_for_end(Child* child)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::posix::stream_descriptor end(executor, child->end());
    co_await end.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    child->reap();
}

asio::awaitable<void> finish(asio::posix::stream_descriptor* output, std::string* text, Child* child)
{
    co_await collect(output, text);
    co_await wait_for_end(child);
}

}  // namespace

asio::awaitable<Outcome> run_command(Command command, Clock* clock)
{
    using namespace asio::experimental::awaitable_operators;
    const auto executor = co_await asio::this_coro::executor;
    std::optional<Child> child;
    std::string text;
    Pipe pipe;
    asio::posix::stream_descriptor output(executor, pipe.ends[0]);
    std::string cannot_run;
    try {
        child.emplace(command, pipe.ends[1]);
    }
    catch (const std::system_error& error) {
        cannot_run = error.what();
    }
    if (!child) {
        co_return Outcome{false, cannot_run};
    }
    pipe.close_writer();
    auto finishing = finish(&output, &text, &*child);
    auto limit = clock->sleep_for(command.time_limit);
    const auto first = co_await (std::move(finishing) || std::move(limit));
    const bool in_time = first.index() == 0;
    if (!in_time) {
        child->signal_group(SIGTERM);
        auto ending = wait_for_end(&*child);
        auto patience = clock->sleep_for(time_to_end);
        co_await (std::move(ending) || std::move(patience));
    }
    if (text.size() > longest_output) {
        text.erase(0, text.size() - longest_output);
    }
    if (!in_time) {
        text += "\n(ended at the limit of " + std::to_string(command.time_limit.count()) + " s)";
    }
    else if (!child->succeeded()) {
        text += "\n(" + child->ending() + ")";
    }
    co_return Outcome{in_time && child->succeeded(), text};
}

}  // namespace slipway::executors
