#include "commands/text/types.hpp"

namespace slipway {

std::string to_string(DeploymentId id) { return "D-" + std::to_string(id.number); }

}  // namespace slipway
