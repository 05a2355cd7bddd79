#pragma once

#include "bot/net/http.hpp"
#include "bot/slack/web_api.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace slipway::slack {

/// What an HTTP answer of a Web API method means. The same for every method.
[[nodiscard]] Answer<boost::json::object> read_answer(const net::Outcome<net::HttpResponse>& outcome);

/// `text` for a query string or a form.
[[nodiscard]] std::string percent_encoded(const std::string& text);

}  // namespace slipway::slack
