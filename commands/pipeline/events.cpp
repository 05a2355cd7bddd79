#include "commands/pipeline/events.hpp"

#include "commands/pipeline/events_json.hpp"

#include <boost/describe/class.hpp>

#include <date/date.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace slipway {

Plan::Plan() = default;
Plan::Plan(const Plan&) = default;
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(const Plan&) = default;
Plan& Plan::operator=(Plan&&) noexcept = default;
Plan::~Plan() = default;

template <OneOf<EventVariant> Kind>
Event::Event(Kind kind) : EventVariant(std::move(kind))
{}

template Event::Event(Planned);
template Event::Event(Amended);
template Event::Event(Rescheduled);
template Event::Event(SignedOff);
template Event::Event(SignOffWithdrawn);
template Event::Event(Declined);
template Event::Event(GatePassed);
template Event::Event(GateReopened);
template Event::Event(ItemTicked);
template Event::Event(ItemCleared);
template Event::Event(ExceptionRecorded);
template Event::Event(ReviewDone);
template Event::Event(NoticeSent);
template Event::Event(OnCallAssigned);
template Event::Event(GoGiven);
template Event::Event(OnCallReady);
template Event::Event(Started);
template Event::Event(StepDone);
template Event::Event(FlagMoved);
template Event::Event(Completed);
template Event::Event(IssueRaised);
template Event::Event(IssueUpdated);
template Event::Event(RollbackStarted);
template Event::Event(RollbackStepDone);
template Event::Event(RolledBack);
template Event::Event(DeclaredClean);
template Event::Event(Cancelled);
template Event::Event(PostmortemLinked);
template Event::Event(SignOffDelegated);
template Event::Event(ActionBegun);
template Event::Event(ActionEnded);
template Event::Event(FreezeBegun);
template Event::Event(FreezeEnded);
template Event::Event(OnCallSwapped);
template Event::Event(OnCallConfirmed);
template Event::Event(ServiceLocked);
template Event::Event(ServiceUnlocked);
template Event::Event(RunbookReviewed);
template Event::Event(RotationSet);
template Event::Event(DirectoryChanged);

Event::Event() = default;
Event::Event(const Event&) = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(const Event&) = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

BOOST_DESCRIBE_STRUCT(
    Plan,
    (),
    (what,
     linear_issue,
     service,
     changes,
     expected_impact,
     rollback_plan,
     client_facing,
     requested_by,
     requested_by_client,
     pull_request,
     commit,
     has_migrations,
     flag,
     priority,
     complex)
)
BOOST_DESCRIBE_STRUCT(Planned, (), (plan, starts_at, duration, on_call))
BOOST_DESCRIBE_STRUCT(Amended, (), (revision, plan))
BOOST_DESCRIBE_STRUCT(Rescheduled, (), (schedule, starts_at, duration))
BOOST_DESCRIBE_STRUCT(
    SignedOff,
    (),
    (revision, user, name, roles, signed_on, source, permalink, note, linear_comment_id, commit)
)
BOOST_DESCRIBE_STRUCT(SignOffWithdrawn, (), (user, name, withdrawn_on, linear_comment_id))
BOOST_DESCRIBE_STRUCT(Declined, (), (revision, user, name, reason))
BOOST_DESCRIBE_STRUCT(GatePassed, (), (gate, revision))
BOOST_DESCRIBE_STRUCT(GateReopened, (), (gate, revision, reason))
BOOST_DESCRIBE_STRUCT(ItemTicked, (), (checklist, item, by_bot, evidence))
BOOST_DESCRIBE_STRUCT(ItemCleared, (), (checklist, item, reason))
BOOST_DESCRIBE_STRUCT(ExceptionRecorded, (), (revision, as, conditions, reason, review_due, commit))
BOOST_DESCRIBE_STRUCT(ReviewDone, (), (note))
BOOST_DESCRIBE_STRUCT(NoticeSent, (), (notice, schedule, late))
BOOST_DESCRIBE_STRUCT(SignOffDelegated, (), (role, from, to))
BOOST_DESCRIBE_STRUCT(OnCallAssigned, (), (user))
BOOST_DESCRIBE_STRUCT(GoGiven, (), ())
BOOST_DESCRIBE_STRUCT(OnCallReady, (), (on_call))
BOOST_DESCRIBE_STRUCT(Started, (), (on_call, grade, commit))
BOOST_DESCRIBE_STRUCT(ActionBegun, (), (action))
BOOST_DESCRIBE_STRUCT(ActionEnded, (), (action, succeeded, accepted))
BOOST_DESCRIBE_STRUCT(StepDone, (), (step, output))
BOOST_DESCRIBE_STRUCT(FlagMoved, (), (from, to))
BOOST_DESCRIBE_STRUCT(Completed, (), (known_issues))
BOOST_DESCRIBE_STRUCT(
    IssueRaised, (), (what, severity, impact, status, next_update, trigger, evidence, rolls_back_at)
)
BOOST_DESCRIBE_STRUCT(
    IssueUpdated, (), (status, note, next_update, closed, stops_rollback, issue, severity, impact)
)
BOOST_DESCRIBE_STRUCT(RollbackStarted, (), (reason, steps, automatic))
BOOST_DESCRIBE_STRUCT(RollbackStepDone, (), (step, succeeded, output, accepted))
BOOST_DESCRIBE_STRUCT(RolledBack, (), ())
BOOST_DESCRIBE_STRUCT(DeclaredClean, (), (unanswered))
BOOST_DESCRIBE_STRUCT(Cancelled, (), (reason))
BOOST_DESCRIBE_STRUCT(PostmortemLinked, (), (link))
BOOST_DESCRIBE_STRUCT(FreezeBegun, (), (service, until, reason))
BOOST_DESCRIBE_STRUCT(FreezeEnded, (), (service))
BOOST_DESCRIBE_STRUCT(OnCallSwapped, (), (from, to, begins, ends))
BOOST_DESCRIBE_STRUCT(OnCallConfirmed, (), (user, begins, ends))
BOOST_DESCRIBE_STRUCT(ServiceLocked, (), (service, because_of))
BOOST_DESCRIBE_STRUCT(ServiceUnlocked, (), (service, reason))
BOOST_DESCRIBE_STRUCT(RunbookReviewed, (), (note))
BOOST_DESCRIBE_STRUCT(RotationSet, (), (people, sprint_start, sprint_days, holds_from))
BOOST_DESCRIBE_STRUCT(DirectoryChanged, (), (gone, troubles))

