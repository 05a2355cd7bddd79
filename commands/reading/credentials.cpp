// What looks like a credential in a runbook (pipeline document, Where the Runbook Lives).
#include "commands/pipeline/runbook.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>

namespace slipway {

namespace {

/// std::regex recurses per character, so a long line is read in pieces that overlap.
constexpr std::size_t piece_length = 2'000;
constexpr std::size_t piece_step = 1'500;

/// Where a secret is kept, what reads it from there, a path, a variable or a stand-in; or how a sentence
/// goes on.
bool is_reference(const std::string& value)
{
    static const std::regex form(
        R"([<$%\{\[(/~-].*|\.{1,2}/.*|[*x._]+|\xE2\x80\xA6|(https?|op|arn|file|ssm):.*|secrets?/.*|)"
        R"((vault|1password|lastpass|keepass).*|your.*|redacted|hidden|placeholder|example|none|n/a|tbd|)"
        R"(aws|azure|google|gcp|gcloud|hashicorp|bitwarden|dashlane|keychain|doppler|sops|op|g?opass|kubectl|)"
        R"(secrets?|passwords?|tokens?|parameter|environment|rotation|see|in|from|the|ask|a|an|at|on|of|with|)"
        R"(via|by|as|to|and|or|for|is|are|not|never|no|stored|kept|held|lives?|managed|rotated?|read|get|)"
        R"(fetch|use|look|comes?|injected|set|provided|required|optional|expires?|valid|changed?|same|each|)"
        R"(every|two|per|who|where|what|purpose|owner|service|name|value|option|flag|header)",
        std::regex::icase
    );
    auto word = value;
    while (word.ends_with('.') || word.ends_with(';') || word.ends_with(')') || word.ends_with(':')) {
        word.pop_back();
    }
    return word.empty() || std::regex_match(word, form);
}

/// Letters and digits mixed, as no word of a sentence has them.
bool looks_random(const std::string& value)
{
    constexpr std::size_t shortest = 6;
    return value.size() >= shortest && std::any_of(value.begin(), value.end(), [](unsigned char letter) {
               return std::isdigit(letter) != 0;
           });
}

/// Keys and tokens that tell by their form what they are, and passwords in an address.
bool has_known_form(const std::string& text)
{
    static const std::regex form(
        R"(-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|xox[abeprs]-[0-9A-Za-z-]{10,}|xapp-[0-9A-Za-z-]{10,}|)"
        R"(hooks\.slack\.com/(services|workflows|triggers)/[0-9A-Za-z]|gh[pousr]_[0-9A-Za-z]{20,}|)"
        R"(github_pat_[0-9A-Za-z_]{20,}|lin_api_[0-9A-Za-z]{20,}|sk_live_[0-9A-Za-z]{10,}|)"
        R"(eyJ[0-9A-Za-z_-]{20,}\.|://[^/\s:@<$\{]*:(?![0-9]{1,5}/)[^\s@<$\{][^\s@]*@)"
    );
    return std::regex_search(text, form);
}

/// What a match calls a secret, and how: `password: x` and `--password x` say so plainly, prose and tables
/// only where the value cannot be a word.
bool is_named(const std::smatch& match, const std::string& text)
{
    constexpr std::size_t shortest = 3;
    const auto& separator = match[1];
    const auto& quote = match[2];
    const std::string value = match[3];
    const auto before = match.position(0);
    const bool is_1password = before > 0 && text[static_cast<std::size_t>(before) - 1] == '1';
    const bool is_command = separator == "=" && quote == "`";
    const bool plain = separator == "=" || separator == ":" || separator == ":=";
    const bool told = plain || quote.length() > 0 || looks_random(value);
    return !is_1password && !is_command && told && value.size() >= shortest && !is_reference(value);
}

bool names_a_secret(const std::string& text, bool is_last)
{
    static const std::regex named(
        R"((?:pass(?:word|wd|phrase|code)|pwd|secret|token|api[ _-]?key|access[ _-]?key)s?[\s*`"'\]]*)"
        R"((?:\([^)]{0,40}\)[\s*]*)?(:=|[:=|]|\bis\b|-(?= )|\xE2\x80\x93|\xE2\x80\x94)[\s*]*([`"']?))"
        R"(([^\s*`"',|]+))",
        std::regex::icase
    );
    const std::sregex_iterator end;
    for (std::sregex_iterator match(text.begin(), text.end(), named); match != end; ++match) {
        const bool whole = is_last || static_cast<std::size_t>(match->position(0)) < piece_step;
        if (whole && is_named(*match, text)) {
            return true;
        }
    }
    return false;
}

/// `--password x`, `mysql -px`, `curl -u name:x`, `Authorization: Bearer x`.
bool hands_over_a_secret(const std::string& text)
{
    static const std::regex option(
        R"(--[\w-]{0,30}(?:pass|passwd|password|token|secret|api-?key) +["']?([^\s"'`]+))"
    );
    static const std::regex mysql(R"(\b(?:mysql|mariadb)[\w-]{0,20}\b[^|;&]*\s-p["']?([^\s"'`]+))");
    static const std::regex login(R"(\bcurl\b[^|;&]*\s(?:-u|--user)[ =]?["']?[^\s:"'$<]+:([^\s"'`]+))");
    static const std::regex authorization(
        R"(\bAuthorization\W{1,4}(?:Bearer|Basic|Token)\s+([^\s"'`]+))", std::regex::icase
    );
    std::smatch match;
    const auto given = [&](const std::regex& form) {
        return std::regex_search(text, match, form) && !is_reference(match[1]);
    };
    return given(option) || given(mysql) || given(login) || (given(authorization) && looks_random(match[1]));
}

bool has_credential(const std::string& line)
{
    for (std::size_t at = 0; at == 0 || at < line.size(); at += piece_step) {
        const auto piece = line.substr(at, piece_length);
        const bool is_last = at + piece_length >= line.size();
        if (has_known_form(piece) || names_a_secret(piece, is_last) || hands_over_a_secret(piece)) {
            return true;
        }
        if (is_last) {
            break;
        }
    }
    return false;
}

}  // namespace

std::vector<std::size_t> lines_with_credentials(const std::string& markdown)
{
    std::istringstream lines(markdown);
    std::vector<std::size_t> found;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (has_credential(line)) {
            found.push_back(number);
        }
    }
    return found;
}

}  // namespace slipway
