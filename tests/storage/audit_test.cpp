#include "storage/audit.hpp"

#include "storage/chain.hpp"
#include "tests/storage/temporary_store.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <sstream>

namespace slipway {

namespace {

using Catch::Matchers::ContainsSubstring;
using storage::testing::decision_of;
using storage::testing::decision_of_team;

/// A ledger in memory: two deployments, and an event of the team's between them.
struct Ledger {
    storage::Store store{":memory:"};

    Ledger()
    {
        Planned planned;
        planned.plan.what = "Faster, \"better\" search | <!channel>\nand more";
        planned.plan.service = "web";
        SignedOff sign_off;
        sign_off.revision = 1;
        sign_off.user = UserId("U0PETRA");
        sign_off.name = "Petra Pohl";
        sign_off.signed_on = date::year{2026} / 11 / 24;
        record(decision_of(1, {planned, sign_off}));
        record(decision_of_team({FreezeBegun{"web", Instant{}, "the fair, \"again\""}}));
        record(decision_of(2, {planned, sign_off}));
        record(decision_of(1, {Cancelled{"not needed"}}));
    }

    void record(const Decision& decision, const std::string& actor = "U0ALICE")
    {
        job([&](storage::Store& each) {
            each.record(decision, UserId(actor), Instant{}, ChannelId("C0"), {});
        });
    }

    void job(const storage::Store::Job& work) { storage::testing::run(store, work); }

    std::string exported(ExportFormat format, std::optional<DeploymentId> deployment = {})
    {
        std::ostringstream out;
        job([&](storage::Store& each) { export_ledger(each, deployment, format, out); });
        return out.str();
    }

