#include "tests/storage/temporary_store.hpp"

namespace slipway::storage::testing {

const Instant noon = instant_from("2026-11-24T12:00:00.000Z");
const ChannelId deploys("C0DEPLOYS");

Event planned(const std::string& service)
{
    Planned event;
    event.plan.what = "Faster search";
    event.plan.linear_issue = "ENG-123";
    event.plan.service = service;
    event.plan.requested_by = UserId("U0RITA");
    event.starts_at = noon + 10h;
    event.duration = std::chrono::minutes{30};
    return event;
}

Event amended(int revision)
{
    Amended event;
    event.revision = revision;
    event.plan = std::get<Planned>(planned()).plan;
    event.plan.changes = {"revision " + std::to_string(revision)};
    return event;
}

Event signed_off(const std::string& user, int revision)
{
    SignedOff event;
    event.revision = revision;
    event.user = UserId(user);
    event.name = "Name of " + user;
    event.roles = {Role::product_lead, Role::requestor};
    event.signed_on = Date{date::year{2026}, date::month{11}, date::day{24}};
    event.source = "reply";
    event.permalink = "https://team.slack.com/archives/C0DEPLOYS/p1";
    event.linear_comment_id = "comment-of-" + user;
    return event;
}

Event withdrawn(const std::string& user)
{
    SignOffWithdrawn event;
    event.user = UserId(user);
    event.name = "Name of " + user;
    event.withdrawn_on = Date{date::year{2026}, date::month{11}, date::day{25}};
    return event;
}

Event started()
{
    Started event;
    event.on_call = UserId("U0BOB");
    event.grade = "preferred";
    return event;
}

Decision decision_of(int deployment, std::vector<Event> events)
{
    Decision decision;
    decision.deployment = DeploymentId{deployment};
    decision.events = std::move(events);
    return decision;
}

Decision decision_of_team(std::vector<Event> events)
{
    Decision decision;
    decision.team_events = std::move(events);
    return decision;
}

void run(Store& store, const Store::Job& job)
{
    const auto outcomes = store.transaction({job});
    if (outcomes.at(0)) {
        std::rethrow_exception(outcomes.at(0));
    }
}

std::string value(const std::filesystem::path& database, const std::string& sql)
{
    SQLite::Database raw(database.string());
    return raw.execAndGet(sql).getString();
}

std::vector<std::string> rows(const std::filesystem::path& database, const std::string& sql)
{
    SQLite::Database raw(database.string());
    SQLite::Statement query(raw, sql);
    std::vector<std::string> found;
    while (query.executeStep()) {
        std::string row = query.getColumn(0).getString();
        for (int column = 1; column < query.getColumnCount(); ++column) {
            row += "|" + query.getColumn(column).getString();
        }
        found.push_back(row);
    }
    return found;
}

void tamper(const std::filesystem::path& database, const std::string& sql)
{
    SQLite::Database raw(database.string(), SQLite::OPEN_READWRITE);
    std::vector<std::string> triggers;
    SQLite::Statement query(raw, "SELECT name FROM sqlite_master WHERE type = 'trigger'");
    while (query.executeStep()) {
        triggers.push_back(query.getColumn(0).getString());
    }
    query.reset();
    for (const auto& trigger : triggers) {
        raw.exec("DROP TRIGGER " + trigger);
    }
    raw.exec(sql);
}

void copy_database(const std::filesystem::path& from, const std::filesystem::path& to)
{
    std::filesystem::copy_file(from, to);
    for (const std::string beside : {"-wal", "-journal"}) {
        if (std::filesystem::exists(from.string() + beside)) {
            std::filesystem::copy_file(from.string() + beside, to.string() + beside);
        }
    }
}

std::function<std::string()> TemporaryStore::new_uuid()
{
    return [this] { return "uuid-" + std::to_string(++uuids); };
}

void TemporaryStore::record(const Decision& decision)
{
    job([&](Store& each) { each.record(decision, UserId("U0ALICE"), now, deploys, new_uuid()); });
}

std::string TemporaryStore::enqueue(const Saying& saying, int deployment)
{
    job([&](Store& each) {
        each.enqueue({saying}, DeploymentId{deployment}, deploys, "U0ALICE", now, new_uuid());
    });
    return "uuid-" + std::to_string(uuids);
}

std::vector<OutboxRow> TemporaryStore::due() const
{
    return ask([this](Store& each) { return each.due_heads(now); });
}

std::vector<std::string> TemporaryStore::due_ids() const
{
    std::vector<std::string> ids;
    for (const auto& row : due()) {
        ids.push_back(row.id);
    }
    return ids;
}

void TemporaryStore::reopen()
{
    store.reset();
    store = std::make_unique<Store>(path);
}

}  // namespace slipway::storage::testing
