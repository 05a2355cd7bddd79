#pragma once

#include "bot/slack/inbound.hpp"
#include "commands/pipeline/request.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace slipway::slack {

// What our buttons and forms carry through Slack and back. Anybody may have changed it on the way.

/// {"v":1,"d":12,"r":3,…} of a button's value or a form's private_metadata; nothing where it was tampered
/// with or is of another version.
[[nodiscard]] std::optional<boost::json::object> carried(const std::string& text);

/// Takes deployment, revision, channel and further fields out of it.
void fill_from(Request& request, boost::json::object carried);

/// The action_id of the button that was meant: a menu's option carries its own.
[[nodiscard]] std::string button_of(const ButtonPress& press, const boost::json::object& carried);

/// "verb:tick:smoke" -> "tick"; empty where `id` does not begin with `prefix`.
[[nodiscard]] std::string verb_of(const std::string& id, const std::string& prefix);

}  // namespace slipway::slack
