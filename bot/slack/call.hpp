#pragma once

#include "bot/net/http.hpp"
#include "bot/slack/web_api.hpp"

#include <boost/json/object.hpp>

namespace slipway::slack {

/// What an HTTP answer of a Web API method means. The same for every method.
[[nodiscard]] Answer<boost::json::object> read_answer(const net::Outcome<net::HttpResponse>& outcome);

}  // namespace slipway::slack
