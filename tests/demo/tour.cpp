#include "tests/demo/tour.hpp"

#include "tests/demo/team_member.hpp"

#include <date/tz.h>

#include <algorithm>
#include <map>

namespace demo {

namespace {

using Kind = simulator::Entry::Kind;

constexpr auto bold = "\033[1m";
constexpr auto dim = "\033[2m";
constexpr auto green = "\033[32m";
constexpr auto red = "\033[31m";
constexpr auto plain = "\033[0m";

class Tour {
public:
    Tour(BotInSimulator& world, std::ostream& out) : world_(world), out_(out)
    {
        world_.server.transcript.on_entry([this](const simulator::Entry& entry) { tell(entry); });
    }

    ~Tour() { world_.server.transcript.on_entry({}); }

    Tour(const Tour&) = delete;
    Tour& operator=(const Tour&) = delete;

    [[nodiscard]] bool play();

private:
    void plan_it();
    void refuse_an_early_start();
    void sign_it_off();
    void pass_the_gates();
    void announce_it();
    void start_it();
    void finish_it();
    void get_into_trouble();
    void roll_it_back();
    void write_it_down();
    void fix_an_emergency();
    void catch_a_trigger();
    void account_for_all();

    void step(const std::string& title)
    {
        ++steps_;
        out_ << '\n' << bold << steps_ << ". " << title << plain << '\n';
    }

    void must(const std::string& what, bool holds)
    {
        out_ << (holds ? green : red) << (holds ? "   ✓ " : "   ✗ ") << what << plain << '\n';
        failed_ += holds ? 0 : 1;
    }

    void show(const std::string& title, const std::vector<std::string>& lines)
    {
        out_ << dim << "   " << title << plain << '\n';
        for (const auto& line : lines) {
            out_ << "     " << line << '\n';
        }
    }

    void tell(const simulator::Entry& entry);
    [[nodiscard]] std::string name_of(const std::string& user) const;
    [[nodiscard]] std::string shown(const std::string& text) const;

