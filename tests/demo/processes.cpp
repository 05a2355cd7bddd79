#include "tests/demo/processes.hpp"

#include <fstream>
#include <stdexcept>

namespace demo {

bool is_alive(const std::filesystem::path& file)
{
    int process = 0;
    if (!(std::ifstream(file) >> process)) {
        throw std::runtime_error(file.string() + " holds no number of a process");
    }
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string id;
    std::string name;
    char state = 'Z';  // of one whose status is gone too
    status >> id >> name >> state;
    return state != 'Z';
}

}  // namespace demo
