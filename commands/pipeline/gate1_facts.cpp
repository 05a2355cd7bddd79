#include "commands/pipeline/gate1_facts.hpp"

#include "commands/pipeline/testing_notes.hpp"
#include "commands/text/json_members.hpp"
#include "commands/text/letters.hpp"
#include "commands/text/pattern.hpp"
#include "commands/text/phrases.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace slipway {

namespace {

namespace json = boost::json;

bool has_part(const std::string& association)
{
    return association == "OWNER" || association == "MEMBER" || association == "COLLABORATOR";
}

/// The approvals that stand, each reviewer's last verdict, comments aside.
struct Approvals {
    std::string approver;              ///< one that counts, empty for none
    std::vector<std::string> without;  ///< why each of the others does not
};

Approvals approvals_in(const GitHubAnswers& answers)
{
    const auto head = text_at(answers.pull_request, "head", "sha");
    const auto author = text_at(answers.pull_request, "user", "login");
    std::map<std::string, json::object> verdicts;
    for (const auto& each : answers.reviews) {
        if (!each.is_object()) {
            continue;
        }
        const auto& review = each.get_object();
        const auto reviewer = text_at(review, "user", "login");
        const bool is_peer =
            !reviewer.empty() && reviewer != author && text_at(review, "user", "type") != "Bot";
        const auto state = text_at(review, "state");
        if (is_peer && (state == "APPROVED" || state == "CHANGES_REQUESTED" || state == "DISMISSED")) {
            verdicts[reviewer] = review;
        }
    }
    Approvals approvals;
    for (const auto& [reviewer, review] : verdicts) {
        const auto commit = text_at(review, "commit_id");
        if (text_at(review, "state") != "APPROVED") {
            continue;
        }
        if (!has_part(text_at(review, "author_association"))) {
            approvals.without.push_back(reviewer + " approved it but is no member or collaborator");
        }
        else if (commit != head) {
            approvals.without.push_back(
                reviewer + " approved it at " + short_commit(commit) + ", and the head is " +
                short_commit(head) + " now"
            );
        }
        else {
            approvals.approver = reviewer;
        }
    }
    return approvals;
}

/// What stands of the checks: a run that was started again leaves its older ones behind.
std::vector<json::object> newest_runs(const json::array& all)
{
    const auto key = [](const json::object& run) {
        return std::pair(text_at(run, "name"), number_at(run, "app", "id"));
    };
    std::map<std::pair<std::string, std::int64_t>, std::int64_t> newest;
    for (const auto& each : all) {
        if (each.is_object()) {
            auto& id = newest[key(each.get_object())];
            id = std::max(id, number_at(each.get_object(), "id"));
        }
    }
    std::vector<json::object> runs;
    for (const auto& each : all) {
        if (each.is_object() && number_at(each.get_object(), "id") == newest.at(key(each.get_object()))) {
            runs.push_back(each.get_object());
        }
    }
    return runs;
}

/// Why the checks are not green; empty where they are.
std::string not_green(const GitHubAnswers& answers)
{
    bool any = false;
    std::string failing;
    for (const auto& run : newest_runs(answers.check_runs)) {
        const auto conclusion = text_at(run, "conclusion");
        any = any || conclusion == "success";
        if (conclusion != "success" && conclusion != "neutral" && conclusion != "skipped") {
            failing += (failing.empty() ? "" : ", ") + text_at(run, "name") + " (" +
                       (conclusion.empty() ? "not finished" : conclusion) + ")";
        }
    }
    const auto* statuses = answers.status.if_contains("total_count");
    const bool has_statuses = statuses == nullptr || *statuses != 0;
    const auto state = text_at(answers.status, "state");
    if (has_statuses && state != "success") {
        failing += (failing.empty() ? "" : ", ") + std::string("commit statuses (") + state + ")";
    }
    if (!failing.empty()) {
        return "Not green: " + failing;
    }
    if (!any && !has_statuses) {
        return "No check has succeeded";
    }
    if (text_at(answers.pull_request, "mergeable_state") == "blocked") {
        return "GitHub blocks the merge: a required check hasn't reported, or another rule of the branch "
               "isn't met";
    }
    return {};
}

std::size_t unresolved_in(const json::array& threads)
{
    return static_cast<std::size_t>(std::count_if(
        threads.begin(),
        threads.end(),
        [](const json::value& each) { return !each.is_object() || !flag_at(each.get_object(), "isResolved"); }
    ));
}

/// Why the pull request itself is not to be deployed (design 4.3); empty where it is.
std::string unfit(const json::object& pull_request)
{
    if (flag_at(pull_request, "draft")) {
        return "The pull request is a draft";
    }
    const bool merged = flag_at(pull_request, "merged");
    if (text_at(pull_request, "state") == "closed" && !merged) {
        return "The pull request was closed without being merged";
    }
    if (!merged && text_at(pull_request, "mergeable_state") == "dirty") {
        return "The pull request conflicts with its base branch";
    }
    const auto base = text_at(pull_request, "base", "ref");
    const auto default_branch = text_at(pull_request, "base", "repo", "default_branch");
    if (base != "production" && !default_branch.empty() && base != default_branch) {
        return "The pull request is aimed at " + base + ", neither at production nor at " + default_branch;
    }
    return {};
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

std::string short_commit(const std::string& commit)
{
    constexpr std::size_t shown = 12;
    return commit.substr(0, shown);
}

Gate1Facts gate1_facts(const GitHubAnswers& answers, const std::string& linear_issue)
{
    const auto commit = text_at(answers.pull_request, "head", "sha");
    const auto head = short_commit(commit);
    const auto approvals = approvals_in(answers);
    const auto checks = not_green(answers);
    const auto unresolved = unresolved_in(answers.threads);
    const auto body = text_at(answers.pull_request, "body");
    Gate1Facts facts;
    facts.head = commit;
    facts.unfit = unfit(answers.pull_request);
    facts.said = text_at(answers.pull_request, "title") + "\n" + body;
    facts.conditions = {
        {"approved",
         {!approvals.approver.empty(),
          "GitHub: approved by " + approvals.approver + " at " + head,
          joined(approvals.without)}},
        {"ci_green", {checks.empty(), "GitHub: every check of " + head + " passed", checks}},
        {"threads_resolved",
         {unresolved == 0,
          "GitHub: no unresolved thread at " + head,
          "Unresolved threads: " + std::to_string(unresolved)}},
        {"testing_notes", {has_testing_notes(body), "GitHub: the description has a testing section"}},
    };
    look_for_issue(facts, {linear_issue});
    return facts;
}

void look_for_issue(Gate1Facts& facts, const std::vector<std::string>& names)
{
    const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
        return names_issue(facts.said, name);
    });
    facts.conditions["issue_referenced"] = {
        found != names.end(),
        found != names.end() ? "GitHub: " + *found + " is referenced" : "",
        "Neither title nor description names " + joined(names)};
}

}  // namespace slipway