namespace stored {

boost::json::value write(Instant instant) { return boost::json::value(iso(instant)); }

void read(const boost::json::value& json, Instant& instant)
{
    instant = instant_from(boost::json::value_to<std::string>(json));
}

boost::json::value write(Date date) { return boost::json::value(iso(date)); }

void read(const boost::json::value& json, Date& day)
{
    const auto text = boost::json::value_to<std::string>(json);
    std::istringstream stream(text);
    stream >> date::parse("%F", day);
    if (stream.fail() || !day.ok() || iso(day) != text) {
        throw std::invalid_argument("not a date: '" + text + "'");
    }
}

boost::json::value write(std::chrono::minutes minutes) { return boost::json::value(minutes.count()); }

void read(const boost::json::value& json, std::chrono::minutes& minutes)
{
    minutes = std::chrono::minutes{json.to_number<std::int64_t>()};
}

boost::json::value write(Role role) { return boost::json::value(to_string(role)); }

void read(const boost::json::value& json, Role& role)
{
    role = role_from(boost::json::value_to<std::string>(json));
}

boost::json::value write(Priority priority) { return boost::json::value(to_string(priority)); }

void read(const boost::json::value& json, Priority& priority)
{
    const auto text = boost::json::value_to<std::string>(json);
    const auto found = priority_from(text);
    if (!found) {
        throw std::invalid_argument("not a priority: " + text);
    }
    priority = *found;
}

boost::json::value write(DeploymentId id) { return boost::json::value(id.number); }

void read(const boost::json::value& json, DeploymentId& id) { id.number = json.to_number<int>(); }

boost::json::value write(bool flag) { return boost::json::value(flag); }

void read(const boost::json::value& json, bool& flag) { flag = json.as_bool(); }

boost::json::value write(int number) { return boost::json::value(number); }

void read(const boost::json::value& json, int& number) { number = json.to_number<int>(); }

/// JSON has no word for what is not a number; the optional that holds it is read back as empty.
boost::json::value write(double number)
{
    return std::isfinite(number) ? boost::json::value(number) : boost::json::value(nullptr);
}

void read(const boost::json::value& json, double& number) { number = json.to_number<double>(); }

/// Facts, whatever they are made of: their texts as `write` has them.
static boost::json::value write_fact(const boost::json::value& fact)
{
    if (fact.is_string()) {
        return write(std::string(fact.get_string()));
    }
    if (fact.is_array()) {
        boost::json::array facts;
        for (const auto& each : fact.get_array()) {
            facts.push_back(write_fact(each));
        }
        return facts;
    }
    return fact.is_object() ? write(fact.get_object()) : fact;
}

boost::json::value write(const boost::json::object& object)
{
    boost::json::object facts;
    for (const auto& [key, fact] : object) {
        facts[key] = write_fact(fact);
    }
    return facts;
}

void read(const boost::json::value& json, boost::json::object& object) { object = json.as_object(); }

}  // namespace stored

