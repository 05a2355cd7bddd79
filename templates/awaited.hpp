#pragma once

#include "templates/render.hpp"

#include <string>

namespace slipway::templates {

/// Who has to do what next, by name: "*Waits for*: <@U0PETRA> (Product Lead) to sign off; …". Empty where
/// nobody has to. `view.library` must be there.
[[nodiscard]] std::string awaited(const Deployment& deployment, const View& view);

}  // namespace slipway::templates
