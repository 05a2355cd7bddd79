#include "bot/audit.hpp"

#include "commands/registry.hpp"
#include "storage/chain.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <istream>
#include <map>
#include <ostream>
#include <vector>

namespace slipway {

namespace {

namespace json = boost::json;

using Cells = std::vector<std::string>;

const Cells ledger_columns{"seq", "deployment", "kind", "actor", "at", "body", "prev_hash", "hash"};

const Cells population_columns{
    "deployment",
    "stage",
    "service",
    "what",
    "linear_issue",
    "author",
    "revision",
    "planned_at",
    "started_at",
    "finished_at",
    "ended_at",
    "sign_offs",
    "exceptions_recorded",
    "rolled_back",
    "rows",
    "last_hash"};

Cells cells_of(const storage::LedgerRow& row)
{
    return {
        std::to_string(row.seq),
        row.deployment,
        row.kind,
        row.actor,
        row.at,
        row.body,
        row.prev_hash,
        row.hash};
}

std::string quoted(const std::string& text)
{
    std::string cell = "\"";
    for (const char letter : text) {
        cell += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    }
    return cell + '"';
}

void write_csv(const Cells& cells, std::ostream& out)
{
    const char* separator = "";
    for (const auto& cell : cells) {
        out << separator << quoted(cell);
        separator = ",";
    }
    out << '\n';
}

/// People's text in a table of Markdown.
std::string table_cell(const std::string& text)
{
    std::string cell;
    for (const char letter : text) {
        cell += letter == '|' ? std::string("\\|") : std::string(1, letter == '\n' ? ' ' : letter);
    }
    return cell;
}

void write_table_row(const Cells& cells, std::ostream& out)
{
    for (const auto& cell : cells) {
        out << "| " << table_cell(cell) << ' ';
    }
    out << "|\n";
}

void write_table_head(const Cells& columns, std::ostream& out)
{
    write_table_row(columns, out);
    write_table_row(Cells(columns.size(), "---"), out);
}

void write_json(const storage::LedgerRow& row, std::ostream& out)
{
    const json::object object{
        {"seq", row.seq},
        {"deployment", row.deployment},
        {"kind", row.kind},
        {"actor", row.actor},
        {"at", row.at},
        {"body", json::parse(row.body)},
        {"prev_hash", row.prev_hash},
        {"hash", row.hash},
    };
    out << json::serialize(object) << '\n';
}

std::string moment(const std::optional<Instant>& at) { return at ? iso(*at) : ""; }

std::string moment(const std::optional<Tick>& tick) { return tick ? iso(tick->at) : ""; }

std::string sign_offs_of(const Deployment& deployment)
{
    std::string text;
    for (const auto& each : deployment.sign_offs) {
        const auto standing = each.withdrawn                              ? ", withdrawn"
                              : each.given.revision < deployment.revision ? ", superseded"
                                                                          : "";
        text += (text.empty() ? "" : "; ") + each.given.name + " (" + each.given.user.str() + ") " +
                iso(each.given.signed_on) + " revision " + std::to_string(each.given.revision) + standing;
    }
    return text;
}

struct Extent {
    int rows = 0;
    std::string last_hash;
};

std::map<std::string, Extent> extents(storage::Store& store)
{
    std::map<std::string, Extent> found;
    store.for_each_ledger_row([&](const storage::LedgerRow& row) {
        auto& extent = found[row.deployment];
        ++extent.rows;
        extent.last_hash = row.hash;
    });
    return found;
}

Cells population_row(const Deployment& deployment, const Extent& extent)
{
    return {
        to_string(deployment.id),
        to_string(deployment.stage),
        deployment.plan.service,
        deployment.plan.what,
        deployment.plan.linear_issue,
        deployment.author.str(),
        std::to_string(deployment.revision),
        iso(deployment.planned_at),
        moment(deployment.started),
        moment(deployment.finished_at),
        moment(deployment.ended),
        sign_offs_of(deployment),
        std::to_string(deployment.exceptions.size()),
        deployment.rollback ? "yes" : "no",
        std::to_string(extent.rows),
        extent.last_hash,
    };
}

/// The pack of one deployment, readable, with its rows at the end for the machine.
void write_pack(storage::Store& store, const Deployment& deployment, std::ostream& out)
{
    const auto name = to_string(deployment.id);
    std::vector<storage::LedgerRow> rows;
    store.for_each_ledger_row([&](const storage::LedgerRow& row) {
        if (row.deployment == name) {
            rows.push_back(row);
        }
    });
    const auto facts = population_row(deployment, {static_cast<int>(rows.size()), rows.back().hash});
    out << "# " << name << "\n\n";
    write_table_head({"", ""}, out);
    for (std::size_t column = 1; column < facts.size(); ++column) {
        write_table_row({population_columns[column], facts[column]}, out);
    }
    out << "\n## What happened\n\n";
    write_table_head({"row", "at", "who", "what", "hash"}, out);
    for (const auto& row : rows) {
        write_table_row({std::to_string(row.seq), row.at, row.actor, row.kind, row.hash.substr(0, 12)}, out);
    }
    out << "\n## The rows\n\nCheck them with `slipway audit verify " << name << ".md`.\n\n```json\n";
    for (const auto& row : rows) {
        write_json(row, out);
    }
    out << "```\n";
}

// Reading an export back.

std::optional<storage::LedgerRow> row_from(const Cells& cells)
{
    if (cells.size() != ledger_columns.size() || cells.front().empty() ||
        cells.front().find_first_not_of("0123456789") != std::string::npos || cells.front().size() > 18) {
        return std::nullopt;
    }
    return storage::LedgerRow{
        std::stoll(cells[0]), cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7]};
}

std::optional<storage::LedgerRow> row_from_json(const std::string& line)
{
    boost::system::error_code error;
    const auto parsed = json::parse(line, error);
    if (error || !parsed.is_object()) {
        return std::nullopt;
    }
    Cells cells;
    for (const auto& column : ledger_columns) {
        const auto* value = parsed.get_object().if_contains(column);
        if (value == nullptr) {
            return std::nullopt;
        }
        cells.push_back(value->is_string() ? std::string(value->get_string()) : json::serialize(*value));
    }
    return row_from(cells);
}

/// One record of CSV, whose cells may hold quotes, commas and line breaks. False at the end.
bool read_csv(std::istream& in, Cells& cells)
{
    cells.assign(1, "");
    bool inside = false;
    char letter = 0;
    while (in.get(letter)) {
        if (letter == '"' && inside && in.peek() == '"') {
            cells.back() += static_cast<char>(in.get());
        }
        else if (letter == '"') {
            inside = !inside;
        }
        else if (letter == ',' && !inside) {
            cells.emplace_back();
        }
        else if (letter == '\n' && !inside) {
            return true;
        }
        else if (letter != '\r' || inside) {
            cells.back() += letter;
        }
    }
    return cells.size() > 1 || !cells.front().empty();
}

struct Reading {
    std::vector<storage::LedgerRow> rows;
    std::string broken;
};

Reading read_csv_rows(std::istream& in)
{
    Reading reading;
    Cells cells;
    (void)read_csv(in, cells);  // the columns' names
    while (read_csv(in, cells)) {
        auto row = row_from(cells);
        if (!row) {
            reading.broken = "record " + std::to_string(reading.rows.size() + 1) + " is no row of a ledger";
            return reading;
        }
        reading.rows.push_back(std::move(*row));
    }
    return reading;
}

/// Lines that begin with a brace are rows; a pack has prose around them.
Reading read_json_rows(std::istream& in)
{
    Reading reading;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with('{')) {
            continue;
        }
        auto row = row_from_json(line);
        if (!row) {
            reading.broken = "line " + std::to_string(reading.rows.size() + 1) + " is no row of a ledger";
            return reading;
        }
        reading.rows.push_back(std::move(*row));
    }
    return reading;
}

