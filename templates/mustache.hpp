#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace slipway::templates {

/// `text` with its Mustache variables filled from `facts`; `{{x}}` goes through `escape`, `{{{x}}}` does not.
/// An empty string counts as absent, so that its section is left out. Every string `x` is also there as
/// `x_verbatim`, for `{{{x_verbatim}}}`: several lines, signs left as they are, mentions nobody.
[[nodiscard]] std::string fill(
    const std::string& text, const boost::json::object& facts, std::string (*escape)(const std::string&)
);

}  // namespace slipway::templates
