#include "templates/markup.hpp"

#include "commands/text/letters.hpp"
#include "commands/text/phrases.hpp"
#include "templates/render.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string_view>
#include <vector>

namespace slipway::templates {

namespace {

namespace json = boost::json;

constexpr std::size_t most_blocks = 50;
constexpr std::size_t longest_header = 150;

/// Of what stands between < and >: whether it is Slack's and not somebody's "a < b".
bool is_token(const std::string& inside)
{
    return inside.starts_with("@U") || inside.starts_with("@W") || inside.starts_with("!date^") ||
           inside.starts_with("https://") || inside.starts_with("http://");
}

std::string in_words(const std::string& token, const std::map<UserId, std::string>& names)
{
    const auto bar = token.find('|');
    const auto label = bar == std::string::npos ? "" : token.substr(bar + 1);
    if (!token.starts_with('@')) {
        return label.empty() ? token : label;
    }
    const auto id = token.substr(1, bar == std::string::npos ? bar : bar - 1);
    const auto known = names.find(UserId(id));
    return known != names.end() ? known->second : label.empty() ? id : label;
}

/// Where Slack would take an address to.
std::string target_of(const std::string& url)
{
    std::string target;
    for (const char letter : one_line(url)) {
        target += letter == '&'   ? "&amp;"
                  : letter == '<' ? "%3C"
                  : letter == '>' ? "%3E"
                  : letter == '|' ? "%7C"
                  : letter == ' ' ? "%20"
                                  : std::string(1, letter);
    }
    return target;
}

std::string without_markup(const std::string& text)
{
    std::string kept;
    for (const char letter : text) {
        kept += letter == '&'   ? "&amp;"
                : letter == '<' ? "&lt;"
                : letter == '>' ? "&gt;"
                                : std::string(1, letter);
    }
    return kept;
}

/// Where the address at `begin` ends: before what closes a bracket or a sentence around it.
std::size_t end_of_address(const std::string& line, std::size_t begin)
{
    auto end = std::min(line.find_first_of(" \"'`<>()[]|", begin), line.size());
    while (std::string(".,;:!?").find(line[end - 1]) != std::string::npos) {
        --end;
    }
    return end;
}

/// `line` with its https addresses and Markdown's `[label](address)` as links.
std::string with_links(const std::string& line)
{
    std::string linked;
    std::size_t done = 0;
    for (auto at = line.find("https://"); at != std::string::npos; at = line.find("https://", done)) {
        const auto end = end_of_address(line, at);
        const auto url = line.substr(at, end - at);
        const bool in_brackets = at >= done + 2 && line.compare(at - 2, 2, "](") == 0 && line[end] == ')';
        const auto open = in_brackets ? line.rfind('[', at) : std::string::npos;
        if (open != std::string::npos && open >= done) {
            const auto label = line.substr(open + 1, at - 2 - open - 1);
            linked += without_markup(line.substr(done, open - done)) + link(url, label);
            done = end + 1;
        }
        else {
            linked += without_markup(line.substr(done, at - done)) + "<" + target_of(url) + ">";
            done = end;
        }
    }
    return linked + without_markup(line.substr(done));
}

/// Where each address and each piece of `code` in `line` begins and ends: they are there to be copied.
std::map<std::size_t, std::size_t> copied_parts(const std::u32string& line)
{
    std::map<std::size_t, std::size_t> parts;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const std::u32string_view rest = std::u32string_view(line).substr(at);
        auto end = std::u32string::npos;
        if (rest.front() == U'`') {
            end = line.find(U'`', at + 1);
        }
        else if (rest.starts_with(U"https://") || rest.starts_with(U"http://")) {
            end = std::min(line.find_first_of(U" \"'`<>()[]|", at), line.size()) - 1;
        }
        if (end != std::u32string::npos) {
            parts[at] = end;
            at = end;
        }
    }
    return parts;
}

/// The signs of `line` that Slack would take for formatting: those that can open and close it, outside of
/// words, and a backtick by itself.
std::set<std::size_t> formatting_in(const std::u32string& line)
{
    const auto in_word = [&](std::size_t at) { return at < line.size() && is_of_word(line[at]); };
    const auto in_text = [&](std::size_t at) { return at < line.size() && line[at] != U' '; };
    const auto parts = copied_parts(line);
    std::set<std::size_t> found;
    for (const auto sign : std::u32string_view(U"*_~`")) {
        std::set<std::size_t> of_sign;
        bool is_open = sign == U'`';
        bool is_pair = is_open;
        for (std::size_t at = 0; at < line.size(); ++at) {
            if (const auto part = parts.find(at); part != parts.end()) {
                at = part->second;
                continue;
            }
            const bool opens = line[at] == sign && !in_word(at - 1) && in_text(at + 1);
            const bool closes = line[at] == sign && in_text(at - 1) && !in_word(at + 1);
            is_pair = is_pair || (is_open && closes);
            is_open = is_open || opens;
            if (opens || closes || (sign == U'`' && line[at] == sign)) {
                of_sign.insert(at);
            }
        }
        if (is_pair) {
            found.merge(of_sign);
        }
    }
    return found;
}

/// Whether the line opens or closes a fence of code, which stands in Slack as ```; ```this``` does not.
bool is_fence(const std::string& line)
{
    return line.starts_with("~~~") || (line.starts_with("```") && line.find('`', 3) == std::string::npos);
}

}  // namespace

std::string one_line(const std::string& text)
{
    auto line = from_utf8(without_invisible(text));
    std::replace_if(line.begin(), line.end(), is_control, U' ');
    return to_utf8(line);
}

