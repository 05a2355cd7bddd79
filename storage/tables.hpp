#pragma once

#include "storage/lock.hpp"
#include "storage/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <map>
#include <optional>
#include <string>

namespace slipway::storage {

/// The open database, the lock on it, and what was folded from it.
struct Store::Tables {
    Tables(const std::filesystem::path& database_path, Access access);

    /// A statement with `values` bound in order.
    template <class... Values>
    SQLite::Statement statement(const std::string& sql, const Values&... values)
    {
        SQLite::Statement prepared(database, sql);
        SQLite::bind(prepared, values...);
        return prepared;
    }

    /// Gives the number of rows changed.
    template <class... Values>
    int execute(const std::string& sql, const Values&... values)
    {
        return statement(sql, values...).exec();
    }

    /// Must follow every rollback: what was folded may no longer be stored.
    void forget_folded()
    {
        deployments.clear();
        team.reset();
    }

    std::filesystem::path path;
    bool read_only = false;
    std::optional<Lock> lock;  ///< before the database: taken before it is opened
    SQLite::Database database;

    // Every job looks at the same few deployments, and only this process writes: they are folded once. Empty
    // with read_only, where the bot writes beside us.
    std::map<int, Deployment> deployments;
    std::optional<TeamState> team;
};

}  // namespace slipway::storage
