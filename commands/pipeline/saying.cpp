#include "commands/pipeline/decision.hpp"
#include "commands/pipeline/events_json.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <stdexcept>

namespace slipway {

Decision::Decision() = default;
Decision::Decision(const Decision&) = default;
Decision::Decision(Decision&&) noexcept = default;
Decision& Decision::operator=(const Decision&) = default;
Decision& Decision::operator=(Decision&&) noexcept = default;
Decision::~Decision() = default;

template <OneOf<SayingVariant> Kind>
Saying::Saying(Kind kind) : SayingVariant(std::move(kind))
{}

template Saying::Saying(CardRefresh);
template Saying::Saying(Notice);
template Saying::Saying(ThreadNote);
template Saying::Saying(Whisper);
template Saying::Saying(DirectMessage);
template Saying::Saying(LinearComment);
template Saying::Saying(PostmortemFile);
template Saying::Saying(RunAction);
template Saying::Saying(EndAction);
template Saying::Saying(Announcement);

Saying::Saying() = default;
Saying::Saying(const Saying&) = default;
Saying::Saying(Saying&&) noexcept = default;
Saying& Saying::operator=(const Saying&) = default;
Saying& Saying::operator=(Saying&&) noexcept = default;
Saying::~Saying() = default;

BOOST_DESCRIBE_STRUCT(Sentence, (), (id, facts, field))
BOOST_DESCRIBE_STRUCT(Button, (), (verb, label, fields))
BOOST_DESCRIBE_STRUCT(CardRefresh, (), ())
BOOST_DESCRIBE_STRUCT(Notice, (), (kind, facts, pings))
BOOST_DESCRIBE_STRUCT(ThreadNote, (), (sentence, pings))
BOOST_DESCRIBE_STRUCT(Whisper, (), (user, channel, sentence, in_thread, buttons, more))
BOOST_DESCRIBE_STRUCT(DirectMessage, (), (user, sentence, buttons))
BOOST_DESCRIBE_STRUCT(LinearComment, (), (issue, body))
BOOST_DESCRIBE_STRUCT(PostmortemFile, (), ())
BOOST_DESCRIBE_STRUCT(RunAction, (), (action))
BOOST_DESCRIBE_STRUCT(EndAction, (), (action))
BOOST_DESCRIBE_STRUCT(Announcement, (), (channel, sentence))

namespace {

using stored::kind;

/// In the order of the variant: the word of `Saying::index()`.
constexpr std::array saying_kinds{
    kind<Saying, CardRefresh>("card"),
    kind<Saying, Notice>("notice"),
    kind<Saying, ThreadNote>("thread_note"),
    kind<Saying, Whisper>("whisper"),
    kind<Saying, DirectMessage>("direct_message"),
    kind<Saying, LinearComment>("linear_comment"),
    kind<Saying, PostmortemFile>("postmortem_file"),
    kind<Saying, RunAction>("run_action"),
    kind<Saying, EndAction>("end_action"),
    kind<Saying, Announcement>("announcement"),
};
static_assert(saying_kinds.size() == std::variant_size_v<SayingVariant>);

}  // namespace

std::string kind_of(const Saying& saying) { return saying_kinds[saying.index()].name; }

boost::json::object to_json(const Saying& saying)
{
    return std::visit([](const auto& body) { return stored::write(body).as_object(); }, saying);
}

Saying saying_from(const std::string& kind, const boost::json::object& body)
{
    for (const auto& known : saying_kinds) {
        if (known.name == kind) {
            return known.read(body);
        }
    }
    throw std::invalid_argument("no outbox row is of kind '" + kind + "'");
}

}  // namespace slipway
