#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace durability {

/// The real program as a process of its own. One that still runs when this goes away is killed.
class BotProcess {
public:
    /// Starts `program` with nothing of our environment but PATH and HOME. What it prints goes to the end of
    /// `log`. Throws std::system_error when it cannot be started.
    BotProcess(
        const std::filesystem::path& program,
        std::vector<std::string> arguments,
        const std::map<std::string, std::string>& environment,
        const std::filesystem::path& log
    );
    ~BotProcess();
    BotProcess(const BotProcess&) = delete;
    BotProcess& operator=(const BotProcess&) = delete;

    /// Sends `signal`; nothing where the process has ended.
    void send(int signal);

    /// Sends SIGKILL and waits for the end, which follows at once.
    void kill();

    /// Looks whether it has ended, without waiting: its exit code, or 128 and the signal that ended it.
    [[nodiscard]] std::optional<int> exit_code();

    [[nodiscard]] pid_t id() const { return id_; }

private:
    pid_t id_ = -1;
    std::optional<int> exit_code_;
};

}  // namespace durability
