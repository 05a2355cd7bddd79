#include "tests/demo/record.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace demo {

namespace {

namespace json = simulator::json;

constexpr int patience_ms = 2'000;  // SQLite's own wait while the bot switches its journal over

json::value value_of(const SQLite::Column& column)
{
    if (column.isInteger()) {
        return column.getInt64();
    }
    const auto text = column.getString();
    boost::system::error_code no_json;
    if (text.starts_with('{')) {
        if (auto parsed = json::parse(text, no_json); !no_json) {
            return parsed;
        }
    }
    return json::string(text);
}

json::array table(SQLite::Database& database, const char* sql)
{
    SQLite::Statement query(database, sql);
    json::array rows;
    while (query.executeStep()) {
        json::object row;
        for (int i = 0; i < query.getColumnCount(); ++i) {
            row[query.getColumnName(i)] = value_of(query.getColumn(i));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

struct Record::Reader {
    SQLite::Database database;
    SQLite::Statement version;

    explicit Reader(const std::filesystem::path& store)
        : database(store.string(), SQLite::OPEN_READONLY, patience_ms),
          version(database, "PRAGMA data_version")
    {}
};

Record::Record(std::filesystem::path store) : store_(std::move(store)) {}

Record::~Record() = default;

Record::Reader* Record::reader()
{
    if (reader_ == nullptr && std::filesystem::exists(store_)) {
        reader_ = std::make_unique<Reader>(store_);
    }
    return reader_.get();
}

std::int64_t Record::version()
{
    auto* open = reader();
    if (open == nullptr) {
        return 0;
    }
    open->version.reset();
    return open->version.executeStep() ? open->version.getColumn(0).getInt64() : 0;
}

json::object Record::read()
{
    auto* open = reader();
    if (open == nullptr) {
        return {};
    }
    auto& database = open->database;
    return {
        {"outbox",
         table(
             database,
             "SELECT seq, lane, deployment, kind, body, state, created_at, attempts, error, settled_at FROM "
             "outbox ORDER BY seq DESC LIMIT 80"
         )},
        {"events",
         table(
             database,
             "SELECT seq, deployment, kind, actor, at, body, hash FROM events ORDER BY seq DESC LIMIT 120"
         )},
        {"events_count", table(database, "SELECT count(*) AS n FROM events").at(0).at("n")},
        {"timers", table(database, "SELECT deployment, name, due FROM timers ORDER BY due, seq")},
        {"deployments",
         table(
             database,
             "SELECT number, service, stage, (SELECT json_extract(body, '$.plan.what') FROM events WHERE "
             "deployment = 'D-' || number AND kind IN ('planned', 'amended') ORDER BY seq DESC LIMIT 1) AS "
             "what FROM deployments ORDER BY number DESC"
         )},
        {"sign_offs",
         table(
             database,
             "SELECT deployment, revision, name, roles, signed_on, state, source FROM sign_offs ORDER BY "
             "recorded_at DESC LIMIT 80"
         )},
    };
}

}  // namespace demo
