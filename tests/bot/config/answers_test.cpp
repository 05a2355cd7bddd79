// What becomes of each file of cases.txt: what is read of it, or every mistake that is told. answers.txt is
// read by people when it changes.
#include "bot/config/config.hpp"
#include "tests/support/golden.hpp"

#include <date/date.h>
#include <unistd.h>

namespace slipway {

namespace {

std::string written(const Checklist& list)
{
    std::string text;
    for (const auto& item : list) {
        text += " [" + item.key + ": " + item.label + "]";
    }
    return text;
}

std::string written(const Action& action)
{
    std::string text;
    for (const auto& word : action.command) {
        text += " '" + word + "'";
    }
    return text + ' ' + action.webhook_url + ' ' + action.github_workflow + ' ' +
           std::to_string(action.time_limit.count()) + " s";
}

void write(const Policy& policy, std::ostream& out)
{
    out << "  zone " << policy.timezone << ", command " << policy.command << ", four eyes "
        << policy.four_eyes << ", GitHub " << policy.gate1_by_github << ", mirror " << policy.mirror_sign_offs
        << policy.mirror_lifecycle << "\n  business " << policy.business_from.count() << " to "
        << policy.business_to.count() << ", sprint "
        << (policy.sprint_start.ok() ? date::format("%F", policy.sprint_start) : "no day") << " for "
        << policy.sprint_length.count() << " days\n  triggers " << policy.error_rate_threshold << ' '
        << (policy.error_rate_unit == ErrorRateUnit::points ? "points" : "relative") << ' '
        << policy.error_rate_minimum << ", " << policy.tickets_threshold << " tickets in "
        << policy.tickets_within.count() << " min, automatic " << policy.automatic_rollback << " after "
        << policy.automatic_rollback_delay.count() << " s\n";
    for (const auto& window : policy.windows) {
        out << "  window";
        for (const auto day : window.days) {
            out << ' ' << date::format("%a", day);
        }
        out << ' ' << window.from.count() << " to " << window.to.count() << ' ' << to_string(window.grade)
            << '\n';
    }
    for (const auto& service : policy.services) {
        out << "  service " << service.name << ' ' << service.error_rate_query << '\n';
        for (const auto* action :
             {&service.deploy, &service.disable_flag, &service.rollback, &service.reverse_migrations}) {
            if (!action->empty()) {
                out << "    action" << written(*action) << '\n';
            }
        }
    }
    for (const auto* list :
         {&policy.gate1,
          &policy.qa,
          &policy.gate2,
          &policy.pre_deployment,
          &policy.steps,
          &policy.smoke,
          &policy.monitoring}) {
        out << "  list" << written(*list) << '\n';
    }
}

void write(const Config& config, std::ostream& out)
{
    for (const auto& warning : config.warnings) {
        out << "  warning: " << warning << '\n';
    }
    out << "  channel " << config.channel.str() << ", audit " << config.audit_channel.str() << ", store "
        << config.store_path.string() << ", templates " << config.templates_dir.string() << ", runbook "
        << config.runbook_file.string() << "\n  http " << config.http_address << ' ' << config.http_port
        << ", CA " << config.ca_file << ", proxy " << config.proxy << " but for " << config.no_proxy
        << ", connections " << config.socket_connections << ", log " << config.log_level << "\n  addresses "
        << config.slack_api_url << ' ' << config.linear_api_url << ' ' << config.github_api_url << ' '
        << config.prometheus_url << "\n  secrets " << config.slack_app_token << ' ' << config.slack_bot_token
        << ' ' << config.linear_api_key << ' ' << config.github_token << ' ' << config.signal_secret << '\n';
    for (const auto& [role, entries] : config.roles) {
        for (const auto& entry : entries) {
            out << "  " << to_string(role) << ' ' << entry.text << " (" << entry.key << ':' << entry.line
                << ")\n";
        }
    }
    for (const auto& entry : config.rotation) {
        out << "  rotation " << entry.text << " (" << entry.line << ")\n";
    }
    write(config.policy, out);
}

/// "run SLACK_APP_TOKEN=xapp-1": what the file is read for, and the environment.
std::pair<Purpose, Environment> conditions_of(const std::string& heading)
{
    Environment environment;
    auto purpose = Purpose::look;
    std::istringstream words(heading);
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        if (equals != std::string::npos) {
            environment[word.substr(0, equals)] = word.substr(equals + 1);
        }
        purpose = word == "run" ? Purpose::run : purpose;
    }
    return {purpose, environment};
}

std::string answer_to(const std::string& heading, std::string text)
{
    if (text.find("[slack]") == std::string::npos) {
        text += "[slack]\nchannel = \"C0DEPLOYS\"\n";
    }
    if (text.find("[[service]]") == std::string::npos) {
        text += "[[service]]\nname = \"web\"\n";
    }
    const auto path =
        std::filesystem::temp_directory_path() / ("slipway-case-" + std::to_string(getpid()) + ".toml");
    std::ofstream(path) << text;
    const auto [purpose, environment] = conditions_of(heading);
    std::ostringstream out;
    try {
        write(load_config(path, environment, purpose), out);
    }
    catch (const ConfigMistakes& found) {
        for (const auto& mistake : found.mistakes()) {
            const auto where =
                mistake.file == path.string() ? "line " + std::to_string(mistake.line) : mistake.file;
            out << "  " << where << ": " << mistake.message << '\n';
        }
    }
    std::filesystem::remove(path);
    return out.str();
}

}  // namespace

TEST_CASE("every file of the cases is answered as it was read", "[bot][config]")
{
    std::ifstream cases(std::string(SLIPWAY_SOURCE_DIR) + "/tests/bot/config/cases.txt");
    const auto lines = testing::lines_of(cases);
    REQUIRE(lines.size() > 100);
    std::string answers, heading, text;
    const auto answer = [&] { answers += heading.empty() ? "" : heading + '\n' + answer_to(heading, text); };
    for (const auto& line : lines) {
        if (line.starts_with("== ")) {
            answer();
            heading = line.substr(3);
            text.clear();
        }
        else {
            text += line + '\n';
        }
    }
    answer();
    testing::check_golden("tests/bot/config/answers.txt", answers);
}

}  // namespace slipway