std::string broken_row(const storage::LedgerRow& row, const std::string& what)
{
    return "row " + std::to_string(row.seq) + " " + what;
}

/// What is wrong with `row` after `last` (null for the first), empty for nothing.
std::string wrong_with(const storage::LedgerRow& row, const storage::LedgerRow* last, bool is_pack)
{
    const auto before = last == nullptr ? 0 : last->seq;
    if (row.seq <= before) {
        return broken_row(row, "was inserted or moved");
    }
    if (!is_pack && row.seq != before + 1) {
        return "row " + std::to_string(before + 1) + " is missing";
    }
    const auto& follows = last == nullptr ? storage::chain_start : last->hash;
    if (row.seq == before + 1 && row.prev_hash != follows) {
        return broken_row(row, "does not follow the row before it");
    }
    return row.hash == storage::chain_hash(row) ? "" : broken_row(row, "was changed");
}

}  // namespace

std::optional<ExportFormat> export_format_from(const std::string& word)
{
    if (word == "csv") {
        return ExportFormat::csv;
    }
    if (word == "jsonl") {
        return ExportFormat::jsonl;
    }
    return word == "md" ? std::optional(ExportFormat::md) : std::nullopt;
}

void export_ledger(
    storage::Store& store, const std::string& deployment, ExportFormat format, std::ostream& out
)
{
    if (format == ExportFormat::md && !deployment.empty()) {
        const auto request = parse_slash(deployment, "status");
        const auto found = request && request->deployment ? store.load(*request->deployment) : std::nullopt;
        if (!found) {
            throw storage::StoreError("there is no " + deployment);
        }
        write_pack(store, *found, out);
        return;
    }
    if (format == ExportFormat::csv) {
        write_csv(ledger_columns, out);
    }
    if (format == ExportFormat::md) {
        write_table_head(ledger_columns, out);
    }
    store.for_each_ledger_row([&](const storage::LedgerRow& row) {
        if (!deployment.empty() && row.deployment != deployment) {
            return;
        }
        if (format == ExportFormat::jsonl) {
            write_json(row, out);
        }
        else {
            format == ExportFormat::csv ? write_csv(cells_of(row), out) : write_table_row(cells_of(row), out);
        }
    });
}

