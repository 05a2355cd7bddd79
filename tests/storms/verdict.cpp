#include "tests/storms/verdict.hpp"

#include "storage/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace simulation {

namespace {

/// 25 hours, less the ten that the world may sleep between commit and acknowledgement, and a wrong clock.
constexpr std::chrono::hours kept_at_least{14};

class Verdict {
public:
    Verdict(const std::filesystem::path& path, const Outside& outside, Report& report)
        : path_(path), database_(path.string()), outside_(outside), report_(report)
    {}

    void of_acts();
    void of_replies(slipway::Instant ended);
    void of_outbox();
    void of_record();
    void of_inbox(slipway::Instant ended);

private:
    void wrong(const std::string& what) { report_.violations.push_back(what); }

    void said(const std::string& id, int times, int wanted, const std::string& what)
    {
        report_.figures.lost += times < wanted ? 1 : 0;
        report_.figures.doubled += times > wanted ? 1 : 0;
        if (times != wanted) {
            wrong(what + " " + id + " was said " + std::to_string(times) + " times");
        }
    }

    template <class... Values>
    std::vector<std::vector<std::string>> rows(const std::string& sql, const Values&... values)
    {
        SQLite::Statement query(database_, sql);
        int index = 0;
        (query.bind(++index, values), ...);
        std::vector<std::vector<std::string>> found;
        while (query.executeStep()) {
            auto& row = found.emplace_back();
            for (int column = 0; column < query.getColumnCount(); ++column) {
                row.push_back(query.getColumn(column).getString());
            }
        }
        return found;
    }

