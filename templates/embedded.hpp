#pragma once

#include <map>
#include <string>

namespace slipway::templates {

/// The files of templates/text as they were when the program was built, by file name.
[[nodiscard]] const std::map<std::string, std::string>& embedded_texts();

}  // namespace slipway::templates