void export_population(storage::Store& store, ExportFormat format, std::ostream& out)
{
    if (format == ExportFormat::csv) {
        write_csv(population_columns, out);
    }
    if (format == ExportFormat::md) {
        write_table_head(population_columns, out);
    }
    const auto found = extents(store);
    for (int number = 1; number < store.next_deployment_id().number; ++number) {
        const auto deployment = store.load({number});
        if (!deployment) {
            continue;
        }
        const auto cells = population_row(*deployment, found.at(to_string(deployment->id)));
        if (format == ExportFormat::jsonl) {
            json::object object;
            for (std::size_t column = 0; column < cells.size(); ++column) {
                object[population_columns[column]] = cells[column];
            }
            out << json::serialize(object) << '\n';
        }
        else {
            format == ExportFormat::csv ? write_csv(cells, out) : write_table_row(cells, out);
        }
    }
}

AuditFinding verify_export(std::istream& in, const std::string& head)
{
    const bool is_csv = in.peek() == '"' || in.peek() == 's';
    const auto reading = is_csv ? read_csv_rows(in) : read_json_rows(in);
    AuditFinding finding;
    finding.broken = reading.broken;
    const auto& rows = reading.rows;
    const bool is_whole = !rows.empty() && rows.front().seq == 1 &&
                          rows.front().prev_hash == storage::chain_start &&
                          rows.back().seq == static_cast<std::int64_t>(rows.size());
    const bool is_pack = !is_whole && !rows.empty() &&
                         std::all_of(rows.begin(), rows.end(), [&](const storage::LedgerRow& row) {
                             return row.deployment == rows.front().deployment;
                         });
    finding.deployment = is_pack ? rows.front().deployment : "";
    const storage::LedgerRow* last = nullptr;
    for (const auto& row : rows) {
        if (const auto wrong = wrong_with(row, last, is_pack); !wrong.empty()) {
            finding.broken = wrong;
            return finding;
        }
        finding.has_head = finding.has_head || row.hash == head;
        ++finding.rows;
        last = &row;
    }
    if (rows.empty() && finding.broken.empty()) {
        finding.broken = "there is no row in it";
    }
    finding.head = last == nullptr ? storage::chain_start : last->hash;
    return finding;
}

AuditFinding verify_ledger(storage::Store& store, const std::string& head)
{
    AuditFinding finding;
    if (const auto broken = store.verify_chain()) {
        finding.broken = broken->what;
        return finding;
    }
    finding.head = store.chain_head();
    store.for_each_ledger_row([&](const storage::LedgerRow& row) {
        ++finding.rows;
        finding.has_head = finding.has_head || row.hash == head;
    });
    return finding;
}

}  // namespace slipway
