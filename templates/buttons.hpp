#pragma once

#include "commands/pipeline/deployment.hpp"
#include "templates/render.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <optional>
#include <string>
#include <vector>

namespace slipway::templates {

/// {"v":1,"d":12,"r":3}: what a button and a modal say of the deployment they were made for.
[[nodiscard]] boost::json::object button_value(const Deployment& deployment);

/// What a press of `shown` will do, in words, where it cannot be taken back; else empty.
[[nodiscard]] std::string consequence(const Button& shown, const Deployment& deployment, const View& view);

/// The Block Kit button. What cannot be taken back asks first, saying what it will do.
[[nodiscard]] boost::json::object button(const Deployment& deployment, const Button& shown, const View& view);

/// The same about no deployment.
[[nodiscard]] boost::json::object button(const Button& shown, const View& view);

/// A "..." menu in which `shown`, two to five of them, take one place. An option's value names under "press"
/// the button that it stands for: Slack sends the name of the menu only.
[[nodiscard]] boost::json::object menu(
    const Deployment& deployment, const std::string& name, const std::vector<Button>& shown, const View& view
);

/// The block under a message with its buttons; no block where there are none.
[[nodiscard]] boost::json::array row_of(
    const std::vector<Button>& buttons, const std::optional<Deployment>& deployment, const View& view
);

}  // namespace slipway::templates
