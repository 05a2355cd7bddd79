#include "commands/pipeline/runbook.hpp"

#include <catch2/catch_test_macros.hpp>
#include <date/tz.h>

namespace slipway {

namespace {

using Lines = std::vector<std::size_t>;
using Words = std::vector<std::string>;

Instant new_york(int year, unsigned month, unsigned day)
{
    const date::local_days noon{date::year{year} / static_cast<int>(month) / static_cast<int>(day)};
    return date::locate_zone("America/New_York")->to_sys(noon + std::chrono::hours{12});
}

}  // namespace

TEST_CASE("the runbook has the document's eight sections, and missing ones are named", "[commands][runbook]")
{
    CHECK(runbook_sections().size() == 8);
    CHECK(missing_sections("").size() == 8);
    std::string markdown;
    for (const auto& section : runbook_sections()) {
        markdown += "## " + section + "\ntext\n";
    }
    CHECK(missing_sections(markdown).empty());
    CHECK(missing_sections("# SERVER ACCESS\n### Rollback commands (production)\n").size() == 6);
}

TEST_CASE("what looks like a credential is found by its line", "[commands][runbook]")
{
    CHECK(lines_with_credentials("Password: hunter22") == Lines{1});
    CHECK(lines_with_credentials("fine\n\n**API key**: `abc123def`") == Lines{3});
    CHECK(lines_with_credentials("-----BEGIN RSA PRIVATE KEY-----") == Lines{1});
    CHECK(lines_with_credentials("postgres://admin:s3cret@db.internal/app") == Lines{1});
    CHECK(lines_with_credentials("AKIA" + std::string(16, 'A')) == Lines{1});
}

TEST_CASE("references to a vault are no credentials", "[commands][runbook]")
{
    for (const auto* line :
         {"Password: see 1Password, vault Production",
          "password: <in the vault>",
          "Token: $DEPLOY_TOKEN",
          "API key: {{vault:deploy}}",
          "The password is in the secrets manager",
          "psql postgres://$USER:$PASSWORD@db.internal/app",
          "Secrets: https://vault.example/deploy"}) {
        CAPTURE(line);
        CHECK(lines_with_credentials(line).empty());
    }
}

TEST_CASE("a section ends at the next of its level", "[commands][runbook]")
{
    const std::string markdown =
        "# Runbook\n## Rollback Commands\nfirst\n### Web\nsecond\n## Known Failure Modes\nthird\n";
    CHECK(section_called(markdown, "rollback") == "## Rollback Commands\nfirst\n### Web\nsecond\n");
    CHECK(section_called(markdown, "nothing").empty());
    CHECK(headings_of(markdown) == Words{"Runbook", "Rollback Commands", "Web", "Known Failure Modes"});
}

TEST_CASE("the runbook is reviewed in the last week of each quarter", "[commands][runbook]")
{
    const auto policy = document_policy();
    CHECK_FALSE(is_review_due(new_york(2026, 12, 24), std::nullopt, policy));
    CHECK(is_review_due(new_york(2026, 12, 25), std::nullopt, policy));
    CHECK(is_review_due(new_york(2026, 12, 31), std::nullopt, policy));
    CHECK_FALSE(is_review_due(new_york(2027, 1, 1), std::nullopt, policy));
    CHECK(is_review_due(new_york(2026, 9, 24), std::nullopt, policy));
    CHECK(is_review_due(new_york(2027, 3, 25), new_york(2026, 12, 30), policy));
    CHECK_FALSE(is_review_due(new_york(2027, 3, 25), new_york(2027, 3, 20), policy));
}

}  // namespace slipway
