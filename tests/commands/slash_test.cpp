#include "commands/registry.hpp"

#include <catch2/catch_test_macros.hpp>

namespace slipway {

namespace {

/// "signoff D-12 [rest]", or "refused id nearest".
std::string read(const std::string& text, const std::string& verb = {})
{
    const auto request = parse_slash(text, verb);
    if (!request) {
        const auto refusal = request.error();
        const auto& sentence = refusal.sentences.front();
        const auto* nearest = sentence.facts.if_contains("nearest");
        return "refused " + sentence.id + " " +
               (nearest != nullptr && nearest->is_string() ? std::string(nearest->get_string()) : "");
    }
    return request->verb + (request->deployment ? " " + to_string(*request->deployment) : "") + " [" +
           request->text + "]";
}

}  // namespace

TEST_CASE("slash commands as people type and paste them", "[commands][slash]")
{
    CHECK(read("signoff D-12") == "signoff D-12 []");
    CHECK(read("signoff d-12 fine by me") == "signoff D-12 [fine by me]");
    CHECK(read("signoff d12") == "signoff D-12 []");
    CHECK(read("signoff D 12 fine") == "signoff D-12 [fine]");
    CHECK(read("signoff D\u201312") == "signoff D-12 []");
    CHECK(read("signoff\u00A0D-12") == "signoff D-12 []");
    CHECK(read("sign-off D-\uFF11\uFF12") == "signoff D-12 []");
    CHECK(read("  SIGNOFF   D-12  ") == "signoff D-12 []");
    CHECK(read("") == "overview []");
    CHECK(read("   ") == "overview []");
    CHECK(read("plan Faster \u201Csearch\u201D") == "plan [Faster \u201Csearch\u201D]");
    CHECK(read("exception D-1 Login is down") == "except D-1 [Login is down]");
}

TEST_CASE("an unknown verb names the nearest", "[commands][slash]")
{
    CHECK(read("statsu D-1") == "refused verb_unknown status");
    CHECK(read("paln") == "refused verb_unknown plan");
    CHECK(read("xyzzyplugh") == "refused verb_unknown ");
    CHECK(read("timer pre_notice") == "refused verb_unknown ");
}

TEST_CASE("/rollback takes a deployment, a reason, both or none", "[commands][slash]")
{
    CHECK(read("", "rollback") == "rollback []");
    CHECK(read("D-12", "rollback") == "rollback D-12 []");
    CHECK(read("D-12 errors at login", "rollback") == "rollback D-12 [errors at login]");
    CHECK(read("errors at login", "rollback") == "rollback [errors at login]");
    CHECK(read("5 errors a minute", "rollback") == "rollback [5 errors a minute]");
}

}  // namespace slipway
