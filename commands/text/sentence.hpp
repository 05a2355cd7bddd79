#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <utility>

namespace slipway {

/// Something the bot says: the name of a sentence in `templates/text/sentences.txt` and the facts that fill
/// it.
///
/// The words stand in one file so that they can be reviewed together; here is only what is true.
struct Sentence {
    std::string id;             ///< `[a-z0-9_]+`, a section of sentences.txt
    boost::json::object facts;  ///< variables; people's text as they typed it (escaped when rendered)
    std::string field = {};     ///< the modal field it belongs to, empty for none

    bool operator==(const Sentence&) const = default;
};

/// The sentence `id` with `facts`. A test checks that every literal id in the sources exists in
/// sentences.txt.
[[nodiscard]] inline Sentence say(std::string id, boost::json::object facts = {})
{
    return Sentence{std::move(id), std::move(facts)};
}

/// The same, shown at the modal field `field` when the wish came from a modal.
[[nodiscard]] inline Sentence say_at(std::string field, std::string id, boost::json::object facts = {})
{
    return Sentence{std::move(id), std::move(facts), std::move(field)};
}

}  // namespace slipway
