// What looks like a credential in a runbook (pipeline document, Where the Runbook Lives).
#include "commands/pipeline/runbook.hpp"
#include "commands/text/pattern.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string_view>

namespace slipway {

namespace {

/// What prose and tables say in a secret's place: who keeps it, or how the sentence goes on.
constexpr std::string_view no_secrets =
    " a an and are as ask at aws azure bitwarden by change changed come comes dashlane doppler each "
    "environment"
    " every example expire expires fetch flag for from gcloud gcp get google gopass hashicorp header held "
    "hidden in"
    " injected is kept keychain kubectl live lives look managed n/a name never no none not of on op opass "
    "option"
    " optional or owner parameter password passwords per placeholder provided purpose read redacted required "
    "rotate"
    " rotated rotation same secret secrets see service set sops stored tbd the to token tokens two use valid "
    "value"
    " via what where who with ";

/// Where a secret is kept, what reads it from there, a path, a variable or a stand-in; or how a sentence
/// goes on.
bool is_reference(const std::string& value)
{
    static const Pattern form(
        R"([<$%{\[(/~-].*|\.{1,2}/.*|[*x._]+|\xE2\x80\xA6|(?:https?|op|arn|file|ssm):.*|secrets?/.*|)"
        R"((?:vault|1password|lastpass|keepass|your).*)"
    );
    auto word = value;
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    word.erase(word.find_last_not_of(".;):") + 1);
    return word.empty() || no_secrets.find(" " + word + " ") != std::string_view::npos || form.matches(word);
}

/// Letters and digits mixed, as no word of a sentence has them.
bool looks_random(const std::string& value)
{
    constexpr std::size_t shortest = 6;
    return value.size() >= shortest && std::any_of(value.begin(), value.end(), [](unsigned char letter) {
               return std::isdigit(letter) != 0;
           });
}

constexpr std::string_view mask = "***";

/// Where in a line a secret stands.
struct Place {
    std::size_t begins = 0;
    std::size_t ends = 0;
};

/// The last group of a form is the secret, and ends it.
Place secret_in(const Match& match) { return {match.ends - match.groups.back().size(), match.ends}; }

/// Keys and tokens that tell by their form what they are, and passwords in an address.
std::optional<Place> known_form(const std::string& line, std::size_t from)
{
    static const Pattern form(
        R"(-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|xox[abeprs]-[0-9A-Za-z-]{10,}|xapp-[0-9A-Za-z-]{10,}|)"
        R"(hooks\.slack\.com/(?:services|workflows|triggers)/[0-9A-Za-z/]+|gh[pousr]_[0-9A-Za-z]{20,}|)"
        R"(github_pat_[0-9A-Za-z_]{20,}|lin_api_[0-9A-Za-z]{20,}|sk_live_[0-9A-Za-z]{10,}|)"
        R"(eyJ[0-9A-Za-z_-]{20,1000}\.[0-9A-Za-z_.-]*|)"
        R"((?<=://)[^/\s:@<$\{]{0,200}:(?![0-9]{1,5}/)[^\s@<$\{][^\s@]{0,200}(?=@))"
    );
    const auto match = form.search(line, from);
    return match ? std::optional(Place{match->begins, match->ends}) : std::nullopt;
}

/// What a match calls a secret, and how: `password: x` and `--password x` say so plainly, prose and tables
/// only where the value cannot be a word.
bool is_named(const Match& match, const std::string& line)
{
    constexpr std::size_t shortest = 3;
    const auto& separator = match[1];
    const auto& quote = match[2];
    const auto& value = match[3];
    const bool is_1password = match.begins > 0 && line[match.begins - 1] == '1';
    const bool is_command = separator == "=" && quote == "`";
    const bool plain = separator == "=" || separator == ":" || separator == ":=";
    const bool told = plain || !quote.empty() || looks_random(value);
    return !is_1password && !is_command && told && value.size() >= shortest && !is_reference(value);
}

std::optional<Place> named_secret(const std::string& line, std::size_t from)
{
    static const Pattern named(
        R"((?:pass(?:word|wd|phrase|code)|pwd|secret|token|api[ _-]?key|access[ _-]?key)s?[\s*`"'\]]*)"
        R"((?:\([^)]{0,40}\)[\s*]*)?(:=|[:=|]|\bis\b|-(?= )|\xE2\x80\x93|\xE2\x80\x94)[\s*]*([`"']?))"
        R"(([^\s*`"',|]+))",
        Pattern::Case::ignored
    );
    for (auto match = named.search(line, from); match; match = named.search(line, match->ends)) {
        if (is_named(*match, line)) {
            return secret_in(*match);
        }
    }
    return std::nullopt;
}

/// `--password x`, `mysql -px`, `curl -u name:x`, `Authorization: Bearer x`.
std::optional<Place> secret_handed_over(const std::string& line, std::size_t from)
{
    static const Pattern option(
        R"(--[\w-]{0,30}(?:pass|passwd|password|token|secret|api-?key) +["']?([^\s"'`]+))"
    );
    static const Pattern mysql(R"(\b(?:mysql|mariadb)[\w-]{0,20}\b[^|;&]{0,1000}\s-p["']?([^\s"'`]+))");
    static const Pattern login(
        R"(\bcurl\b[^|;&]{0,1000}\s(?:-u|--user)[ =]?["']?[^\s:"'$<]{1,200}:([^\s"'`]+))"
    );
    static const Pattern authorization(
        R"(\bAuthorization\W{1,4}(?:Bearer|Basic|Token)\s+([^\s"'`]+))", Pattern::Case::ignored
    );
    for (const auto* form : {&option, &mysql, &login, &authorization}) {
        for (auto match = form->search(line, from); match; match = form->search(line, match->ends)) {
            const auto& value = (*match)[1];
            if (!is_reference(value) && (form != &authorization || looks_random(value))) {
                return secret_in(*match);
            }
        }
    }
    return std::nullopt;
}

/// The first secret at `from` or later.
std::optional<Place> find_secret(const std::string& line, std::size_t from = 0)
{
    std::optional<Place> first;
    for (const auto look : {&known_form, &named_secret, &secret_handed_over}) {
        const auto found = look(line, from);
        if (found && (!first || found->begins < first->begins)) {
            first = found;
        }
    }
    return first;
}

std::string masked_line(std::string line)
{
    for (auto found = find_secret(line); found;) {
        line.replace(found->begins, found->ends - found->begins, mask);
        found = find_secret(line, found->begins + mask.size());
    }
    return line;
}

}  // namespace

