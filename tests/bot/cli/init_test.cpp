#include "bot/cli/init.hpp"

#include "bot/config/config.hpp"
#include "tests/storage/temporary_store.hpp"
#include "tests/support/golden.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <regex>
#include <sstream>

namespace slipway {

TEST_CASE("init asks until an answer can be read, and writes all of them", "[bot][init]")
{
    std::istringstream in(
        "#deploys\nC0DEPLOYS\nEurope/Atlantis\nEST\nEurope/Berlin\nU0ALICE, "
        "U0BOB,\nU0DANA\nU0PETRA\n\n\n\nall\n"
        "web, \"api\"\n"
    );
    std::ostringstream out;
    const auto answers = interview({.sprint_start = "2026-11-16"}, in, out);
    testing::check_golden("tests/bot/cli/init.txt", out.str() + "\n\n" + first_config(answers));
}

TEST_CASE("every line that init leaves as a comment may be switched on", "[bot][init]")
{
    std::istringstream nothing;
    std::ostringstream unread;
    std::istringstream lines(
        first_config(interview({.channel = "C0DEPLOYS", .ask_nothing = true}, nothing, unread))
    );
    std::string all;
    const std::regex setting(R"(# ((\[\[?)?[a-z0-9_]+(\]\]?$| = .*)))");
    std::smatch part;
    int switched = 0;
    for (std::string line; std::getline(lines, line);) {
        const bool comment = std::regex_match(line, part, setting);
        switched += comment ? 1 : 0;
        all += (comment ? part[1].str() : line) + "\n";
    }
    CHECK(switched > 20);
    const storage::testing::TemporaryFolder folder;
    std::ofstream(folder / "all.toml") << all;
    CHECK_NOTHROW(load_config(folder / "all.toml", {}));
    for (const auto& key : config_keys()) {
        const auto name = key.name.substr(key.name.rfind('.') + 1);
        CAPTURE(key.name);
        CHECK(all.find("\n" + name + " = ") != std::string::npos);
    }
}

}  // namespace slipway
