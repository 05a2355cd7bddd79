#include "commands/pipeline/runbook.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <date/tz.h>

namespace slipway {

namespace {

using LineNumbers = std::vector<std::size_t>;
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
    CHECK(lines_with_credentials("fine\n\n**API key**: `abc123def`") == LineNumbers{3});
    CHECK(lines_with_credentials("-----BEGIN RSA PRIVATE KEY-----") == LineNumbers{1});
    for (const std::string line :
         {"Password: hunter22",
          "Password (production): hunter22",
          "password = swordfish",
          "\"password\": \"hunter22\"",
          "Token: see the vault. Password: hunter22",
          "The password is hunter22",
          "Password is \"swordfish\"",
          "Password - hunter22",
          "| Password | hunter22 |",
          "export DB_PASSWORD=hunter22",
          "PGPASSWORD=hunter22 psql -h db",
          "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
          "SLACK_BOT_TOKEN=abcd1234",
          "client_secret: abcdef",
          "tool --api-key abc --verbose",
          "mysqldump --password hunter web",
          "mysql -u root -phunter web",
          "curl -u admin:hunter22 https://status.example",
          "curl -H 'Authorization: Bearer abcdef0123456789'",
          "postgres://admin:s3cret@db.internal/app",
          "postgres://admin:p/w@db.internal/app",
          "redis://:hunter22@cache:6379",
          "curl https://hooks.slack.com/services/T000/B000/abcdef",
          "the app-level token xapp-1-A1-123-abcdef is used"}) {
        CAPTURE(line);
        CHECK(lines_with_credentials(line) == LineNumbers{1});
        CHECK(without_credentials(line).find("***") != std::string::npos);
    }
    CHECK(lines_with_credentials("AKIA" + std::string(16, 'A')) == LineNumbers{1});
}

TEST_CASE("references to a vault are no credentials", "[commands][runbook]")
{
    for (const std::string line :
         {"Password: see 1Password, vault Production",
          "Password: stored in 1Password",
          "1Password: Production/web",
          "Secret: kept in AWS Secrets Manager",
          "API key: rotate it in the vault",
          "password: <in the vault>",
          "Password: ********",
          "Token: $DEPLOY_TOKEN",
          "API key: {{vault:deploy}}",
          "The password is in the secrets manager",
          "The token is valid for one hour",
          "Access keys: two per person",
          "| Password | Where |",
          "| Secret | 1Password, Production |",
          "Password reset: https://app.example/reset",
          "Secrets: https://vault.example/deploy",
          "psql postgres://$USER:$PASSWORD@db.internal/app",
          "https://git.example:8443/web@v2",
          "ssh://git@git.example:22/web",
          "export DB_PASSWORD=$(vault read -field=password secret/db)",
          "token=`cat /run/secrets/token`",
          "PGPASSWORD=\"$DB_PASSWORD\" psql",
          "mysql -u root -p web",
          "mysql -p\"$PASSWORD\" web",
          "tool --password \"$PASSWORD\"",
          "docker login --password-stdin",
          "docker run --user 1000:1000 web",
          "Authorization: Bearer $TOKEN",
          "aws secretsmanager get-secret-value --secret-id prod/db",
          "op read op://Production/db/password"}) {
        CAPTURE(line);
        CHECK(lines_with_credentials(line).empty());
        CHECK(without_credentials(line) == line);
    }
}

TEST_CASE("of a key that was cut, or is long, nothing is left", "[commands][runbook]")
{
    const std::string begin = "-----BEGIN RSA PRIVATE KEY-----";
    const std::string end = "-----END RSA PRIVATE KEY-----";
    std::string lines;
    for (int line = 0; line < 200; ++line) {
        lines += std::string(64, 'M') + "\n";
    }
    const auto key = begin + "\n" + lines + end;
    for (const auto& [printed, masked] : std::vector<std::pair<std::string, std::string>>{
             {"a " + key + "\nb", "***\nb"},
             {lines + end + "\nfailed", "***\nfailed"},
             {lines + end + "\n" + key + "\nfailed", "***\n***\nfailed"},
             {"a\n" + begin + "\n" + lines + "failed: no end", "a\n***\nfailed: no end"},
             {begin + "\\n" + std::string(64, 'M') + "\\n failed", "***"},
             {"the word PRIVATE KEY is none", "the word PRIVATE KEY is none"}}) {
        CAPTURE(printed.substr(0, 40));
        CHECK(without_credentials(printed) == masked);
    }
}

TEST_CASE("of what was printed only the credentials are masked", "[commands][runbook]")
{
    const auto row = GENERATE(table<std::string, std::string>(
        {{"key AKIAABCDEFGHIJKLMNOP, AKIAABCDEFGHIJKLMNOQ refused\n", "key ***, *** refused\n"},
         {"fatal: https://bot:s3cret@git.example/web not found",
          "fatal: https://***@git.example/web not found"},
         {"FATAL: password: hunter22 failed for web\nnext", "FATAL: password: *** failed for web\nnext"},
         {"mysql -u root -phunter22 web", "mysql -u root -p*** web"},
         {"token ghp_abcdefghijklmnopqrstuvwxyz", "token ***"},
         {"a\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE\n-----END RSA PRIVATE "
          "KEY-----\nb",
          "a\n***\nb"},
         {"MIIEowIBAAKCAQEA\nq7X+/9==\n-----END RSA PRIVATE KEY-----\nnot permitted\n",
          "***\nnot permitted\n"},
         {"wrong key:\nMIIE\n-----END PRIVATE KEY-----", "wrong key:\n***"},
         {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE\nnot permitted",
          "***\nnot permitted"},
         {"-----BEGIN PRIVATE KEY-----\n" + std::string(9'000, 'A') + "\n-----END PRIVATE KEY-----\nb",
          "***\nb"},
         {"\n\nno secret\n", "\n\nno secret\n"}}
    ));
    CHECK(without_credentials(std::get<0>(row)) == std::get<1>(row));
}

TEST_CASE("a credential is found however far along its line it stands", "[commands][runbook]")
{
    for (const std::string word :
         {"a", "password ", "mysql ", "curl ", "://a:b", "eyJ", "token: the ", "(", "|"}) {
        CAPTURE(word);
        std::string line;
        while (line.size() < 50'000) {
            line += word;
        }
        CHECK(lines_with_credentials(line).empty());
        CHECK(lines_with_credentials(line + " Password: see the vault").empty());
        CHECK(lines_with_credentials(line + " password: hunter22") == LineNumbers{1});
    }
}

TEST_CASE("a section ends at the next of its level", "[commands][runbook]")
{
    const std::string markdown =
        "# Runbook\n## Rollback Commands\nfirst\n### Web\nsecond\n## Known Failure Modes\nthird\n";
    CHECK(section_called(markdown, "rollback") == "## Rollback Commands\nfirst\n### Web\nsecond\n");
    CHECK(section_called(markdown, "nothing").empty());
    CHECK(section_called(markdown, "runbook") == markdown);
    CHECK(headings_of(markdown) == Words{"Runbook", "Rollback Commands", "Web", "Known Failure Modes"});
}

TEST_CASE("a comment in a fence of code is no heading", "[commands][runbook]")
{
    const std::string markdown =
        "# Runbook\n"
        "## Rollback Commands\n"
        "```sh\n"
        "# find the last good one\n"
        "git log\n"
        "~~~\n"
        "git revert HEAD\n"
        "```\n"
        "  ~~~~\n"
        "# then\n"
        "~~~\n"
        "./deploy\n"
        "  ~~~~\n"
        "then ```# this``` too\n"
        "## Database Migration\n"
        "third\n";
    const auto begin = markdown.find("## Rollback");
    const auto end = markdown.find("## Database");
    CHECK(section_called(markdown, "Rollback Commands") == markdown.substr(begin, end - begin));
    CHECK(headings_of(markdown) == Words{"Runbook", "Rollback Commands", "Database Migration"});
    CHECK(missing_sections("```\n# Server Access\n```\n").size() == 8);
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
    // Neither a late review of the quarter before counts, nor one long before this quarter's end.
    CHECK(is_review_due(new_york(2027, 3, 25), new_york(2027, 1, 4), policy));
    CHECK(is_review_due(new_york(2027, 3, 25), new_york(2027, 3, 24), policy));
    CHECK_FALSE(is_review_due(new_york(2027, 3, 26), new_york(2027, 3, 25), policy));
}

}  // namespace slipway
