#include "tests/end_to_end/program.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace demo {

Ended Program::run(const std::string& arguments, const std::string& input) const
{
    std::ofstream(folder / "typed") << input;
    return start(std::string(SLIPWAY_PROGRAM) + " " + arguments);
}

Ended Program::paste(const std::string& script) const
{
    std::ofstream(folder / "typed") << script;
    const auto link = folder / "bin" / "slipway";
    std::filesystem::create_directories(link.parent_path());
    std::filesystem::remove(link);
    std::filesystem::create_symlink(SLIPWAY_PROGRAM, link);
    return start("bash -e");
}

Ended Program::start(const std::string& command) const
{
    std::string line =
        "cd " + folder.string() + " && env -i PATH=" + (folder / "bin").string() + ":/usr/bin:/bin";
    for (const auto& [name, value] : environment) {
        line += " '" + name + "=" + value + "'";
    }
    line += " " + command + " <typed >said 2>&1";
    const int status = std::system(line.c_str());
    std::ifstream said(folder / "said");
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, {std::istreambuf_iterator<char>(said), {}}};
}

}  // namespace demo