namespace {

using stored::kind;

/// In the order of the variant: the word of `Event::index()`.
constexpr std::array event_kinds{
    kind<Event, Planned>("planned"),
    kind<Event, Amended>("amended"),
    kind<Event, Rescheduled>("rescheduled"),
    kind<Event, SignedOff>("signed_off"),
    kind<Event, SignOffWithdrawn>("sign_off_withdrawn"),
    kind<Event, Declined>("declined"),
    kind<Event, GatePassed>("gate_passed"),
    kind<Event, GateReopened>("gate_reopened"),
    kind<Event, ItemTicked>("item_ticked"),
    kind<Event, ItemCleared>("item_cleared"),
    kind<Event, ExceptionRecorded>("exception_recorded"),
    kind<Event, ReviewDone>("review_done"),
    kind<Event, NoticeSent>("notice_sent"),
    kind<Event, OnCallAssigned>("on_call_assigned"),
    kind<Event, GoGiven>("go_given"),
    kind<Event, OnCallReady>("on_call_ready"),
    kind<Event, Started>("started"),
    kind<Event, StepDone>("step_done"),
    kind<Event, FlagMoved>("flag_moved"),
    kind<Event, Completed>("completed"),
    kind<Event, IssueRaised>("issue_raised"),
    kind<Event, IssueUpdated>("issue_updated"),
    kind<Event, RollbackStarted>("rollback_started"),
    kind<Event, RollbackStepDone>("rollback_step_done"),
    kind<Event, RolledBack>("rolled_back"),
    kind<Event, DeclaredClean>("declared_clean"),
    kind<Event, Cancelled>("cancelled"),
    kind<Event, PostmortemLinked>("postmortem_linked"),
    kind<Event, SignOffDelegated>("sign_off_delegated"),
    kind<Event, ActionBegun>("action_begun"),
    kind<Event, ActionEnded>("action_ended"),
    kind<Event, FreezeBegun>("freeze_begun"),
    kind<Event, FreezeEnded>("freeze_ended"),
    kind<Event, OnCallSwapped>("on_call_swapped"),
    kind<Event, OnCallConfirmed>("on_call_confirmed"),
    kind<Event, ServiceLocked>("service_locked"),
    kind<Event, ServiceUnlocked>("service_unlocked"),
    kind<Event, RunbookReviewed>("runbook_reviewed"),
    kind<Event, RotationSet>("rotation_set"),
    kind<Event, DirectoryChanged>("directory_changed"),
};
static_assert(event_kinds.size() == std::variant_size_v<EventVariant>);

/// Source: iso(Instant). A digit where `form` has a 0, the same character everywhere else.
constexpr std::string_view instant_form = "0000-00-00T00:00:00.000Z";

bool has_form(std::string_view text, std::string_view form)
{
    return std::equal(text.begin(), text.end(), form.begin(), form.end(), [](char letter, char wanted) {
        return wanted == '0' ? letter >= '0' && letter <= '9' : letter == wanted;
    });
}

int digits_at(std::string_view text, std::size_t at, std::size_t digits)
{
    int number = 0;
    for (const char digit : text.substr(at, digits)) {
        number = number * 10 + (digit - '0');
    }
    return number;
}

char lower_letter(char letter) { return static_cast<char>(std::tolower(static_cast<unsigned char>(letter))); }

}  // namespace

std::string to_string(Priority priority)
{
    switch (priority) {
        case Priority::p0:
            return "P0";
        case Priority::p1:
            return "P1";
        case Priority::p2:
            return "P2";
        case Priority::normal:
            return "normal";
    }
    return {};
}

std::optional<Priority> priority_from(const std::string& text)
{
    for (const auto priority : {Priority::p0, Priority::p1, Priority::p2, Priority::normal}) {
        const auto word = to_string(priority);
        if (std::equal(word.begin(), word.end(), text.begin(), text.end(), [](char a, char b) {
                return lower_letter(a) == lower_letter(b);
            })) {
            return priority;
        }
    }
    return std::nullopt;
}

std::string kind_of(const Event& event) { return event_kinds.at(event.index()).name; }

boost::json::object to_json(const Event& event)
{
    return std::visit([](const auto& body) { return stored::write(body).as_object(); }, event);
}

Event event_from(const std::string& kind, const boost::json::object& body)
{
    const auto* known = std::find_if(event_kinds.begin(), event_kinds.end(), [&](const auto& each) {
        return each.name == kind;
    });
    if (known == event_kinds.end()) {
        throw std::invalid_argument("no event is of kind '" + kind + "'");
    }
    try {
        return known->read(body);
    }
    catch (const std::exception& error) {
        throw std::invalid_argument("an event of kind '" + kind + "' cannot be read: " + error.what());
    }
}

std::string iso(Instant instant) { return date::format("%FT%TZ", instant); }

// By hand: a ledger of a million rows is read with it, and a stream per row takes seconds.
Instant instant_from(const std::string& text)
{
    if (has_form(text, instant_form)) {
        const Date day = date::year{digits_at(text, 0, 4)} / digits_at(text, 5, 2) / digits_at(text, 8, 2);
        const std::chrono::hours hour{digits_at(text, 11, 2)};
        const std::chrono::minutes minute{digits_at(text, 14, 2)};
        const std::chrono::milliseconds second{digits_at(text, 17, 2) * 1000 + digits_at(text, 20, 3)};
        if (day.ok() && hour.count() < 24 && minute.count() < 60 && second < std::chrono::minutes{1}) {
            return Instant(date::sys_days{day}) + hour + minute + second;
        }
    }
    throw std::invalid_argument("not an instant: '" + text + "'");
}

std::string iso(Date date) { return date::format("%F", date); }

}  // namespace slipway
