#include "commands/pipeline/decision.hpp"
#include "commands/verbs/table.hpp"  // BAD
#include "storage/store.hpp"         // BAD

#include <boost/json/serialize.hpp>

#include <SQLiteCpp/SQLiteCpp.h>  // BAD
#include <kainjow/mustache.hpp>
#include <spdlog/spdlog.h>  // BAD

#include <fstream>
