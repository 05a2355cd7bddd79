#include "commands/pipeline/postmortem.hpp"

#include <algorithm>

namespace slipway {

namespace {

bool is_draft(const RecordedEvent& recorded)
{
    const auto* sent = std::get_if<NoticeSent>(&recorded.event);
    return sent != nullptr && sent->notice == "postmortem";
}

}  // namespace

bool is_told_in_postmortem(const Event& event)
{
    return std::holds_alternative<Started>(event) || std::holds_alternative<Completed>(event) ||
           std::holds_alternative<IssueRaised>(event) || std::holds_alternative<IssueUpdated>(event) ||
           std::holds_alternative<RollbackStarted>(event) ||
           std::holds_alternative<RollbackStepDone>(event) || std::holds_alternative<RolledBack>(event);
}

bool is_draft_current(const Deployment& deployment)
{
    const auto& history = deployment.history;
    const auto draft = std::find_if(history.rbegin(), history.rend(), is_draft);
    return draft != history.rend() && std::none_of(history.rbegin(), draft, [](const RecordedEvent& since) {
               return is_told_in_postmortem(since.event);
           });
}

}  // namespace slipway
