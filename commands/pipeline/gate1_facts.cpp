#include "commands/pipeline/gate1_facts.hpp"

#include "commands/text/json_members.hpp"
#include "commands/text/pattern.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>
#include <string_view>

namespace slipway {

namespace {

namespace json = boost::json;

/// -1 where it is missing: no list has that many.
std::int64_t count_at(const json::object& object, const char* key)
{
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_int64() ? value->get_int64() : -1;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

/// Who approves the head commit now: each reviewer's last verdict counts, comments aside.
std::string approver(const GitHubAnswers& answers)
{
    const auto head = text_at(answers.pull_request, "head", "sha");
    const auto author = text_at(answers.pull_request, "user", "login");
    std::map<std::string, bool> verdicts;
    for (const auto& each : answers.reviews) {
        if (!each.is_object()) {
            continue;
        }
        const auto& review = each.get_object();
        const auto& user = object_at(review, "user");
        const auto reviewer = text_at(user, "login");
        const bool is_peer = !reviewer.empty() && reviewer != author && text_at(user, "type") != "Bot";
        const auto state = text_at(review, "state");
        if (state == "APPROVED") {
            verdicts[reviewer] = is_peer && text_at(review, "commit_id") == head;
        }
        else if (state == "CHANGES_REQUESTED" || state == "DISMISSED") {
            verdicts[reviewer] = false;
        }
    }
    const auto found =
        std::find_if(verdicts.begin(), verdicts.end(), [](const auto& verdict) { return verdict.second; });
    return found == verdicts.end() ? std::string{} : found->first;
}

bool is_green(const GitHubAnswers& answers)
{
    const auto& runs = array_at(answers.check_runs, "check_runs");
    const bool all_runs = std::all_of(runs.begin(), runs.end(), [](const json::value& each) {
        const auto conclusion = each.is_object() ? text_at(each.get_object(), "conclusion") : std::string{};
        return conclusion == "success" || conclusion == "neutral" || conclusion == "skipped";
    });
    const auto statuses = count_at(answers.status, "total_count");
    const bool statuses_good = statuses == 0 || text_at(answers.status, "state") == "success";
    const auto all_read =
        count_at(answers.check_runs, "total_count") == static_cast<std::int64_t>(runs.size());
    const bool any = !runs.empty() || statuses > 0;
    return any && all_read && all_runs && statuses_good;
}

bool are_threads_resolved(const GitHubAnswers& answers)
{
    const auto& nodes = array_at(answers.threads, "nodes");
    return count_at(answers.threads, "totalCount") == static_cast<std::int64_t>(nodes.size()) &&
           std::all_of(nodes.begin(), nodes.end(), [](const json::value& each) {
               const auto* resolved =
                   each.is_object() ? each.get_object().if_contains("isResolved") : nullptr;
               return resolved != nullptr && resolved->is_bool() && resolved->get_bool();
           });
}

/// What a template asks for in a comment nobody has answered by leaving it there.
std::string without_comments(const std::string& markdown)
{
    std::string rest;
    std::size_t done = 0;
    for (auto open = markdown.find("<!--"); open != std::string::npos; open = markdown.find("<!--", done)) {
        rest += markdown.substr(done, open - done);
        const auto close = markdown.find("-->", open);
        done = close == std::string::npos ? markdown.size() : close + 3;
    }
    return rest + markdown.substr(done);
}

bool names_testing(const std::string& line)
{
    const auto words = lower(line);
    const auto is_letter = [&](std::size_t at) {
        return at < words.size() && std::isalnum(static_cast<unsigned char>(words[at])) != 0;
    };
    for (auto at = words.find("test"); at != std::string::npos; at = words.find("test", at + 1)) {
        auto end = at + 4;
        for (const auto* ending : {"ing", "ed", "s"}) {
            if (words.compare(end, std::string_view(ending).size(), ending) == 0) {
                end += std::string_view(ending).size();
                break;
            }
        }
        if ((at == 0 || !is_letter(at - 1)) && !is_letter(end)) {
            return true;
        }
    }
    return false;
}

/// A heading or a bold line that speaks of testing, with something under it.
bool has_testing_notes(const std::string& body)
{
    std::istringstream lines(without_comments(body));
    bool in_section = false;
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find_first_not_of(" \t\r");
        if (first == std::string::npos) {
            continue;
        }
        const bool is_heading = line[first] == '#';
        const bool is_bold = line.compare(first, 2, "**") == 0;
        if (in_section && !is_heading) {
            return true;
        }
        in_section = (is_heading || is_bold) && names_testing(line);
    }
    return false;
}

/// "ENG-12" but not as a part of "ENG-123".
bool names_issue(const std::string& text, const std::string& issue)
{
    const auto all = lower(text);
    const auto wanted = lower(issue);
    for (auto at = all.find(wanted); at != std::string::npos; at = all.find(wanted, at + 1)) {
        const auto end = at + wanted.size();
        const bool begins = at == 0 || std::isalnum(static_cast<unsigned char>(all[at - 1])) == 0;
        const bool ends = end == all.size() || std::isdigit(static_cast<unsigned char>(all[end])) == 0;
        if (begins && ends) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<PullRequest> pull_request_from(const std::string& url)
{
    static const Pattern form(R"(https://[^/\s]+/([\w.-]+/[\w.-]+)/pull/(\d{1,9})(?:[/?#].*)?)");
    const auto match = form.match(url);
    return match ? std::optional(PullRequest{(*match)[1], (*match)[2]}) : std::nullopt;
}

Gate1Facts gate1_facts(const GitHubAnswers& answers, const std::string& linear_issue)
{
    const auto commit = text_at(answers.pull_request, "head", "sha");
    const auto head = commit.substr(0, 12);
    const auto reviewer = approver(answers);
    const auto body = text_at(answers.pull_request, "body");
    const auto title = text_at(answers.pull_request, "title");
    Gate1Facts facts;
    facts.head = commit;
    facts.conditions = {
        {"approved", {!reviewer.empty(), "GitHub: approved by " + reviewer + " at " + head}},
        {"ci_green", {is_green(answers), "GitHub: every check of " + head + " passed"}},
        {"threads_resolved", {are_threads_resolved(answers), "GitHub: no unresolved thread at " + head}},
        {"testing_notes", {has_testing_notes(body), "GitHub: the description has a testing section"}},
        {"issue_referenced",
         {names_issue(title + "\n" + body, linear_issue), "GitHub: " + linear_issue + " is referenced"}},
    };
    return facts;
}

}  // namespace slipway
