#include "tests/durability/ledgers.hpp"

#include <algorithm>
#include <set>

namespace durability {

namespace {

using Counts = std::map<std::string, int>;

void expect(Differences& found, const std::string& what, int expected, int there)
{
    const auto line = what + ": " + std::to_string(there) + " instead of " + std::to_string(expected);
    if (there < expected) {
        found.lost.push_back(line);
    }
    if (there > expected) {
        found.doubled.push_back(line);
    }
}

/// What people did, against the events.
void compare_acts(const ProgramInSimulator& world, const Crowd& crowd, Differences& found)
{
    Counts marks;
    for (const auto& row : world.rows("SELECT kind || ' ' || body FROM events")) {
        for (auto at = row.find("act-"); at != std::string::npos; at = row.find("act-", at + 1)) {
            ++marks[row.substr(0, row.find(' ')) + " " + row.substr(at, row.find('.', at) + 1 - at)];
        }
    }
    for (const auto& act : crowd.marked()) {
        const auto there = marks[act.kind + " " + act.marker];
        const bool must_be = act.acknowledged || there > 0;
        expect(found, act.kind + " " + act.marker, must_be ? 1 : 0, there);
    }
    Counts events;
    for (const auto& row : world.rows("SELECT deployment || ' ' || actor || ' ' || kind FROM events")) {
        ++events[row];
    }
    for (const auto& [act, times] : crowd.owed()) {
        const auto name = act.first + " " + act.second;
        expect(found, name, times, events[name]);
    }
    std::set<std::string> keys;
    for (const auto& key : world.rows("SELECT key FROM inbox")) {
        keys.insert(key);
    }
    for (const auto& each : crowd.acknowledged()) {
        expect(found, "inbox " + each.key, 1, keys.contains(each.key) ? 1 : 0);
    }
}

Counts messages_by_outbox_id(const ProgramInSimulator& world)
{
    Counts said;
    for (const auto& [id, channel] : world.server.workspace.channels) {
        for (const auto& [ts, message] : channel.messages) {
            if (message.metadata) {
                const auto* payload = simulator::object_at(*message.metadata, "event_payload");
                ++said[payload == nullptr ? "" : simulator::text_at(*payload, "outbox_id")];
            }
        }
    }
    return said;
}

/// What was to be said, against the channels and Linear.
void compare_sayings(const ProgramInSimulator& world, Differences& found)
{
    auto said = messages_by_outbox_id(world);
    Counts comments;
    for (const auto& comment : world.server.linear.comments) {
        ++comments[comment.id];
    }
    for (const auto& id : world.rows("SELECT id FROM outbox WHERE kind IN ('notice', 'thread_note', "
                                     "'direct_message', 'announcement')")) {
        expect(found, "message " + id, 1, said[id]);
        said.erase(id);
    }
    for (const auto& id : world.rows("SELECT id FROM outbox WHERE kind = 'linear_comment'")) {
        expect(found, "Linear comment " + id, 1, comments[id]);
        comments.erase(id);
    }
    int cards = 0;
    for (const auto& id : world.rows("SELECT id FROM outbox WHERE kind = 'card'")) {
        const auto there = said[id];
        expect(found, "card " + id, std::min(there, 1), there);  // most of them are edits
        cards += there;
        said.erase(id);
    }
    const auto deployments = static_cast<int>(world.rows("SELECT 1 FROM deployments").size());
    expect(found, "cards", deployments, cards);
    for (const auto& [id, times] : said) {
        expect(found, "message of no row " + id, 0, times);
    }
    for (const auto& [id, times] : comments) {
        expect(found, "Linear comment of no row " + id, 0, times);
    }
    for (const auto& row :
         world.rows("SELECT id, kind, state, error FROM outbox WHERE state <> 'delivered'")) {
        found.lost.push_back("outbox " + row);
    }
}

/// A sign-off is a row, an event and a comment, and the comment's id is in all of them.
void compare_sign_offs(const ProgramInSimulator& world, Differences& found)
{
    Counts comments;
    for (const auto& comment : world.server.linear.comments) {
        ++comments[comment.id];
    }
    for (const auto& id : world.rows("SELECT linear_comment_id FROM sign_offs")) {
        expect(found, "comment of a sign-off " + id, 1, comments[id]);
    }
}

int whispers_shown(const ProgramInSimulator& world)
{
    const auto& all = world.server.workspace.ephemerals;
    return static_cast<int>(std::count_if(all.begin(), all.end(), [](const simulator::Ephemeral& each) {
        return each.source == "chat.postEphemeral";
    }));
}

}  // namespace

Differences compare(ProgramInSimulator& world, const Crowd& crowd)
{
    Differences found;
    compare_acts(world, crowd, found);
    compare_sayings(world, found);
    compare_sign_offs(world, found);
    const auto due = static_cast<int>(world.rows("SELECT 1 FROM outbox WHERE kind = 'whisper'").size());
    const auto shown = whispers_shown(world);
    if (shown < due) {
        expect(found, "whispers", due, shown);
    }
    found.repeated_whispers = std::max(shown - due, 0);
    return found;
}

}  // namespace durability
