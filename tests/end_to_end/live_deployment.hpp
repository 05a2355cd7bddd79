#pragma once

#include "tests/demo/team_member.hpp"

#include <catch2/catch_test_macros.hpp>

namespace demo {

/// The one that a plan may name.
inline constexpr auto pull_request_12 = "acme/web/12";

using Rows = std::vector<std::string>;
using What = simulator::Fault::What;

[[nodiscard]] inline bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// The example team's bot, with `more` at the end of its slipway.toml.
[[nodiscard]] inline BotInSimulator::Options configured(const std::string& more)
{
    BotInSimulator::Options options;
    options.config = example_config() + more;
    return options;
}

/// The same with `lines` about its service web.
[[nodiscard]] inline BotInSimulator::Options with_web(const std::string& lines)
{
    const std::string web = "name = \"web\"\n";
    auto options = configured("");
    options.config.insert(options.config.find(web) + web.size(), lines);
    return options;
}

/// A team at work, its bot ready.
struct Team : BotInSimulator {
    explicit Team(Options options = {}) : BotInSimulator(std::move(options)) { start_bot(); }

    [[nodiscard]] std::string stage(int number = 1) const
    {
        const auto found = rows("SELECT stage FROM deployments WHERE number = " + std::to_string(number));
        return found.empty() ? "" : found.front();
    }

    /// Alice plans another one, without a time.
    void plan_another(json::object fields = {})
    {
        json::object plan{{"what", "Next one"}, {"linear_issue", "ENG-1"}, {"starts_at", nullptr}};
        for (const auto& [key, value] : fields) {
            plan[key] = value;
        }
        REQUIRE(alice.plans(std::move(plan)));
    }

    TeamMember alice{*this, "U0ALICE"}, bob{*this, "U0BOB"}, dana{*this, "U0DANA"}, petra{*this, "U0PETRA"},
        jane{*this, "U0JANE"};
};

/// Alice has planned D-1.
struct PlannedDeployment : Team {
    explicit PlannedDeployment(Options options = {}) : Team(std::move(options))
    {
        REQUIRE(alice.plans());
        REQUIRE(card_of(*this, "D-1") != nullptr);
    }

    /// What Petra says when she signs off, in the thread; nobody waits for the bot.
    std::string petra_replies(const std::string& text = "Stakeholder sign-off: Petra Pohl, today")
    {
        return server.people.reply("U0PETRA", deploys, card_of(*this, "D-1")->ts, text);
    }
};

/// D-1 has passed its gates, got its go and its ready. It is 15:00, the start is planned for 22:00.
struct ReadyDeployment : Team {
    explicit ReadyDeployment(
        Options options = {},
        json::object fields = {},
        std::vector<std::string> lists = {"gate1", "qa", "gate2", "pre_deployment"}
    )
        : Team(std::move(options))
    {
        server.github.pull_requests[pull_request_12] = {};
        REQUIRE(alice.plans(std::move(fields)));
        petra.replies("D-1", "Stakeholder sign-off: Petra Pohl, today");
        jane.replies("D-1", "Stakeholder sign-off: Jane Doe, today");
        for (const auto& list : lists) {
            REQUIRE(bob.ticks_all("D-1", list));
        }
        REQUIRE(dana.presses("D-1", "verb:go"));
        REQUIRE(bob.presses("D-1", "verb:ready"));
    }
};

/// The same at 22:00.
struct LiveDeployment : ReadyDeployment {
    explicit LiveDeployment(Options options = {}, json::object fields = {})
        : ReadyDeployment(std::move(options), std::move(fields))
    {
        advance_to("2026-11-24 22:00");
    }
};

/// D-1 was started at 22:00 by the Dev Lead's exception, for what comes after a start.
struct StartedDeployment : Team {
    explicit StartedDeployment(Options options = {}, json::object fields = {}) : Team(std::move(options))
    {
        REQUIRE(alice.plans(std::move(fields)));
        advance_to("2026-11-24 22:00");
        dana.types("/deploy start D-1 It cannot wait");
        REQUIRE(stage() == "deploying");
    }

    /// Gate 3 is passed, the watch begun.
    void complete()
    {
        REQUIRE(bob.ticks_all("D-1", "smoke"));
        REQUIRE(bob.presses("D-1", "verb:done"));
        REQUIRE(bob.submits({}));
        REQUIRE(stage() == "watching");
    }
};

}  // namespace demo
