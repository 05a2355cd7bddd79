#include "bot/audit.hpp"

#include "storage/chain.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sstream>

namespace slipway {

namespace {

/// A ledger in memory: two deployments, and an event of the team's between them.
struct Ledger {
    storage::Store store{":memory:"};

    Ledger()
    {
        Decision first;
        first.deployment = DeploymentId{1};
        Planned planned;
        planned.plan.what = "Faster, \"better\" search | <!channel>\nand more";
        planned.plan.service = "web";
        SignedOff sign_off;
        sign_off.revision = 1;
        sign_off.user = UserId("U0PETRA");
        sign_off.name = "Petra Pohl";
        sign_off.signed_on = date::year{2026} / 11 / 24;
        first.events = {planned, sign_off};
        Decision team;
        team.team_events = {FreezeBegun{"web", Instant{}, "the fair, \"again\""}};
        Decision second = first;
        second.deployment = DeploymentId{2};
        Decision last;
        last.deployment = DeploymentId{1};
        last.events = {Cancelled{"not needed"}};
        for (const auto& decision : {first, team, second, last}) {
            job([&](storage::Store& each) {
                each.record(decision, UserId("U0ALICE"), Instant{}, ChannelId("C0"), {});
            });
        }
    }

    void job(const storage::Store::Job& work)
    {
        const auto outcomes = store.transaction({work});
        if (outcomes.front()) {
            std::rethrow_exception(outcomes.front());
        }
    }

    std::string exported(ExportFormat format, const std::string& deployment = {})
    {
        std::ostringstream out;
        job([&](storage::Store& each) { export_ledger(each, deployment, format, out); });
        return out.str();
    }

    std::string head()
    {
        std::string hash;
        job([&](storage::Store& each) { hash = each.chain_head(); });
        return hash;
    }
};

AuditFinding verified(const std::string& text, const std::string& head = {})
{
    std::istringstream in(text);
    return verify_export(in, head);
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines)
{
    std::string text;
    for (const auto& line : lines) {
        text += line + '\n';
    }
    return text;
}

}  // namespace

TEST_CASE("an export verifies without the database", "[bot][audit]")
{
    Ledger ledger;
    const auto format = GENERATE(ExportFormat::csv, ExportFormat::jsonl);
    const auto finding = verified(ledger.exported(format), ledger.head());
    CHECK(finding.broken.empty());
    CHECK(finding.rows == 6);
    CHECK(finding.head == ledger.head());
    CHECK(finding.has_head);
    CHECK(finding.deployment.empty());
}

TEST_CASE("the first row of an export that was changed, deleted, inserted or moved is named", "[bot][audit]")
{
    struct Forgery {
        const char* what;
        void (*act)(std::vector<std::string>&);
        const char* named;
    };

    const auto forgery = GENERATE(
        Forgery{
            "changed",
            [](std::vector<std::string>& rows) {
                auto& row = rows.at(2);
                row.replace(row.find("fair"), 4, "fear");
            },
            "row 3"},
        Forgery{
            "who did it changed",
            [](std::vector<std::string>& rows) {
                auto& row = rows.at(4);
                row.replace(row.find("U0ALICE"), 7, "U0PETRA");
            },
            "row 5"},
        Forgery{"deleted", [](std::vector<std::string>& rows) { rows.erase(rows.begin() + 1); }, "row 2"},
        Forgery{"first deleted", [](std::vector<std::string>& rows) { rows.erase(rows.begin()); }, "row 1"},
        Forgery{
            "inserted",
            [](std::vector<std::string>& rows) { rows.insert(rows.begin() + 3, rows.at(1)); },
            "row 2"},
        Forgery{"moved", [](std::vector<std::string>& rows) { std::swap(rows.at(1), rows.at(2)); }, "row 2"}
    );
    CAPTURE(forgery.what);
    Ledger ledger;
    auto rows = lines_of(ledger.exported(ExportFormat::jsonl));
    forgery.act(rows);
    const auto finding = verified(joined(rows));
    CHECK(finding.broken.starts_with(forgery.named));
}

TEST_CASE("a ledger cut off at its end lacks the head that was noted", "[bot][audit]")
{
    Ledger ledger;
    auto rows = lines_of(ledger.exported(ExportFormat::jsonl));
    rows.pop_back();
    const auto finding = verified(joined(rows), ledger.head());
    CHECK(finding.broken.empty());
    CHECK_FALSE(finding.has_head);
}

TEST_CASE("the pack of a deployment verifies by itself, in each format", "[bot][audit]")
{
    Ledger ledger;
    const auto format = GENERATE(ExportFormat::csv, ExportFormat::jsonl, ExportFormat::md);
    auto pack = ledger.exported(format, "D-1");
    const auto finding = verified(pack, ledger.head());
    CHECK(finding.broken.empty());
    CHECK(finding.rows == 3);
    CHECK(finding.deployment == "D-1");
    CHECK(finding.has_head);
    pack.replace(pack.rfind("Petra Pohl"), 5, "Peter");
    CHECK(verified(pack).broken.starts_with("row 2"));
}

TEST_CASE("the population has one line for each deployment, and what its pack must end with", "[bot][audit]")
{
    Ledger ledger;
    std::ostringstream out;
    ledger.job([&](storage::Store& each) { export_population(each, ExportFormat::csv, out); });
    const auto text = out.str();
    CHECK(text.find("\"D-1\",\"cancelled\",\"web\",\"Faster, \"\"better\"\" search") != std::string::npos);
    CHECK(text.find("\"D-2\",\"planned\"") != std::string::npos);
    CHECK(text.find("Petra Pohl (U0PETRA) 2026-11-24 revision 1") != std::string::npos);
    CHECK(text.find("\"3\",\"" + ledger.head() + "\"") != std::string::npos);
}

TEST_CASE("what is no export is said to be none", "[bot][audit]")
{
    CHECK_FALSE(verified("").broken.empty());
    CHECK_FALSE(verified("seq,deployment\nnonsense\n").broken.empty());
    CHECK_FALSE(verified("{\"seq\":1}\n").broken.empty());
    CHECK_FALSE(verified("# a text\n").broken.empty());
}

}  // namespace slipway