std::string verbatim(const std::string& text)
{
    std::istringstream lines(text);
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
        kept += (kept.empty() ? "" : "\n") + with_links(one_line(line));
    }
    return kept;
}

std::string link(const std::string& url, const std::string& label)
{
    return "<" + target_of(url) + "|" + escape_mrkdwn(label) + ">";
}

std::string escape_mrkdwn(const std::string& text)
{
    const auto line = from_utf8(one_line(text));
    const auto guarded = formatting_in(line);
    std::u32string escaped;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const auto letter = line[at];
        constexpr char32_t no_format = 0x200B;  // zero-width space: mrkdwn has no escape for its own signs
        if (guarded.contains(at)) {
            escaped += {no_format, letter, no_format};
        }
        else {
            escaped += letter == U'&'   ? U"&amp;"
                       : letter == U'<' ? U"&lt;"
                       : letter == U'>' ? U"&gt;"
                                        : std::u32string(1, letter);
        }
    }
    return to_utf8(escaped);
}

std::string escape_markdown(const std::string& text)
{
    const auto line = one_line(text);
    const auto first = line.find_first_not_of(' ');
    const auto after_digits = line.find_first_not_of("0123456789", std::min(first, line.size()));
    std::string escaped;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const bool bullet = at == first && std::string("-+#").find(line[at]) != std::string::npos;
        const bool number = at == after_digits && at != first && (line[at] == '.' || line[at] == ')');
        if (bullet || number || std::string("\\`*_[]<>|~&").find(line[at]) != std::string::npos) {
            escaped += '\\';
        }
        escaped += line[at];
    }
    return escaped;
}

std::string mrkdwn_structure(const std::string& markdown)
{
    std::istringstream lines(markdown);
    std::string converted;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("- ")) {
            line = "\xE2\x80\xA2 " + line.substr(2);
        }
        for (auto at = line.find("**"); at != std::string::npos; at = line.find("**", at + 1)) {
            line.replace(at, 2, "*");
        }
        converted += line + '\n';
    }
    return converted;
}

std::string without_tokens(const std::string& text, const std::map<UserId, std::string>& names)
{
    std::string words;
    std::size_t done = 0;
    for (auto open = text.find('<'); open != std::string::npos; open = text.find('<', open + 1)) {
        const auto close = text.find('>', open);
        const auto inside = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
        if (is_token(inside)) {
            words += text.substr(done, open - done) + in_words(inside, names);
            done = close + 1;
        }
    }
    return words + text.substr(done);
}

json::object mrkdwn_text(const std::string& text)
{
    return {{"type", "mrkdwn"}, {"text", shortened(text, longest_section)}, {"verbatim", true}};
}

json::object plain_text(const std::string& text, std::size_t limit)
{
    return {{"type", "plain_text"}, {"text", shortened(text, limit)}, {"emoji", true}};
}

json::object section(const std::string& mrkdwn)
{
    return {{"type", "section"}, {"text", mrkdwn_text(mrkdwn)}};
}

namespace {

/// Blocks as they grow out of lines.
class Blocks {
public:
    void add(const std::string& line)
    {
        const bool is_heading = line.starts_with("## ") || line.starts_with("### ");
        const bool is_empty = line.find_first_not_of(' ') == std::string::npos;
        if (in_code_ || (!is_heading && !is_empty)) {  // an empty line or a # in code are the code's own
            add_to_paragraph(line);
            return;
        }
        end_paragraph();
        if (is_heading && blocks_.size() < most_blocks) {
            const auto words = line.substr(line.find_first_not_of('#') + 1);
            blocks_.push_back(json::object{{"type", "header"}, {"text", plain_text(words, longest_header)}});
        }
    }

    [[nodiscard]] json::array ended()
    {
        paragraph_ += in_code_ ? "```" : "";
        end_paragraph();
        return std::move(blocks_);
    }

private:
    void add_to_paragraph(const std::string& line)
    {
        const bool fence = is_fence(line);
        constexpr std::size_t room = longest_section - std::string_view("```\n").size();
        if (from_utf8(paragraph_).size() + from_utf8(line).size() >= room) {
            paragraph_ += in_code_ ? "```" : "";
            end_paragraph();
            paragraph_ = in_code_ ? "```\n" : "";
        }
        paragraph_ += (fence ? "```" : line) + '\n';
        in_code_ = in_code_ != fence;
    }

    void end_paragraph()
    {
        while (paragraph_.ends_with('\n')) {
            paragraph_.pop_back();
        }
        if (!paragraph_.empty() && blocks_.size() < most_blocks) {
            blocks_.push_back(section(paragraph_));
        }
        paragraph_.clear();
    }

    json::array blocks_;
    std::string paragraph_;
    bool in_code_ = false;
};

}  // namespace

json::array blocks_of(const std::string& mrkdwn)
{
    Blocks blocks;
    std::istringstream lines(mrkdwn);
    for (std::string line; std::getline(lines, line);) {
        blocks.add(line);
    }
    return blocks.ended();
}

std::string fallback_of(const std::string& mrkdwn)
{
    std::istringstream lines(mrkdwn);
    std::string plain;
    for (std::string line; std::getline(lines, line);) {
        line.erase(0, std::min(line.find_first_not_of("# "), line.size()));
        std::erase(line, '*');
        if (!line.empty()) {
            plain += (plain.empty() ? "" : "\n") + line;
        }
    }
    constexpr std::size_t longest_fallback = 3'900;  // Slack aims at 4,000
    return shortened(plain, longest_fallback);
}

}  // namespace slipway::templates
