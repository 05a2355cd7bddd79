#include "commands/pipeline/policy.hpp"

#include "commands/text/letters.hpp"

#include <stdexcept>

namespace slipway {

Policy::Policy() = default;
Policy::Policy(const Policy&) = default;
Policy::Policy(Policy&&) noexcept = default;
Policy& Policy::operator=(const Policy&) = default;
Policy& Policy::operator=(Policy&&) noexcept = default;
Policy::~Policy() = default;

namespace {

using std::chrono::hours;

std::vector<Window> document_windows()
{
    const auto from = std::chrono::minutes{hours{22}};
    const auto to = std::chrono::minutes{hours{2}};
    return {
        Window{{date::Tuesday, date::Wednesday}, from, to, Grade::preferred},
        Window{{date::Thursday}, from, to, Grade::acceptable},
    };
}

}  // namespace

std::string to_string(Grade grade)
{
    switch (grade) {
        case Grade::preferred:
            return "preferred";
        case Grade::acceptable:
            return "acceptable";
        case Grade::avoid:
            return "avoid";
        case Grade::emergency_only:
            return "emergency only";
    }
    return {};
}

Policy document_policy()
{
    Policy policy;
    policy.zone = date::locate_zone(policy.timezone);
    policy.windows = document_windows();
    policy.gate1 = {
        {"approved", "At least one peer review approval"},
        {"ci_green", "All CI checks pass (tests, lint, build)"},
        {"threads_resolved", "No unresolved review comments"},
        {"testing_notes", "PR description includes testing notes"},
        {"issue_referenced", "Acceptance criteria from sprint item are referenced"},
    };
    policy.qa = {
        {"functional", "Functional testing (happy path + edge cases)"},
        {"cross_browser", "Cross-browser testing (Chrome, Safari, Firefox, Mobile Safari)"},
        {"mobile", "Mobile responsiveness"},
        {"performance", "Performance checks (page load, query performance)"},
        {"data_integrity", "Data integrity (saves, validates, maintains relationships)"},
        {"accessibility", "Accessibility basics (keyboard nav, labels, contrast)"},
    };
    policy.gate2 = {
        {"qa_bugs", "All critical and major QA bugs fixed"},
        {"product_lead", "Product Lead has signed off on acceptance criteria"},
        {"requestor", "Original requestor (or representative) has reviewed in staging"},
        {"client_facing", "Client-facing changes have explicit Product Lead approval"},
        {"minor_bugs", "Minor bugs documented with plan (fix post-release or accept)"},
        {"rollback_plan", "Rollback plan documented"},
    };
    policy.pre_deployment = {
        {"gate2", "Staging sign-off complete (Gate 2 passed)"},
        {"migrations", "Database migrations tested in staging and reversible"},
        {"environment", "Environment variables configured in production"},
        {"dependencies", "No breaking dependency changes"},
        {"runbook", "Deployment runbook reviewed"},
        {"on_call", "On-call developer identified and available"},
        {"notified", "Team notified of planned deployment (pre-deployment communication sent)"},
    };
    policy.steps = {
        {"notify", "Send pre-deployment notification"},
        {"merge", "Merge to production branch (squash commits, reference Linear issue)"},
        {"deploy", "Deploy following the Deployment Workflow"},
        {"migrate", "Run database migrations (if applicable)"},
        {"caches", "Clear caches (if applicable)"},
        {"smoke", "Smoke test (5-10 minutes)"},
        {"announce", "Send post-deployment notification"},
        {"watch", "Enter 24-hour monitoring period"},
    };
    policy.smoke = {
        {"loads", "Application loads and responds"},
        {"login", "Login works"},
        {"core", "Core features functional (email, contacts, campaigns)"},
        {"feature", "New feature works as tested in staging"},
        {"logs", "No new errors in error logs"},
        {"migrations", "Database migrations completed successfully"},
    };
    policy.monitoring = {
        {"errors", "Errors: New error patterns, error rate spikes"},
        {"performance", "Performance: Server CPU/memory, query times, page load"},
        {"behavior", "User behavior: Support tickets, chat mentions, direct feedback"},
        {"adoption", "Feature adoption: Are users finding and using the new feature?"},
        {"database", "Database: Query performance, connection pool, disk usage"},
    };
    return policy;
}

bool mirrors(const Policy& policy) { return policy.mirror_sign_offs || policy.mirror_lifecycle; }

const Action& action_of(const Service& service, const std::string& name)
{
    if (name == "deploy") {
        return service.deploy;
    }
    if (name == "disable_flag") {
        return service.disable_flag;
    }
    if (name == "rollback") {
        return service.rollback;
    }
    if (name == "reverse_migrations") {
        return service.reverse_migrations;
    }
    throw std::invalid_argument("a service has no action '" + name + "'");
}

const Service* find_service(const Policy& policy, const std::string& name)
{
    const Service* meant = nullptr;
    for (const auto& service : policy.services) {
        if (service.name == name) {
            return &service;
        }
        meant = meant == nullptr && is_called(service.name, name) ? &service : meant;
    }
    return meant;
}

bool is_called(const std::string& name, const std::string& typed)
{
    return folded_letters(plain_letters(name)) == folded_letters(plain_letters(typed));
}

}  // namespace slipway
