#include "bot/outbox/command.hpp"

#include "bot/net/task_group.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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
        // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody here changes the environment
        if (const char* value = std::getenv(name); value != nullptr) {
            kept[name] = value;
        }
    }
    return kept;
}

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

/// Signals `process`, which is not reaped yet, and its group where it made one of its own (setsid).
void signal_process(pid_t process, int signal)
{
    kill(process, signal);
    kill(-process, signal);
}

/// Reads from the pipe which process it also ends, and ends it and its own group, itself included, when the
/// pipe's last writer is gone. System calls only: this is the fork of a program whose other threads may have
/// held any lock.
[[noreturn]] void guard_group(int lifeline)
{
    setpgid(0, 0);
    dup2(lifeline, STDIN_FILENO);
    close_range(STDIN_FILENO + 1, ~0U, 0);  // our own copy of the writer among them
    pid_t process = 0;
    while (read(STDIN_FILENO, &process, sizeof process) > 0) {
    }
    if (process > 0) {
        signal_process(process, SIGKILL);
    }
    kill(0, SIGKILL);
    _exit(EXIT_FAILURE);
}

/// A process group that never outlives this, nor us: a SIGKILL reaches the bot alone, so a guard in the group
/// waits for that end and then ends it. (A parent-death signal would reach the command but not its children.)
class Group {
public:
    /// Throws std::system_error when there can be none.
    Group()
    {
        // A signal to the group is not for the guard, and asio's handlers would write into pipes of ours.
        sigset_t all{};
        sigset_t before{};
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        guard_ = fork();
        if (guard_ == 0) {
            guard_group(lifeline_.ends[0]);
        }
        const int error = errno;
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        close(lifeline_.ends[0]);
        if (guard_ < 0) {
            throw std::system_error(error, std::generic_category(), "fork");
        }
        setpgid(guard_, guard_);  // whichever of the two comes first
    }

    ~Group()
    {
        signal(SIGKILL);
        waitpid(guard_, nullptr, 0);
    }

    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    void signal(int signal) const { kill(-guard_, signal); }

    /// Also ends `process`, which may leave the group, when we are gone.
    void watch(pid_t process)
    {
        [[maybe_unused]] const auto written = write(lifeline_.ends[1], &process, sizeof process);
    }

    [[nodiscard]] pid_t id() const { return guard_; }

private:
    Pipe lifeline_;
    pid_t guard_ = 0;
};

/// A child process in a group of its own.
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
        posix_spawnattr_setpgroup(&attributes, group_.id());
        const int error = posix_spawnp(&pid_, argv.front(), &files, &attributes, argv.data(), envp.data());
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
        if (error != 0) {
            throw std::system_error(
                error, std::generic_category(), "cannot run " + command.arguments.front()
            );
        }
        group_.watch(pid_);
    }

    ~Child()
    {
        if (!status_) {
            end_all();
        }
    }

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Also where it left the group.
    void signal(int signal) const
    {
        group_.signal(signal);
        signal_process(pid_, signal);
    }

    /// A descriptor that can be read once the child has ended.
    [[nodiscard]] int end() const { return static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)); }

    /// Ends it and what is left of the group, and notes how it ended itself. False where it cannot be ended:
    /// one that became another user (sudo), or that waits for a disk.
    bool end_all()
    {
        constexpr int dies_within_ms = 500;
        signal(SIGKILL);
        pollfd dead{end(), POLLIN, 0};
        poll(&dead, 1, dies_within_ms);
        close(dead.fd);
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            status_ = status;
        }
        return status_.has_value();
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
    Group group_;
    pid_t pid_ = 0;
    std::optional<int> status_;
};

/// What a command says, the end of it.
struct Output {
    asio::posix::stream_descriptor pipe;
    std::vector<std::string> secrets;
    std::string text{};

    void add(const char* bytes, std::size_t size)
    {
        text.append(bytes, size);
        if (text.size() > 2 * longest_output) {
            text = masked(std::move(text), secrets);
            text.erase(0, text.size() - std::min(text.size(), longest_output));
        }
    }

    /// All of it that has arrived; what still writes must not keep us.
    [[nodiscard]] std::string rest()
    {
        constexpr int most_reads = 64;
        std::array<char, 4096> buffer{};
        boost::system::error_code error;
        pipe.non_blocking(true, error);
        for (int reads = 0; reads < most_reads && !error; ++reads) {
            const auto size = pipe.read_some(asio::buffer(buffer), error);
            add(buffer.data(), size);
        }
        text = masked(std::move(text), secrets);
        text.erase(0, text.size() - std::min(text.size(), longest_output));
        return text;
    }
};

asio::awaitable<void> collect(std::shared_ptr<Output> output)
{
    std::array<char, 4096> buffer{};
    for (;;) {
        boost::system::error_code error;
        const auto into = asio::buffer(buffer);
        const auto size =
            co_await output->pipe.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            co_return;
        }
        output->add(buffer.data(), size);
    }
}

/// Sets `ended` and rings when the child that `end` stands for has ended.
asio::awaitable<void> ring_at_end(int end, std::shared_ptr<bool> ended, std::shared_ptr<Stop> stop)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::posix::stream_descriptor process(executor, end);
    co_await process.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    *ended = true;
    stop->bell().ring();
}

/// Until `ended`, for at most `limit`; no longer than until somebody asks to stop where `heeds_stop`.
asio::awaitable<void> wait_for_end(
    std::shared_ptr<bool> ended,
    std::shared_ptr<Stop> stop,
    Clock* clock,
    std::chrono::milliseconds limit,
    bool heeds_stop
)
{
    const auto until = clock->steady_now() + limit;
    while (!*ended && !(heeds_stop && !stop->why().empty())) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock->steady_now());
        if (left.count() <= 0) {
            co_return;
        }
        co_await stop->bell().wait(*clock, left);
    }
}

}  // namespace

asio::awaitable<Outcome> run_command(Command command, Clock* clock, std::shared_ptr<Stop> stop)
{
    const auto executor = co_await asio::this_coro::executor;
    std::optional<Child> child;
    Pipe pipe;
    auto output = std::make_shared<Output>(Output{
        asio::posix::stream_descriptor(executor, pipe.ends[0]), command.secrets});
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
    const auto ended = std::make_shared<bool>(false);
    net::TaskGroup tasks(executor);
    tasks.spawn(collect(output), {});
    tasks.spawn(ring_at_end(child->end(), ended, stop), {});
    co_await wait_for_end(ended, stop, clock, command.time_limit, true);
    const bool by_itself = *ended;
    std::string why = stop->why();
    if (!by_itself) {
        why =
            why.empty() ? "ended at the limit of " + std::to_string(command.time_limit.count()) + " s" : why;
        child->signal(SIGTERM);
        co_await wait_for_end(ended, stop, clock, time_to_end, false);
    }
    if (!child->end_all()) {
        why += "; its process could not be ended and runs on";
    }
    tasks.cancel_all();
    co_await tasks.wait();
    auto text = output->rest();
    if (!by_itself) {
        text += "\n(" + why + ")";
    }
    else if (!child->succeeded()) {
        text += "\n(" + child->ending() + ")";
    }
    co_return Outcome{by_itself && child->succeeded(), text};
}

std::string masked(std::string text, const std::vector<std::string>& secrets)
{
    for (const auto& secret : secrets) {
        for (auto at = text.find(secret); !secret.empty() && at != std::string::npos;
             at = text.find(secret, at)) {
            text.replace(at, secret.size(), "***");
        }
    }
    return text;
}

}  // namespace slipway::executors
