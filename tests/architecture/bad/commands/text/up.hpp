#include "commands/pipeline/people.hpp"  // BAD
#include "commands/text/sentence.hpp"
