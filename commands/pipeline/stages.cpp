#include "commands/pipeline/stages.hpp"

#include "commands/text/phrases.hpp"

namespace slipway {

namespace {

/// "Tue, Wed 22:00-02:00 preferred".
std::string in_words(const Window& window)
{
    const auto days = joined(window.days, [](date::weekday day) { return date::format("%a", day); });
    return days + " " + date::format("%R", window.from) + "-" + date::format("%R", window.to) + " " +
           to_string(window.grade);
}

std::string windows_of(const Policy& policy)
{
    std::string text;
    for (const auto& window : policy.windows) {
        text += (text.empty() ? "" : "; ") + in_words(window);
    }
    return text;
}

}  // namespace

std::vector<StageRow> stage_rows(const Policy& policy)
{
    const auto hours =
        std::to_string(std::chrono::duration_cast<std::chrono::hours>(policy.watch_length).count());
    return {
        {"Development",
         "PR approved, CI passes",
         "Peer developer (+ Dev Lead for complex)",
         "During sprint",
         {Role::dev_lead}},
        {"Staging",
         "Stakeholder sign-off",
         "Product Lead + original requestor",
         "1-2 days",
         {Role::product_lead}},
        {"Production",
         "Pre-deploy checklist",
         "Dev Lead + on-call developer",
         "Deployment window: " + windows_of(policy),
         {Role::dev_lead},
         true},
        {"Monitoring", hours + "hr clean", "On-call developer", hours + " hours post-deploy", {}, true},
    };
}

}  // namespace slipway
