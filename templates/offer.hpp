#pragma once

#include "templates/buttons.hpp"
#include "templates/render.hpp"

#include <vector>

namespace slipway::templates {

/// What the card offers: what brings the deployment forward as buttons, the rest in menus, so that it stays
/// shorter than a phone's screen.
struct Offer {
    std::vector<Button> row;
    std::vector<Button> more;       ///< behind the row
    std::vector<Button> sign_offs;  ///< beside the line of the sign-offs
    std::vector<Button> lists;      ///< beside the line of the checklists
};

/// What can be done with `deployment` in its stage.
[[nodiscard]] Offer offer_of(const Deployment& deployment, const View& view);

}  // namespace slipway::templates
