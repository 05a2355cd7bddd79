#pragma once

#include "commands/pipeline/deployment.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>

namespace slipway::templates {

struct Button {
    std::string verb;
    std::string label;
    std::string style{};    ///< "primary", "danger" or empty
    std::string confirm{};  ///< what will happen, asked before it does
    boost::json::object fields{};
    std::string suffix{};  ///< tells two buttons of one verb apart
};

/// {"v":1,"d":12,"r":3}: what a button and a modal say of the deployment they were made for.
[[nodiscard]] boost::json::object button_value(const Deployment& deployment);

/// The Block Kit button.
[[nodiscard]] boost::json::object button(const Deployment& deployment, const Button& shown);

}  // namespace slipway::templates
