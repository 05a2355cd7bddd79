#pragma once

#include "commands/pipeline/request.hpp"

#include <string_view>

namespace slipway {

// How what was typed after some verbs is read: Verb::parse.

/// `tick D-12 smoke login`: as the buttons say it.
void take_item(Request& request, std::string_view rest);

/// `plan Faster search ENG-123 https://github.com/acme/web/pull/7`: all of it is the text, and the form
/// begins with issue and pull request in their fields too. The first of each; whoever fills in the form sees
/// them and may change them.
void take_plan(Request& request, std::string_view rest);

}  // namespace slipway
