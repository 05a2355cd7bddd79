#include "commands/pipeline/people.hpp"
#include "commands/verbs/table.hpp"  // BAD
