#include "bot/chores/runbook.hpp"

#include "tests/storage/temporary_store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include <fstream>

namespace slipway {

TEST_CASE("a runbook is a regular file of at most a megabyte, whatever its bytes", "[bot][runbook]")
{
    const storage::testing::TemporaryFolder folder;
    const auto path = folder / "runbook.md";
    const auto written = [&](const std::string& bytes) {
        std::ofstream(path) << bytes;
        return read_runbook(path);
    };
    CHECK(written("# Runbook\nd\xe9sol\xe9\x1b[2J\n").markdown == "# Runbook\nd\uFFFDsol\uFFFD\n");
    CHECK(written(std::string(1'000'000, 'x')).trouble.empty());
    CHECK(written(std::string(1'000'001, 'x')).trouble == "is larger than 1 MB");
    CHECK(written("").trouble == "is empty");
    CHECK(read_runbook(folder / "no.md").trouble == "cannot be read");
    CHECK(read_runbook("/dev/zero").trouble == "is not a regular file");
    CHECK(read_runbook(folder / "").trouble == "is not a regular file");
    const auto pipe = folder / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(read_runbook(pipe).trouble == "is not a regular file");
}

}  // namespace slipway
