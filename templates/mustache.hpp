#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace slipway::templates {

/// `text` with its Mustache variables filled from `facts`; `{{x}}` goes through `escape`, `{{{x}}}` does not.
/// An empty string counts as absent, so that its section is left out.
[[nodiscard]] std::string fill(
    const std::string& text, const boost::json::object& facts, std::string (*escape)(const std::string&)
);

}  // namespace slipway::templates
