#pragma once

#include "commands/text/types.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <map>
#include <string>

namespace slipway::templates {

/// The longest text of a section block, in code points (Block Kit).
inline constexpr std::size_t longest_section = 3'000;

/// A template's Markdown with its structure in mrkdwn: `**x**` -> `*x*`, `- ` -> a bullet. Headings stay for
/// `blocks_of`.
[[nodiscard]] std::string mrkdwn_structure(const std::string& markdown);

/// `## heading` -> header block, paragraphs -> section blocks of mrkdwn; at most 50 blocks. A fence of code
/// stays one, also where it goes on in the next block.
[[nodiscard]] boost::json::array blocks_of(const std::string& mrkdwn);

/// {"type":"mrkdwn"} that Slack does not auto-link: `verbatim`, so that #general or @here in it is just text.
[[nodiscard]] boost::json::object mrkdwn_text(const std::string& text);
[[nodiscard]] boost::json::object plain_text(const std::string& text, std::size_t limit);
[[nodiscard]] boost::json::object section(const std::string& mrkdwn);

/// The fallback of `blocks`: their texts without markup characters.
[[nodiscard]] std::string fallback_of(const std::string& mrkdwn);

/// Control characters and line ends to spaces, zero-width and bidi characters out, invalid UTF-8 replaced.
[[nodiscard]] std::string one_line(const std::string& text);

/// `text` with Slack's tokens in words: "<@U1>" by the name in `names` (else the id), a date or a link by its
/// label.
[[nodiscard]] std::string without_tokens(const std::string& text, const std::map<UserId, std::string>& names);

/// Text whose lines and signs must stay as they are (a runbook, what a program printed): mentions nobody,
/// but its `*` and backticks count, and its https addresses are links. `escape_mrkdwn` would put zero-width
/// characters into commands people copy.
[[nodiscard]] std::string verbatim(const std::string& text);

/// "<url|label>". The address keeps every sign that a link may hold.
[[nodiscard]] std::string link(const std::string& url, const std::string& label);

}  // namespace slipway::templates