std::vector<std::size_t> lines_with_credentials(const std::string& markdown)
{
    std::istringstream lines(markdown);
    std::vector<std::size_t> found;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (find_secret(line)) {
            found.push_back(number);
        }
    }
    return found;
}

/// Private keys of which a cut has taken one end: their letters go with the end that is left.
static std::vector<std::string> without_cut_keys(std::vector<std::string> lines)
{
    static const Pattern begins("-----BEGIN [A-Z ]*PRIVATE KEY-----");
    static const Pattern ends("-----END [A-Z ]*PRIVATE KEY-----");
    static const Pattern of_key("[A-Za-z0-9+/=]*|(?:Proc-Type|DEK-Info): .*");
    std::vector<std::string> kept;
    bool is_inside = false;
    for (auto& line : lines) {
        if (begins.search(line)) {
            kept.emplace_back(mask);
            is_inside = true;
        }
        else if (ends.search(line)) {
            while (!is_inside && !kept.empty() && of_key.matches(kept.back())) {
                kept.pop_back();
            }
            if (!is_inside) {
                kept.emplace_back(mask);
            }
            is_inside = false;
        }
        else if (!is_inside || !of_key.matches(line)) {
            kept.push_back(std::move(line));
            is_inside = false;
        }
    }
    return kept;
}

std::string without_credentials(const std::string& text)
{
    static const Pattern key(
        R"(-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]{0,8000}?-----END [A-Z ]*PRIVATE KEY-----)"
    );
    std::istringstream stream(key.replaced(text, mask));
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(std::move(line));
    }
    std::string masked;
    for (auto& line : without_cut_keys(std::move(lines))) {
        masked += masked_line(std::move(line)) + '\n';
    }
    if (!text.ends_with('\n') && !masked.empty()) {
        masked.pop_back();
    }
    return masked;
}

}  // namespace slipway