    std::string population(ExportFormat format)
    {
        std::ostringstream out;
        job([&](storage::Store& each) { export_population(each, format, out); });
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

AuditFinding compared(const std::string& pack, const std::string& population)
{
    std::istringstream in(pack);
    std::istringstream beside(population);
    return verify_export(in, {}, &beside);
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

using LedgerRows = std::vector<storage::LedgerRow>;

LedgerRows rows_of(const std::string& jsonl)
{
    LedgerRows rows;
    for (const auto& line : lines_of(jsonl)) {
        const auto parsed = boost::json::parse(line);
        const auto text = [&](const char* key) { return std::string(parsed.at(key).as_string()); };
        rows.push_back(
            {parsed.at("seq").as_int64(),
             text("deployment"),
             text("kind"),
             text("actor"),
             text("at"),
             boost::json::serialize(parsed.at("body")),
             text("prev_hash"),
             text("hash")}
        );
    }
    return rows;
}

std::string json_line(const storage::LedgerRow& row)
{
    const boost::json::object object{
        {"seq", row.seq},
        {"deployment", row.deployment},
        {"kind", row.kind},
        {"actor", row.actor},
        {"at", row.at},
        {"body", boost::json::parse(row.body)},
        {"prev_hash", row.prev_hash},
        {"hash", row.hash}};
    return boost::json::serialize(object);
}

std::string csv_line(const storage::LedgerRow& row)
{
    std::string line = std::to_string(row.seq);
    for (auto cell : {row.deployment, row.kind, row.actor, row.at, row.body, row.prev_hash, row.hash}) {
        for (auto at = cell.find('"'); at != std::string::npos; at = cell.find('"', at + 2)) {
            cell.insert(at, 1, '"');
        }
        line += ",\"" + cell + "\"";
    }
    return line;
}

/// What a forger writes: an export that holds just these rows.
std::string written(const LedgerRows& rows, ExportFormat format)
{
    std::vector<std::string> lines;
    if (format == ExportFormat::csv) {
        lines.emplace_back("seq,deployment,kind,actor,at,body,prev_hash,hash");
    }
    if (format == ExportFormat::md) {
        lines.emplace_back("# D-1\n\n```json");
    }
    for (const auto& row : rows) {
        lines.push_back(format == ExportFormat::csv ? csv_line(row) : json_line(row));
    }
    if (format == ExportFormat::md) {
        lines.emplace_back("```");
    }
    return joined(lines);
}

}  // namespace

TEST_CASE("an export verifies without the database", "[storage][audit]")
{
    Ledger ledger;
    const auto format = GENERATE(ExportFormat::csv, ExportFormat::jsonl, ExportFormat::md);
    const auto finding = verified(ledger.exported(format), ledger.head());
    CHECK(finding.broken.empty());
    CHECK(finding.is_complete);
    CHECK(finding.rows == 6);
    CHECK(finding.head == ledger.head());
    CHECK(finding.has_head);
    CHECK(finding.deployment.empty());
}

TEST_CASE(
    "the first row of an export that was changed, deleted, inserted or moved is named", "[storage][audit]"
)
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

TEST_CASE("a ledger cut off at its end lacks the head that was noted", "[storage][audit]")
{
    Ledger ledger;
    auto rows = lines_of(ledger.exported(ExportFormat::jsonl));
    rows.pop_back();
    const auto finding = verified(joined(rows), ledger.head());
    CHECK(finding.broken.empty());
    CHECK_FALSE(finding.has_head);
}

TEST_CASE("the pack of a deployment verifies by itself, in each format", "[storage][audit]")
{
    Ledger ledger;
    const auto format = GENERATE(ExportFormat::csv, ExportFormat::jsonl, ExportFormat::md);
    auto pack = ledger.exported(format, DeploymentId{1});
    const auto finding = verified(pack, ledger.head());
    CHECK(finding.broken.empty());
    CHECK(finding.rows == 3);
    CHECK(finding.deployment == "D-1");
    CHECK(finding.has_head);
    pack.replace(pack.rfind("Petra Pohl"), 5, "Peter");
    CHECK(verified(pack).broken.starts_with("row 2"));
}

TEST_CASE("a pack by itself does not claim to be complete, beside the population it does", "[storage][audit]")
{
    Ledger ledger;
    const auto format = GENERATE(ExportFormat::csv, ExportFormat::jsonl, ExportFormat::md);
    const auto listing = GENERATE(ExportFormat::csv, ExportFormat::jsonl);
    const auto pack = ledger.exported(format, DeploymentId{1});
    CHECK_FALSE(verified(pack).is_complete);
    const auto finding = compared(pack, ledger.population(listing));
    CHECK(finding.broken.empty());
    CHECK(finding.is_complete);
    CHECK(finding.rows == 3);
}

TEST_CASE(
    "whichever row of a pack was deleted, changed, inserted or moved, the population names it",
    "[storage][audit]"
)
{
    struct Forgery {
        const char* what;
        std::int64_t (*act)(LedgerRows&, std::size_t);  ///< gives the row to be named
        const char* named;
    };

    const auto forgery = GENERATE(values<Forgery>(
        {{"deleted",
          [](LedgerRows& rows, std::size_t at) {
              const auto seq = rows[at].seq;
              rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
              return seq;
          },
          "is missing"},
         {"changed",
          [](LedgerRows& rows, std::size_t at) {
              rows[at].actor = "U0EVE";
              return rows[at].seq;
          },
          "was changed"},
         {"changed, with a hash that fits",
          [](LedgerRows& rows, std::size_t at) {
              rows[at].actor = "U0EVE";
              rows[at].hash = storage::chain_hash(rows[at]);
              return rows[at].seq;
          },
          "was changed"},
         {"inserted twice",
          [](LedgerRows& rows, std::size_t at) {
              const auto row = rows[at];
              rows.push_back(row);
              return row.seq;
          },
          "was inserted or moved"},
         {"inserted after it, with a hash that fits",
          [](LedgerRows& rows, std::size_t at) {
              auto row = rows[at];
              row.prev_hash = row.hash;
              ++row.seq;
              row.hash = storage::chain_hash(row);
              rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(at) + 1, row);
              return row.seq;
          },
          ""},
         {"replaced by one with a hash that fits",
          [](LedgerRows& rows, std::size_t at) {
              const auto seq = rows[at].seq;
              rows[at].seq += seq == 1 ? 2 : -1;
              rows[at].hash = storage::chain_hash(rows[at]);
              return seq == 1 ? seq : rows[at].seq;
          },
          ""},
         {"moved to the front",
          [](LedgerRows& rows, std::size_t at) {
              const auto first = rows.front().seq;
              const auto row = rows[at == 0 ? 1 : at];
              rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at == 0 ? 1 : at));
              rows.insert(rows.begin(), row);
              return first;
          },
          "is missing"}}
    ));
    const auto format = GENERATE(ExportFormat::csv, ExportFormat::jsonl, ExportFormat::md);
    const auto at = GENERATE(range<std::size_t>(0, 3));
    CAPTURE(forgery.what, at);
    Ledger ledger;
    const auto population = ledger.population(ExportFormat::csv);
    auto rows = rows_of(ledger.exported(ExportFormat::jsonl, DeploymentId{1}));
    REQUIRE(rows.size() == 3);
    REQUIRE(compared(written(rows, format), population).broken.empty());
    const auto named = "row " + std::to_string(forgery.act(rows, at)) + " " + forgery.named;
    const auto finding = compared(written(rows, format), population);
    CAPTURE(finding.broken, named);
    CHECK(finding.broken.starts_with(named));
}

TEST_CASE("a row of another deployment in a pack is named", "[storage][audit]")
{
    Ledger ledger;
    auto rows = lines_of(ledger.exported(ExportFormat::jsonl, DeploymentId{1}));
    rows.insert(rows.begin() + 2, lines_of(ledger.exported(ExportFormat::jsonl, DeploymentId{2})).front());
    CHECK(compared(joined(rows), ledger.population(ExportFormat::jsonl))
              .broken.starts_with("row 4 was inserted"));
}

TEST_CASE("a population that lists no rows of the pack is refused", "[storage][audit]")
{
    Ledger ledger;
    const auto pack = ledger.exported(ExportFormat::csv, DeploymentId{1});
    CHECK_THROWS_WITH(compared(pack, ""), ContainsSubstring("lists no rows of D-1"));
    CHECK_THROWS_WITH(compared(pack, ledger.population(ExportFormat::md)), ContainsSubstring("csv or jsonl"));
}

TEST_CASE("a deployment that is not there has no pack, in each format", "[storage][audit]")
{
    Ledger ledger;
    const auto format = GENERATE(ExportFormat::csv, ExportFormat::jsonl, ExportFormat::md);
    CHECK_THROWS_WITH(ledger.exported(format, DeploymentId{7}), "there is no D-7");
}

TEST_CASE(
    "the population has one line for each deployment, and what its pack must end with", "[storage][audit]"
)
{
    Ledger ledger;
    const auto text = ledger.population(ExportFormat::csv);
    CHECK(text.find("\"D-1\",\"cancelled\",\"web\",\"Faster, \"\"better\"\" search") != std::string::npos);
    CHECK(text.find("\"D-2\",\"planned\"") != std::string::npos);
    CHECK(text.find("Petra Pohl (U0PETRA) 2026-11-24 revision 1") != std::string::npos);
    CHECK(text.find("\"3\",\"" + ledger.head() + "\"") != std::string::npos);
}

TEST_CASE(
    "text that a spreadsheet would run is made text in CSV, exact in JSON, and verifies", "[storage][audit]"
)
{
    struct Cell {
        std::string text, in_csv;
    };

    const auto cell = GENERATE(values<Cell>(
        {{"=HYPERLINK(1)", "\"'=HYPERLINK(1)\""},
         {"+1", "\"'+1\""},
         {"-1", "\"'-1\""},
         {"@SUM(1)", "\"'@SUM(1)\""},
         {"\t=1", "\"'\t=1\""},
         {"\r=1", "\"'\r=1\""},
         {"'=1", "\"''=1\""},
         {"'tis", "\"''tis\""},
         {"1=1", "\"1=1\""}}
    ));
    CAPTURE(cell.text);
    Ledger ledger;
    Planned planned;
    planned.plan.what = cell.text;
    ledger.record(decision_of(3, {planned}), cell.text);
    CHECK(ledger.population(ExportFormat::csv).find(cell.in_csv) != std::string::npos);
    CHECK(ledger.exported(ExportFormat::csv).find(cell.in_csv) != std::string::npos);
    const auto exact = "\"what\":" + boost::json::serialize(boost::json::string(cell.text));
    CHECK(ledger.population(ExportFormat::jsonl).find(exact) != std::string::npos);
    CHECK(ledger.exported(ExportFormat::jsonl).find(exact) != std::string::npos);
    for (const auto format : {ExportFormat::csv, ExportFormat::jsonl}) {
        CHECK(verified(ledger.exported(format), ledger.head()).has_head);
        const auto pack = ledger.exported(format, DeploymentId{3});
        CHECK(compared(pack, ledger.population(format)).broken.empty());
    }
}

TEST_CASE("what is no export is said to be none", "[storage][audit]")
{
    CHECK_FALSE(verified("").broken.empty());
    CHECK_FALSE(verified("seq,deployment\nnonsense\n").broken.empty());
    CHECK_FALSE(verified("{\"seq\":1}\n").broken.empty());
    CHECK_FALSE(verified("# a text\n").broken.empty());
}

}  // namespace slipway
