#pragma once

#include <map>
#include <string>

namespace simulator {

/// The files of tests/simulator/page as they were when the program was built, by path ("js/main.js").
[[nodiscard]] const std::map<std::string, std::string>& page_files();

}  // namespace simulator
