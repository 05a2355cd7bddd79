#include "bot/cli/commands.hpp"
#include "bot/cli/mistakes.hpp"
#include "bot/config/config.hpp"
#include "bot/slack/socket_session.hpp"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <streambuf>
#include <system_error>

namespace {

constexpr int failed = 1;
constexpr int misused = 2;

/// Tokens live in this memory: no core file keeps it, and no other process of this user reads it.
void keep_memory_private()
{
    rlimit core{};
    if (::getrlimit(RLIMIT_CORE, &core) == 0) {
        core.rlim_cur = 0;
        ::setrlimit(RLIMIT_CORE, &core);
    }
#ifndef __SANITIZE_ADDRESS__  // its search for leaks reads the process from outside
    ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

/// What is opened first gets the lowest free number: were one of these closed, the lock file or the database
/// would get it, and whatever is printed.
void open_standard_files()
{
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; ++file) {
        if (::fcntl(file, F_GETFD) == -1) {
            (void)::open("/dev/null", O_RDWR);
        }
    }
}

/// What std::cout writes to while this lives. Says why it cannot, at once: whoever reads an export must not
/// take its beginning for all of it.
class StandardOutput : public std::streambuf {
public:
    StandardOutput() : before_(std::cout.rdbuf(this)) { std::cout.exceptions(std::ios::badbit); }

    ~StandardOutput() override
    {
        std::cout.exceptions(std::ios::goodbit);
        std::cout.rdbuf(before_);
    }

    StandardOutput(const StandardOutput&) = delete;
    StandardOutput& operator=(const StandardOutput&) = delete;

protected:
    int_type overflow(int_type letter) override
    {
        const auto byte = traits_type::to_char_type(letter);
        xsputn(&byte, 1);
        return traits_type::not_eof(letter);
    }

    std::streamsize xsputn(const char* bytes, std::streamsize size) override
    {
        require(
            std::fwrite(bytes, 1, static_cast<std::size_t>(size), stdout) == static_cast<std::size_t>(size)
        );
        return size;
    }

    int sync() override
    {
        require(std::fflush(stdout) == 0);
        return 0;
    }

private:
    static void require(bool written)
    {
        if (!written) {
            throw std::system_error(errno, std::generic_category(), "could not write standard output");
        }
    }

    std::streambuf* before_;
};

int run(int argc, char** argv)
{
    slipway::CommandLine chosen;
    CLI::App app("Slipway: takes a team's deployments down its written pipeline, in Slack.", "slipway");
    app.set_version_flag("--version", std::string("slipway ") + SLIPWAY_VERSION);
    app.require_subcommand(1);
    app.add_option("--config", chosen.config, "The configuration file")
        ->envname("SLIPWAY_CONFIG")
        ->capture_default_str();
    app.fallthrough();
    slipway::declare_commands(app, chosen);
    try {
        app.parse(argc, argv);
    }
    catch (const CLI::Success& asked) {
        return app.exit(asked);
    }
    catch (const CLI::ParseError& mistake) {
        std::cerr << "slipway: " << slipway::mistake_in(app, mistake.what()) << '\n';
        return misused;
    }
    return chosen.run();
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        open_standard_files();
        keep_memory_private();
        const StandardOutput output;
        const int code = run(argc, argv);
        std::cout.flush();
        return code;
    }
    catch (const slipway::ConfigMistakes& mistakes) {
        std::cerr << mistakes.what() << '\n';
        return misused;
    }
    catch (const std::filesystem::filesystem_error& error) {
        const auto place = error.path1().empty() ? "the current folder" : error.path1().string();
        std::cerr << "slipway: cannot look at " << place << ": " << error.code().message() << '\n';
        return failed;
    }
    catch (const std::exception& error) {
        std::cerr << "slipway: " << error.what() << '\n';
        return failed;
    }
}
