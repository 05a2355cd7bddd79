// postmortem, and what the team learns from an incident.
#include "commands/pipeline/postmortem.hpp"

#include "commands/verbs/shared.hpp"
#include "commands/verbs/verbs.hpp"

namespace slipway::decisions {

/// The address that was given for a post-mortem; empty where it is none.
static std::string address_in(std::string text)
{
    if (text.starts_with('<') && text.ends_with('>')) {  // as Slack writes a link that was typed
        text = text.substr(1, text.find('|') - 1);
        text = text.substr(0, text.find('>'));
    }
    const std::string scheme = "https://";
    const bool whole = text.starts_with(scheme) && text.size() > scheme.size() &&
                       text.find_first_of(" \t\n\r<>|") == std::string::npos;
    return whole ? text : std::string{};
}

void ask_for_runbook(Decision& decision, const Sentence& sentence, const Snapshot& snapshot)
{
    for (const auto& lead : snapshot.roles->holders(Role::dev_lead)) {
        tell(decision, lead, sentence);
    }
}

void share_draft(Decision& decision, const Snapshot& snapshot)
{
    decision.outbox.push_back({PostmortemFile{}});
    decision.events.emplace_back(NoticeSent{"postmortem", snapshot.deployment->schedule, false});
}

Result<Decision> postmortem(const Request& request, const Snapshot& snapshot)
{
    const auto given = field_or_text(request, "link");
    auto decision = about(snapshot);
    if (given.empty()) {
        if (is_draft_current(*snapshot.deployment)) {
            return refuse(say("postmortem_drafted", facts_of(snapshot)));
        }
        share_draft(decision, snapshot);
        return decision;
    }
    const auto link = address_in(given);
    if (link.empty()) {
        return refuse(say_at("link", "postmortem_link_unknown", facts_of(snapshot)));
    }
    decision.events.emplace_back(PostmortemLinked{link});
    say_in_thread(decision, say("postmortem_linked", facts_of(snapshot, {{"link", link}})));
    clear_timers(decision, {"chase_postmortem"});
    return decision;
}

}  // namespace slipway::decisions
