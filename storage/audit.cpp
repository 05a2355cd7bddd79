#include "storage/audit.hpp"

#include "storage/chain.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <functional>
#include <istream>
#include <iterator>
#include <map>
#include <ostream>
#include <sstream>
#include <stdexcept>
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

/// One more column where a machine reads the population: the rows of each deployment.
const std::string listing_column = "row_hashes";

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

/// Whether a spreadsheet would run `cell` as a formula. People's text must not run at the auditor's, so an
/// apostrophe in front makes it text (https://owasp.org/www-community/attacks/CSV_Injection); one that is
/// there already gets its own, so that reading the file back gives the text as it was.
bool needs_apostrophe(std::string_view cell)
{
    static constexpr std::string_view marks{"=+-@\t\r'"};
    return !cell.empty() && marks.find(cell.front()) != std::string_view::npos;
}

std::string quoted(const std::string& text)
{
    std::string cell = needs_apostrophe(text) ? "\"'" : "\"";
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

/// As JSON where that gives the stored bytes again, else as they are: somebody changed them.
json::value body_of(const storage::LedgerRow& row)
{
    boost::system::error_code error;
    auto body = json::parse(row.body, error);
    return !error && json::serialize(body) == row.body ? body : json::value(row.body);
}

void write_json(const storage::LedgerRow& row, std::ostream& out)
{
    const json::object object{
        {"seq", row.seq},
        {"deployment", row.deployment},
        {"kind", row.kind},
        {"actor", row.actor},
        {"at", row.at},
        {"body", body_of(row)},
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

/// The rows of one deployment, as the population knows them.
struct Extent {
    int rows = 0;
    std::string last_hash;
    std::string listing;  ///< seq and hash of each: "1:9f3c… 6:02ab…"

    void add(const storage::LedgerRow& row)
    {
        ++rows;
        last_hash = row.hash;
        listing += (listing.empty() ? "" : " ") + std::to_string(row.seq) + ':' + row.hash;
    }
};

std::map<std::string, Extent> extents(storage::Store& store)
{
    std::map<std::string, Extent> found;
    store.for_each_ledger_row([&](const storage::LedgerRow& row) { found[row.deployment].add(row); });
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

/// Every row, or those of one deployment.
void for_each_row(
    storage::Store& store,
    const std::string& deployment,
    const std::function<void(const storage::LedgerRow&)>& visit
)
{
    store.for_each_ledger_row([&](const storage::LedgerRow& row) {
        if (deployment.empty() || row.deployment == deployment) {
            visit(row);
        }
    });
}

void write_title(storage::Store& store, const std::optional<Deployment>& deployment, std::ostream& out)
{
    if (!deployment) {
        out << "# The ledger\n";
        return;
    }
    const auto name = to_string(deployment->id);
    Extent extent;
    for_each_row(store, name, [&](const storage::LedgerRow& row) { extent.add(row); });
    const auto facts = population_row(*deployment, extent);
    out << "# " << name << "\n\n";
    write_table_head({"", ""}, out);
    for (std::size_t column = 1; column < facts.size(); ++column) {
        write_table_row({population_columns[column], facts[column]}, out);
    }
}

/// Tables for people, with the rows at the end for the machine.
void write_markdown(storage::Store& store, const std::optional<Deployment>& deployment, std::ostream& out)
{
    const auto name = deployment ? to_string(deployment->id) : "";
    write_title(store, deployment, out);
    out << "\n## What happened\n\n";
    write_table_head({"row", "deployment", "at", "who", "what", "hash"}, out);
    for_each_row(store, name, [&](const storage::LedgerRow& row) {
        write_table_row(
            {std::to_string(row.seq), row.deployment, row.at, row.actor, row.kind, row.hash.substr(0, 12)},
            out
        );
    });
    out << "\n## The rows\n\nWhat is above was drawn from these rows, for reading. "
        << "Check the rows themselves with `slipway audit verify FILE"
        << (deployment ? " --population POPULATION" : "") << "`.\n\n```json\n";
    for_each_row(store, name, [&](const storage::LedgerRow& row) { write_json(row, out); });
    out << "```\n";
}

Deployment deployment_called(storage::Store& store, DeploymentId id)
{
    const auto found = store.load(id);
    if (!found) {
        throw storage::StoreError("there is no " + to_string(id));
    }
    return *found;
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

/// One record of CSV as it stands in the file. False at the end.
bool read_csv_record(std::istream& in, Cells& cells)
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

/// One record of CSV, whose cells may hold quotes, commas and line breaks. False at the end.
bool read_csv(std::istream& in, Cells& cells)
{
    const bool is_there = read_csv_record(in, cells);
    for (auto& cell : cells) {
        if (cell.starts_with('\'') && needs_apostrophe(std::string_view(cell).substr(1))) {
            cell.erase(0, 1);
        }
    }
    return is_there;
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
            reading.broken = "record " + std::to_string(reading.rows.size() + 1) + " is not a ledger row";
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
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (!line.starts_with('{')) {
            continue;
        }
        auto row = row_from_json(line);
        if (!row) {
            reading.broken = "line " + std::to_string(number) + " is not a ledger row";
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

std::string missing_row(std::int64_t seq) { return "row " + std::to_string(seq) + " is missing"; }

/// What is wrong with `row` after `last` (null for the first), empty for nothing.
std::string wrong_with(const storage::LedgerRow& row, const storage::LedgerRow* last, bool is_pack)
{
    const auto before = last == nullptr ? 0 : last->seq;
    if (row.seq <= before) {
        return broken_row(row, "was inserted or moved");
    }
    if (!is_pack && row.seq != before + 1) {
        return missing_row(before + 1);
    }
    const auto& follows = last == nullptr ? storage::chain_start : last->hash;
    if (row.seq == before + 1 && row.prev_hash != follows) {
        return broken_row(row, "does not follow the row before it");
    }
    return row.hash == storage::chain_hash(row) ? "" : broken_row(row, "was changed");
}

// A pack and the population.

/// A row as the population lists it.
struct Listed {
    std::int64_t seq = 0;
    std::string hash;
};

std::string string_at(const json::object& object, const std::string& key)
{
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

/// The cell of the population that lists the rows of `deployment`; empty where it has none.
std::string listing_in_json(std::istream& population, const std::string& deployment)
{
    for (std::string line; std::getline(population, line);) {
        boost::system::error_code error;
        const auto parsed = json::parse(line, error);
        if (!error && parsed.is_object() &&
            string_at(parsed.get_object(), population_columns.front()) == deployment) {
            return string_at(parsed.get_object(), listing_column);
        }
    }
    return {};
}

std::string listing_in_csv(std::istream& population, const std::string& deployment)
{
    Cells columns;
    (void)read_csv(population, columns);
    const auto listing = static_cast<std::size_t>(
        std::distance(columns.begin(), std::find(columns.begin(), columns.end(), listing_column))
    );
    for (Cells cells; read_csv(population, cells);) {
        if (cells.front() == deployment && listing < cells.size()) {
            return cells[listing];
        }
    }
    return {};
}

std::vector<Listed> listed_rows(std::istream& population, const std::string& deployment)
{
    std::istringstream listing(
        population.peek() == '{' ? listing_in_json(population, deployment)
                                 : listing_in_csv(population, deployment)
    );
    std::vector<Listed> rows;
    char colon = 0;
    for (Listed row; listing >> row.seq >> colon >> row.hash;) {
        rows.push_back(row);
    }
    if (rows.empty()) {
        throw std::runtime_error(
            "the population lists no rows of " + deployment +
            ": take the one that `slipway audit export --population` writes as csv or jsonl"
        );
    }
    return rows;
}

/// What is wrong with `row` where the population has the row at `index`, empty for nothing.
std::string unlike(const std::vector<Listed>& listed, std::size_t index, const storage::LedgerRow& row)
{
    if (index >= listed.size() || row.seq < listed[index].seq) {
        return broken_row(row, "was inserted or moved");
    }
    if (row.seq > listed[index].seq) {
        return missing_row(listed[index].seq);
    }
    return row.hash == listed[index].hash ? "" : broken_row(row, "was changed");
}

/// Rows of one deployment, but not the whole ledger of a team that has no other.
bool is_pack(const std::vector<storage::LedgerRow>& rows)
{
    const bool is_whole = !rows.empty() && rows.front().seq == 1 &&
                          rows.front().prev_hash == storage::chain_start &&
                          rows.back().seq == static_cast<std::int64_t>(rows.size());
    return !is_whole && !rows.empty() &&
           std::all_of(rows.begin(), rows.end(), [&](const storage::LedgerRow& row) {
               return row.deployment == rows.front().deployment;
           });
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
    storage::Store& store, std::optional<DeploymentId> deployment, ExportFormat format, std::ostream& out
)
{
    const auto chosen = deployment ? std::optional(deployment_called(store, *deployment)) : std::nullopt;
    if (format == ExportFormat::md) {
        write_markdown(store, chosen, out);
        return;
    }
    if (format == ExportFormat::csv) {
        write_csv(ledger_columns, out);
    }
    for_each_row(store, chosen ? to_string(chosen->id) : "", [&](const storage::LedgerRow& row) {
        format == ExportFormat::csv ? write_csv(cells_of(row), out) : write_json(row, out);
    });
}

void export_population(storage::Store& store, ExportFormat format, std::ostream& out)
{
    auto columns = population_columns;
    if (format == ExportFormat::md) {
        write_table_head(columns, out);
    }
    else {
        columns.push_back(listing_column);
    }
    if (format == ExportFormat::csv) {
        write_csv(columns, out);
    }
    const auto found = extents(store);
    for (int number = 1; number < store.next_deployment_id().number; ++number) {
        const auto deployment = store.load({number});
        if (!deployment) {
            continue;
        }
        const auto& extent = found.at(to_string(deployment->id));
        auto cells = population_row(*deployment, extent);
        cells.push_back(extent.listing);
        cells.resize(columns.size());
        if (format == ExportFormat::jsonl) {
            json::object object;
            for (std::size_t column = 0; column < cells.size(); ++column) {
                object[columns[column]] = cells[column];
            }
            out << json::serialize(object) << '\n';
        }
        else {
            format == ExportFormat::csv ? write_csv(cells, out) : write_table_row(cells, out);
        }
    }
}

AuditFinding verify_export(std::istream& in, const std::string& head, std::istream* population)
{
    const bool is_csv = in.peek() == '"' || in.peek() == 's';
    const auto reading = is_csv ? read_csv_rows(in) : read_json_rows(in);
    AuditFinding finding;
    finding.broken = reading.broken;
    const auto& rows = reading.rows;
    const bool compares = population != nullptr && !rows.empty();
    const bool has_gaps = compares || is_pack(rows);
    finding.deployment = has_gaps ? rows.front().deployment : "";
    finding.is_complete = compares || !has_gaps;
    const auto listed = compares ? listed_rows(*population, finding.deployment) : std::vector<Listed>{};
    const storage::LedgerRow* last = nullptr;
    for (std::size_t index = 0; index < rows.size(); ++index) {
        const auto& row = rows[index];
        auto wrong = compares ? unlike(listed, index, row) : std::string{};
        if (wrong.empty()) {
            wrong = wrong_with(row, last, has_gaps);
        }
        if (!wrong.empty()) {
            finding.broken = wrong;
            return finding;
        }
        finding.has_head = finding.has_head || row.hash == head;
        ++finding.rows;
        last = &row;
    }
    if (finding.broken.empty() && rows.empty()) {
        finding.broken = "there is no row in it";
    }
    if (finding.broken.empty() && rows.size() < listed.size()) {
        finding.broken = missing_row(listed[rows.size()].seq);
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
    finding.is_complete = true;
    finding.head = store.chain_head();
    store.for_each_ledger_row([&](const storage::LedgerRow& row) {
        ++finding.rows;
        finding.has_head = finding.has_head || row.hash == head;
    });
    return finding;
}

}  // namespace slipway
