#include "bot/cli/machine.hpp"

#include "bot/chores/runbook.hpp"
#include "bot/net/http_server.hpp"
#include "commands/pipeline/runbook.hpp"
#include "commands/pipeline/windows.hpp"
#include "commands/text/phrases.hpp"
#include "storage/store.hpp"
#include "templates/render.hpp"

#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <filesystem>
#include <iostream>

namespace slipway {

namespace {

constexpr std::uintmax_t megabyte = 1024ULL * 1024;
constexpr std::uintmax_t enough_disk = 100 * megabyte;
constexpr std::uintmax_t seconds_to_read = 256 * megabyte;

void check_runbook(const Config& config, Report& report)
{
    if (config.runbook_file.empty()) {
        report.note("runbook: none", "set runbook.file, to have it at hand in an incident");
        return;
    }
    const auto file = read_runbook(config.runbook_file);
    const auto lines = lines_with_credentials(file.markdown);
    if (!file.trouble.empty()) {
        report.bad("runbook: " + config.runbook_file.string() + " " + file.trouble, "correct runbook.file");
    }
    else if (!lines.empty()) {
        report.bad(
            "runbook: line " + std::to_string(lines.front()) + " looks like a credential",
            "say where the secret is kept, not what it is; until then the bot keeps its last good copy"
        );
    }
    else if (const auto missing = missing_sections(file.markdown); !missing.empty()) {
        report.note("runbook: missing " + joined(missing), "add a heading of that name for each");
    }
    else {
        report.good("runbook");
    }
}

void check_disk(const Config& config, Report& report)
{
    const auto folder =
        config.store_path.has_parent_path() ? config.store_path.parent_path() : std::filesystem::path(".");
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (error) {
        report.bad("disk: " + folder.string() + " can't be read", "create it, or change store.path");
    }
    else if (::access(folder.c_str(), W_OK) != 0) {
        report.bad(
            "disk: " + folder.string() + " can't be written", "give this user permission to write there"
        );
    }
    else if (space.available < enough_disk) {
        report.bad("disk: less than 100 MB free", "free some space in " + folder.string());
    }
    else {
        report.good("disk");
    }
}

/// Reads the whole database, which a start does only while it is small.
void check_database(const Config& config, Report& report)
{
    const auto& path = config.store_path;
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) {
        report.note("database: none yet", "the bot makes " + path.string() + " at its first start");
        return;
    }
    const auto megabytes = std::to_string(size / megabyte + 1) + " MB";
    if (size > seconds_to_read) {
        std::cout << "      reading all of " << path.string() << ", " << megabytes << " …" << '\n'
                  << std::flush;
    }
    try {
        if (const auto damage = storage::damage_of(path)) {
            report.bad(
                "database: " + path.string() + " is damaged: " + *damage,
                "stop the bot, move the file and its -wal file away, and put a backup made by `slipway "
                "backup` "
                "in its place"
            );
        }
        else {
            report.good("database: all of it read, " + megabytes);
        }
    }
    catch (const storage::StoreError& refusal) {
        report.bad(std::string("database: ") + refusal.what(), "let this user read it");
    }
}

void check_port(const Config& config, Report& report)
{
    boost::asio::io_context context{1};
    try {
        net::ServerOptions options;
        options.address = config.http_address;
        options.port = config.http_port;
        const auto server = net::make_http_server(
            context.get_executor(),
            options,
            [](net::ServerRequest) -> boost::asio::awaitable<net::ServerResponse> {
                co_return net::ServerResponse{};
            }
        );
        report.good("port " + std::to_string(config.http_port));
    }
    catch (const std::exception& error) {
        report.bad(
            std::string("port: ") + error.what(),
            "stop whatever uses it (another slipway?), or change http.port"
        );
    }
}

}  // namespace

void check_machine(const Config& config, Clock& clock, Report& report)
{
    report.good("time zone " + config.policy.timezone + ": " + team_time(clock.now(), config.policy));
    try {
        const templates::Library library(config.templates_dir, config.policy.command);
        report.good("templates");
    }
    catch (const std::exception& error) {
        report.bad(error.what(), "fix the files, or remove them from " + config.templates_dir.string());
    }
    check_disk(config, report);
    check_database(config, report);
    check_runbook(config, report);
    check_port(config, report);
}

}  // namespace slipway