    BotInSimulator& world_;
    std::ostream& out_;
    TeamMember alice_{world_, "U0ALICE"}, bob_{world_, "U0BOB"}, dana_{world_, "U0DANA"};
    TeamMember petra_{world_, "U0PETRA"}, jane_{world_, "U0JANE"};
    int steps_ = 0;
    int failed_ = 0;
};

std::string Tour::name_of(const std::string& user) const
{
    const auto found = world_.server.workspace.users.find(user);
    return found == world_.server.workspace.users.end() ? user : found->second.real_name;
}

/// Mentions as Slack shows them, and long texts in one line each.
std::string Tour::shown(const std::string& text) const
{
    std::string all;
    for (std::size_t at = 0; at < text.size();) {
        const auto open = text.find("<@", at);
        const auto close = open == std::string::npos ? open : text.find('>', open);
        if (close == std::string::npos) {
            all += text.substr(at);
            break;
        }
        all += text.substr(at, open - at) + "@" + name_of(text.substr(open + 2, close - open - 2));
        at = close + 1;
    }
    std::string indented;
    for (const char letter : all) {
        indented += letter == '\n' ? std::string("\n          ") : std::string(1, letter);
    }
    return indented;
}

void Tour::tell(const simulator::Entry& entry)
{
    static const std::map<Kind, const char*> told{
        {Kind::act, "does"},
        {Kind::message, "says"},
        {Kind::ephemeral, "is told alone"},
        {Kind::view, "sees"},
        {Kind::linear, "Linear comment"},
        {Kind::complaint, "COMPLAINT"},
    };
    const auto kind = told.find(entry.kind);
    if (kind == told.end()) {
        return;
    }
    const auto local = date::make_zoned("America/New_York", date::floor<std::chrono::minutes>(entry.at));
    out_ << dim << "   " << date::format("%a %H:%M", local) << plain << ' ' << name_of(entry.who) << ' '
         << dim << kind->second << (entry.where.empty() ? "" : " in ") << entry.where << ':' << plain << ' '
         << shown(entry.what) << '\n';
}

void Tour::plan_it()
{
    step("Alice plans a deployment");
    must("the form takes the plan", alice_.plans());
    must("the card of D-1 is in the channel", card_of(world_, "D-1") != nullptr);
    must("Petra is asked to sign off", was_told(world_, "U0PETRA", "asks for your sign-off"));
    must("so is Jane, who asked for it", was_told(world_, "U0JANE", "asks for your sign-off"));
}

void Tour::refuse_an_early_start()
{
    step("Bob tries to start it in the afternoon, with the gates open");
    bob_.types("/deploy start D-1");
    const auto refusal = last_whisper(world_, "U0BOB");
    must("he is refused, and told what is missing", refusal.find("Product Lead") != std::string::npos);
    must("and when the next good slots are", refusal.find("22:00 EST") != std::string::npos);
}

void Tour::sign_it_off()
{
    step("Petra and Jane sign off by reply; Linear is told");
    petra_.replies("D-1", "Stakeholder sign-off: Petra Pohl, 2026-11-24");
    jane_.replies("D-1", "**stakeholder signoff** — Jane Doe");
    const auto columns = world_.rows("SELECT group_concat(name, '|') FROM pragma_table_info('sign_offs')");
    show(
        "SQLite, sign_offs: " + columns.front(), world_.rows("SELECT * FROM sign_offs ORDER BY recorded_at")
    );
    must(
        "both are recorded",
        world_.rows("SELECT deployment, revision, user_id, name, roles, signed_on, state, source "
                    "FROM sign_offs ORDER BY recorded_at") ==
            std::vector<std::string>{
                "D-1|1|U0PETRA|Petra Pohl|product_lead|2026-11-24|valid|reply",
                "D-1|1|U0JANE|Jane Doe|requestor|2026-11-24|valid|reply"}
    );
    std::vector<std::string> comments, bodies, ids;
    for (const auto& comment : world_.server.linear.comments) {
        comments.push_back(
            comment.id + '|' + comment.issue + '|' + json::serialize(json::string(comment.body))
        );
        bodies.push_back(comment.issue + ": " + comment.body);
        ids.push_back(comment.id);
    }
    show("Linear, comments: id|issue|body, byte for byte", comments);
    must(
        "Linear holds them byte for byte",
        bodies ==
            std::vector<std::string>{
                "ENG-123: Stakeholder sign-off: Petra Pohl, 2026-11-24",
                "ENG-123: Stakeholder sign-off: Jane Doe, 2026-11-24"}
    );
    must(
        "each row names its comment",
        world_.rows("SELECT linear_comment_id FROM sign_offs ORDER BY recorded_at") == ids
    );
}

void Tour::pass_the_gates()
{
    step("Bob ticks the checklists, Dana gives the go");
    must("Gate 1, by someone other than the author", bob_.ticks_all("D-1", "gate1"));
    must("QA", bob_.ticks_all("D-1", "qa"));
    must("Gate 2", bob_.ticks_all("D-1", "gate2"));
    must("Gate 2 has passed", thread_says(world_, "D-1", "Gate 2 passed: D-1 is signed off."));
    must("pre-deployment checklist", bob_.ticks_all("D-1", "pre_deployment"));
    must("the Dev Lead's go", dana_.presses("D-1", "verb:go"));
    must("on-call is ready", bob_.presses("D-1", "verb:ready"));
}

void Tour::announce_it()
{
    step("An hour before the start (the clock is moved)");
    world_.advance_to("2026-11-24 20:58");
    must("nothing is announced early", message_with(world_, "Planned Deployment") == nullptr);
    world_.advance_to("2026-11-24 21:00");
    must("the pre-deployment notice is out", message_with(world_, "Planned Deployment") != nullptr);
}

void Tour::start_it()
{
    step("22:00: Alice starts it");
    world_.advance_to("2026-11-24 22:00");
    must("she presses Start", alice_.presses("D-1", "verb:start"));
    show("SQLite, deployments:", world_.rows("SELECT 'D-' || number, service, stage FROM deployments"));
    must(
        "it is deploying",
        world_.rows("SELECT stage FROM deployments") == std::vector<std::string>{"deploying"}
    );
}

void Tour::finish_it()
{
    step("The smoke tests pass, the team is told, the watch begins");
    alice_.types("/deploy step D-1 merge");
    alice_.types("/deploy step D-1 deploy");
    alice_.types("/deploy done D-1");
    must(
        "not before the smoke tests", last_whisper(world_, "U0ALICE").find("Login works") != std::string::npos
    );
    must("Alice ticks them", alice_.ticks_all("D-1", "smoke"));
    must("she says done", alice_.presses("D-1", "verb:done"));
    must("with no known issues", alice_.submits({}));
    must("the post-deployment notice is out", message_with(world_, "Deployment Complete") != nullptr);
}

void Tour::get_into_trouble()
{
    step("An hour later, Bob sees errors at login and escalates");
    world_.advance_to("2026-11-24 23:00");
    must(
        "he is asked to check in",
        was_told(
            world_,
            "U0BOB",
            "how is D-1 doing? Please look at errors, performance, user behavior, feature adoption and the "
            "database."
        )
    );
    bob_.types("/deploy issue D-1 Errors at login");
    must("the form takes it", bob_.submits({{"severity", "P0"}, {"impact", "A third of the logins fail"}}));
    must("the escalation notice is out", message_with(world_, "Deployment Issue Detected") != nullptr);
}

void Tour::roll_it_back()
{
    step("Bob, who is on call, rolls it back at once");
    bob_.types("/rollback D-1 Errors at login");
    for (const auto& [user, role] : {std::pair{"U0DANA", "the Dev Lead"}, {"U0PETRA", "the Product Lead"}}) {
        must(
            std::string(role) + " is told",
            was_told(world_, user, "is rolling back D-1 (Faster search): Errors at login.")
        );
    }
    must("Bob confirms that the code is reverted", bob_.presses_in_messages("verb:step"));
    must(
        "the team is told in the document's words",
        message_with(world_, "Rollback executed for D-1") != nullptr
    );
    must("the old version's smoke tests", bob_.ticks_all("D-1", "rollback_smoke"));
    must(
        "it is rolled back",
        world_.rows("SELECT stage FROM deployments WHERE number = 1") ==
            std::vector<std::string>{"rolled back"}
    );
}

void Tour::write_it_down()
{
    step("The post-mortem is drafted from the record");
    const auto& files = world_.server.workspace.files;
    const auto file = std::find_if(files.begin(), files.end(), [](const auto& each) {
        return each.second.completed && each.second.content.find("Post-Mortem") != std::string::npos;
    });
    must("it is a file in the thread", file != files.end());
    if (file != files.end()) {
        out_ << dim << file->second.content << plain << '\n';
    }
}

void Tour::fix_an_emergency()
{
    step("Login is down: a P0 fix, outside the rules, with a recorded exception");
    must(
        "Alice plans it for now",
        alice_.plans({
            {"what", "Fix the login"},
            {"service", "api"},
            {"linear_issue", "ENG-2"},
            {"priority", "P0"},
            {"starts_at", nullptr},
        })
    );
    alice_.types("/deploy start D-2");
    must(
        "a developer can't start it with gates open",
        last_whisper(world_, "U0ALICE").find("Gate 1") != std::string::npos
    );
    dana_.types("/deploy start D-2 Nobody can log in");
    const auto rows = world_.rows(
        "SELECT kind, actor FROM events WHERE deployment = 'D-2' AND kind IN ('exception_recorded', "
        "'started')"
    );
    show("SQLite, events:", rows);
    must(
        "the Dev Lead's exception and the start are in the ledger",
        rows == std::vector<std::string>{"exception_recorded|U0DANA", "started|U0DANA"}
    );
    world_.advance_to("2026-11-25 23:30");
    must(
        "the Dev Lead is reminded of the review",
        was_told(world_, "U0DANA", "The review of the exception for D-2 (Fix the login) is due.")
    );
    dana_.types("/deploy review D-2 It was the right call");
    must("and recorded", thread_says(world_, "D-2", "It was the right call"));
}

void Tour::catch_a_trigger()
{
    step("Monitoring reports errors: a trigger fires, and on-call rolls back with one press");
    const auto status = world_.send_signal(
        R"({"id":"alert-1","service":"api","kind":"error_rate","error_rate":9.5,"baseline":1.0})"
    );
    must("the signed signal is accepted", status == 202);
    (void)world_.settle();
    must("on-call gets both numbers", was_told(world_, "U0BOB", "9.5"));
    must("and presses Roll back", bob_.presses_in_messages("verb:rollback"));
    must(
        "the rollback is under way",
        world_.rows("SELECT stage FROM deployments WHERE number = 2") ==
            std::vector<std::string>{"rolling back"}
    );
    must("he confirms that the code is reverted", bob_.presses_in_messages("verb:step"));
    must("and that the old version works", bob_.presses("D-2", "verb:rolledback"));
    must(
        "the service stays locked until a Dev Lead unlocks it",
        thread_says(
            world_,
            "D-2",
            "verified the previous version. D-2 is rolled back; `/deploy unlock api` allows deployments "
            "again."
        )
    );
}

void Tour::account_for_all()
{
    step("What remains");
    const auto rows = world_.rows("SELECT seq, deployment, kind, actor FROM events ORDER BY seq");
    show("SQLite, events:", rows);
    std::vector<std::string> complaints;
    for (const auto& complaint : world_.server.transcript.of(Kind::complaint)) {
        complaints.push_back(complaint.what + " " + json::serialize(complaint.facts));
    }
    show("Slack's complaints about the bot:", complaints);
    must("Slack has none", complaints.empty());
}

bool Tour::play()
{
    plan_it();
    refuse_an_early_start();
    sign_it_off();
    pass_the_gates();
    announce_it();
    start_it();
    finish_it();
    get_into_trouble();
    roll_it_back();
    write_it_down();
    fix_an_emergency();
    catch_a_trigger();
    account_for_all();
    out_ << '\n'
         << bold << (failed_ == 0 ? "Every step worked." : std::to_string(failed_) + " things did not work.")
         << plain << '\n';
    return failed_ == 0;
}

}  // namespace

bool play_tour(BotInSimulator& world, std::ostream& out) { return Tour(world, out).play(); }

}  // namespace demo