    std::filesystem::path path_;
    SQLite::Database database_;
    const Outside& outside_;
    Report& report_;
};

void Verdict::of_acts()
{
    for (const auto& act : outside_.envelopes.acts) {
        ++report_.figures.acts;
        report_.figures.acknowledged += act.acknowledged ? 1 : 0;
        if (act.marker.empty() || act.event.empty()) {
            continue;
        }
        const auto found =
            rows("SELECT seq FROM events WHERE kind = ? AND instr(body, ?) > 0", act.event, act.marker);
        const auto what = "act " + std::to_string(act.number) + " (" + act.who + " " + act.what + ")";
        if (found.size() > 1) {
            ++report_.figures.doubled;
            wrong(what + " is in the ledger " + std::to_string(found.size()) + " times");
        }
        if (found.empty() && act.accepted) {
            ++report_.figures.lost;
            wrong(what + " was acknowledged and is not in the ledger");
        }
    }
}

/// Whatever Slack gave up telling: what was said about a deployment that is still under way was heard.
void Verdict::of_replies(slipway::Instant ended)
{
    slipway::storage::Store store(path_, slipway::storage::Store::Access::read_only);
    for (const auto& act : outside_.envelopes.acts) {
        const slipway::ChannelId channel("C0DEPLOYS");
        const auto known = act.ts.empty() ? std::nullopt : store.deployment_of_thread(channel, act.thread);
        const auto deployment = known ? store.load(*known) : std::nullopt;
        if (!deployment || is_ended(deployment->stage) || ended - act.at >= kept_at_least) {
            continue;
        }
        if (rows("SELECT key FROM inbox WHERE key = ?", "message:C0DEPLOYS:" + act.ts).empty()) {
            ++report_.figures.lost;
            wrong(
                "act " + std::to_string(act.number) + " (" + act.who + " " + act.what + ") was never heard"
            );
        }
    }
}

void Verdict::of_outbox()
{
    std::map<std::string, int> said_with, shared;  // by outbox id; by title
    for (const auto& [id, channel] : outside_.workspace.channels) {
        for (const auto& [ts, message] : channel.messages) {
            if (message.metadata) {
                ++said_with[text_at(message.metadata->at("event_payload").as_object(), "outbox_id")];
            }
            if (!message.files.empty()) {
                ++shared[message.text];
            }
        }
    }
    std::map<std::string, int> cards, files;
    std::map<std::string, bool> known;
    for (const auto& row : rows("SELECT id, kind, state, deployment, error, body FROM outbox ORDER BY seq")) {
        const auto& [id, kind, state, deployment] = std::tie(row[0], row[1], row[2], row[3]);
        known[id] = true;
        ++report_.figures.said;
        const auto what = kind + " of D-" + deployment;
        if (state != "delivered") {
            wrong(what + " " + id + " is " + state + ": " + row[4] + " " + row[5]);
            continue;
        }
        const auto posted = said_with.contains(id) ? said_with.at(id) : 0;
        if (kind == "card") {
            cards[deployment] += posted;
        }
        else if (kind == "postmortem_file") {
            ++files["Post-mortem draft of D-" + deployment];
        }
        else if (kind == "linear_comment") {
            const auto comments = std::count_if(
                outside_.linear.comments.begin(),
                outside_.linear.comments.end(),
                [&](const auto& each) { return each.id == id; }
            );
            said(id, static_cast<int>(comments), 1, what);
        }
        else if (kind == "notice" || kind == "thread_note" || kind == "direct_message") {
            said(id, posted, 1, what);
        }
    }
    for (const auto& [deployment, times] : cards) {
        said("D-" + deployment, times, 1, "the card of");
    }
    for (const auto& [title, wanted] : files) {
        said(title, shared[title], wanted, "file");
    }
    for (const auto& [id, times] : said_with) {
        if (!known.contains(id)) {
            wrong("a message was said that nobody wanted: " + id);
        }
    }
    for (const auto& mistake : outside_.transcript.refused()) {
        wrong("Slack would refuse " + mistake);
    }
    for (const auto& comment : outside_.linear.comments) {
        if (!known.contains(comment.id)) {
            wrong("a comment was written that nobody wanted: " + comment.body);
        }
    }
}

void Verdict::of_record()
{
    report_.figures.events +=
        static_cast<std::uint64_t>(database_.execAndGet("SELECT count(*) FROM events").getInt());
    report_.figures.timers_fired += static_cast<std::uint64_t>(
        database_.execAndGet("SELECT count(*) FROM events WHERE actor = 'slipway'").getInt()
    );
    for (const auto& row : rows("SELECT deployment, body FROM events WHERE kind = 'notice_sent' "
                                "AND instr(body, 'pre_deployment') > 0 GROUP BY deployment, "
                                "json_extract(body, '$.schedule') HAVING count(*) > 1")) {
        wrong("the pre-deployment notice of " + row[0] + " went out twice: " + row[1]);
    }
    // Once the old version is verified nothing changes the draft any more.
    for (const auto& row :
         rows("SELECT deployment, (SELECT count(*) FROM events AS draft WHERE draft.seq > events.seq AND "
              "draft.deployment = events.deployment AND draft.kind = 'notice_sent' AND "
              "json_extract(draft.body, '$.notice') = 'postmortem') AS drafts "
              "FROM events WHERE kind = 'rolled_back' AND drafts <> 1")) {
        wrong("the post-mortem of " + row[0] + " was drafted " + row[1] + " times");
    }
    for (const auto& row :
         rows("SELECT kind, deployment, body FROM outbox WHERE kind NOT IN ('whisper', 'card') "
              "GROUP BY kind, deployment, body, created_at HAVING count(*) > 1")) {
        ++report_.figures.doubled;
        wrong("one cause made two of: " + row[0] + " of D-" + row[1] + " " + row[2]);
    }
    slipway::storage::Store store(path_, slipway::storage::Store::Access::read_only);
    if (const auto broken = store.verify_chain()) {
        wrong("the chain is broken at " + std::to_string(broken->seq) + ": " + broken->what);
    }
    if (const auto damage = store.damage()) {
        wrong("SQLite: " + *damage);
    }
    for (const auto& row : rows("SELECT number, service, stage, ended_at FROM deployments")) {
        const auto deployment = store.load({std::stoi(row[0])}).value();
        const auto ended = deployment.ended ? slipway::iso(deployment.ended->at) : std::string{};
        if (deployment.plan.service != row[1] || to_string(deployment.stage) != row[2] || ended != row[3]) {
            wrong("the summary of D-" + row[0] + " is not the fold of its events");
        }
    }
}

void Verdict::of_inbox(slipway::Instant ended)
{
    for (const auto& act : outside_.envelopes.acts) {
        for (const auto& [key, since] : act.keys) {
            const bool is_kept = ended - since < kept_at_least;
            if (is_kept && rows("SELECT key FROM inbox WHERE key = ?", key).empty()) {
                wrong("act " + std::to_string(act.number) + " is no more in the inbox: " + key);
            }
        }
    }
}

}  // namespace

void judge(
    const std::filesystem::path& database, const Outside& outside, slipway::Instant ended, Report& report
)
{
    try {
        Verdict verdict(database, outside, report);
        verdict.of_acts();
        verdict.of_replies(ended);
        verdict.of_outbox();
        verdict.of_record();
        verdict.of_inbox(ended);
    }
    catch (const std::exception& error) {
        report.violations.push_back(std::string("the database cannot be read: ") + error.what());
    }
}

}  // namespace simulation
