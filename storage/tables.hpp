#pragma once

#include "storage/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

namespace slipway::storage {

/// The open database and the lock on it.
struct Store::Tables {
    Tables(const std::filesystem::path& path, Access access);
    ~Tables();
    Tables(const Tables&) = delete;
    Tables& operator=(const Tables&) = delete;

    /// A statement with `values` bound in order.
    template <class... Values>
    SQLite::Statement statement(const std::string& sql, const Values&... values)
    {
        SQLite::Statement prepared(database, sql);
        int index = 0;
        (prepared.bind(++index, values), ...);
        return prepared;
    }

    template <class... Values>
    int execute(const std::string& sql, const Values&... values)
    {
        return statement(sql, values...).exec();
    }

    int lock = -1;  ///< declared first: the lock is held before the database is opened
    SQLite::Database database;
};

}  // namespace slipway::storage
