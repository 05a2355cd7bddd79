#pragma once

#include "tests/commands/team_in_memory.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace slipway::testing {

/// What an auditor keeps while reading the events of one deployment, from the document alone: a second
/// opinion on the fold and the gates.
struct Record {
    Plan plan;
    UserId author;
    UserId on_call;
    Instant on_call_named_at;
    std::optional<Instant> starts_at;
    std::chrono::minutes duration{};
    int revision = 1;
    int schedule = 1;
    int announced = 0;  ///< the newest schedule that was
    std::string flag_stage;
    std::map<std::string, UserId> ticked;  ///< "gate1:approved" -> who
    std::set<UserId> signed_by;
    std::vector<SignOffDelegated> delegations;
    std::set<UserId> declined_by;
    std::map<UserId, std::optional<std::string>> signed_at;    ///< the head they saw
    std::map<std::string, Instant> excepted;                   ///< condition -> when last
    std::map<std::string, std::set<std::string>> excepted_at;  ///< condition -> the heads it was about
    std::optional<UserId> ready;
    bool started = false;
    bool go = false;

    void add(const RecordedEvent& recorded);
};

/// The roles in the document's words whose sign-off `record` lacks.
[[nodiscard]] std::vector<std::string> missing_sign_offs_of(const Record& record, const TeamInMemory& world);

/// What the document asks for before a start and neither holds at `start`, while GitHub says `github`, nor
/// was excepted.
[[nodiscard]] std::vector<std::string> missing_for_start(
    const Record& record,
    const RecordedEvent& start,
    const Gate1Facts& github,
    const TeamInMemory& world,
    const TeamState& team
);

/// Whether the actor of `recorded` is on call for this deployment or today.
[[nodiscard]] bool is_on_call_for(
    const Record& record, const RecordedEvent& recorded, const TeamInMemory& world, const TeamState& team
);

/// A Dev Lead; for a P0 the on-call developer too; always with a reason, and with a review due where the
/// priority or a gate that is passed over asks for it.
[[nodiscard]] bool may_record_exception(
    const Record& record, const RecordedEvent& exception, const TeamInMemory& world, const TeamState& team
);

}  // namespace slipway::testing
