#include "bot/runtime/storage_thread.hpp"  // BAD
#include "commands/verbs/table.hpp"        // BAD
#include "templates/card.hpp"              // BAD

#include <boost/asio/post.hpp>  // BAD

#include <SQLiteCpp/SQLiteCpp.h>
#include <kainjow/mustache.hpp>  // BAD
#include <openssl/evp.h>
#include <spdlog/spdlog.h>  // BAD
#include <sqlite3.h>

#include <fstream>
