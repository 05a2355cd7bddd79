#include "storage/sign_offs.hpp"

namespace slipway::storage {

namespace {

std::string joined(const std::vector<Role>& roles)
{
    std::string text;
    for (const auto role : roles) {
        text += (text.empty() ? "" : ",") + to_string(role);
    }
    return text;
}

struct Project {
    Store::Tables& tables;
    const RecordedEvent& recorded;
    const Deployment& deployment;

    void operator()(const SignedOff& event) const
    {
        tables.execute(  // who signs again does so for another commit
            "UPDATE sign_offs SET state = 'superseded' WHERE deployment = ? AND user_id = ? AND state = "
            "'valid'",
            to_string(recorded.deployment),
            event.user.str()
        );
        tables.execute(
            "INSERT INTO sign_offs (deployment, revision, user_id, name, roles, signed_on, recorded_at, "
            "state, "
            "source, permalink, linear_comment_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            to_string(recorded.deployment),
            event.revision,
            event.user.str(),
            event.name,
            joined(event.roles),
            iso(event.signed_on),
            iso(recorded.at),
            event.revision == deployment.revision ? "valid" : "superseded",
            event.source,
            event.permalink,
            event.linear_comment_id
        );
    }

    void operator()(const SignOffWithdrawn& event) const
    {
        tables.execute(
            "UPDATE sign_offs SET state = 'withdrawn' WHERE deployment = ? AND user_id = ? AND state = "
            "'valid'",
            to_string(recorded.deployment),
            event.user.str()
        );
    }

    void operator()(const Amended&) const
    {
        tables.execute(
            "UPDATE sign_offs SET state = 'superseded' WHERE deployment = ? AND state = 'valid'",
            to_string(recorded.deployment)
        );
    }

    template <class Other>
    void operator()(const Other&) const
    {}
};

}  // namespace

void project_sign_off(Store::Tables& tables, const RecordedEvent& recorded, const Deployment& deployment)
{
    std::visit(Project{tables, recorded, deployment}, recorded.event);
}

}  // namespace slipway::storage
