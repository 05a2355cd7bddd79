#include "tests/durability/bot_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace durability {

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> all;
    for (auto& text : texts) {
        all.push_back(text.data());
    }
    all.push_back(nullptr);
    return all;
}

std::string of_ours(const char* name)
{
    const auto* value = std::getenv(name);
    return std::string(name) + "=" + (value == nullptr ? "" : value);
}

int code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

BotProcess::BotProcess(
    const std::filesystem::path& program,
    std::vector<std::string> arguments,
    const std::map<std::string, std::string>& environment,
    const std::filesystem::path& log
)
{
    arguments.insert(arguments.begin(), program.string());
    std::vector<std::string> variables{of_ours("PATH"), of_ours("HOME")};
    for (const auto& [name, value] : environment) {
        variables.push_back(name + "=" + value);
    }
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    const auto failed = posix_spawn(
        &id_, program.c_str(), &files, nullptr, pointers(arguments).data(), pointers(variables).data()
    );
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) {
        throw std::system_error(failed, std::generic_category(), "cannot start " + program.string());
    }
}

BotProcess::~BotProcess() { kill(); }

void BotProcess::send(int signal)
{
    if (!exit_code()) {
        ::kill(id_, signal);
    }
}

void BotProcess::kill()
{
    if (exit_code()) {
        return;
    }
    ::kill(id_, SIGKILL);
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    exit_code_ = code_of(status);
}

std::optional<int> BotProcess::exit_code()
{
    int status = 0;
    if (!exit_code_ && ::waitpid(id_, &status, WNOHANG) == id_) {
        exit_code_ = code_of(status);
    }
    return exit_code_;
}

}  // namespace durability
