#include "commands/pipeline/on_call.hpp"

#include "commands/text/phrases.hpp"

#include <date/tz.h>

#include <algorithm>

namespace slipway {

namespace {

Instant midnight(date::local_days on, const Policy& policy)
{
    return Instant(policy.zone->to_sys(on, date::choose::earliest).time_since_epoch());
}

/// The newest swap that covers `at`, or null; not one to somebody who is gone, as if it were not made.
const Swap* swap_at(Instant at, const TeamState& team)
{
    const auto found = std::find_if(team.swaps.rbegin(), team.swaps.rend(), [&](const Swap& swap) {
        return at >= swap.begins && at < swap.ends && !team.gone.contains(swap.to);
    });
    return found == team.swaps.rend() ? nullptr : &*found;
}

Instant moment_of_on_call(const Deployment& deployment, Instant now)
{
    return deployment.started ? now : deployment.starts_at.value_or(now);
}

}  // namespace

RotationSet rotation_of(const Policy& policy, std::vector<UserId> people)
{
    const auto start = policy.sprint_start.ok() ? std::optional(policy.sprint_start) : std::nullopt;
    return {std::move(people), start, static_cast<int>(policy.sprint_length.count())};
}

RotationSet rotation_at(Instant at, const TeamState& team, const Policy& policy)
{
    const auto found =
        std::find_if(team.rotations.rbegin(), team.rotations.rend(), [&](const RotationSet& each) {
            return each.holds_from <= at;
        });
    if (found != team.rotations.rend()) {
        return *found;
    }
    return rotation_of(policy, policy.rotation);
}

std::optional<Sprint> sprint_at(Instant at, const TeamState& team, const Policy& policy)
{
    const auto rotation = rotation_at(at, team, policy);
    if (rotation.people.empty() || !rotation.sprint_start || rotation.sprint_days < 1) {
        return std::nullopt;
    }
    const date::local_days first{*rotation.sprint_start};
    const auto today = date::floor<date::days>(policy.zone->to_local(at));
    const date::days length{rotation.sprint_days};
    auto number = (today - first).count() / length.count();
    if ((today - first).count() < 0 && (today - first).count() % length.count() != 0) {
        --number;
    }
    const auto begins = first + length * number;
    const auto people = static_cast<long>(rotation.people.size());
    const auto turn = ((number % people) + people) % people;
    Span span{std::max(midnight(begins, policy), rotation.holds_from), midnight(begins + length, policy)};
    for (const auto& later : team.rotations) {
        if (later.holds_from > at) {
            span.ends = std::min(span.ends, later.holds_from);
        }
    }
    return Sprint{static_cast<int>(number), span, rotation.people.at(static_cast<std::size_t>(turn))};
}

UserId turn_at(Instant at, const TeamState& team, const Policy& policy)
{
    if (const auto* swap = swap_at(at, team)) {
        return swap->to;
    }
    const auto sprint = sprint_at(at, team, policy);
    return sprint ? sprint->on_call : UserId{};
}

UserId on_call_at(Instant at, const TeamState& team, const Policy& policy)
{
    const auto user = turn_at(at, team, policy);
    return team.gone.contains(user) ? UserId{} : user;
}

UserId on_call_for(const Deployment& deployment, Instant now, const TeamState& team, const Policy& policy)
{
    const auto at = moment_of_on_call(deployment, now);
    const auto* swap = swap_at(at, team);
    const bool taken_over = swap != nullptr && swap->made >= deployment.on_call_named_at;
    const auto& named = deployment.on_call;
    return named.empty() || team.gone.contains(named) || taken_over ? on_call_at(at, team, policy) : named;
}

UserId missing_on_call(const Deployment& deployment, Instant now, const TeamState& team, const Policy& policy)
{
    if (!on_call_for(deployment, now, team, policy).empty()) {
        return {};
    }
    return deployment.on_call.empty() ? turn_at(moment_of_on_call(deployment, now), team, policy)
                                      : deployment.on_call;
}

Span covered_by_on_call(Instant start, std::chrono::minutes duration, const Policy& policy)
{
    const auto window = judge_start(start, policy).window;
    const auto ends = start + duration;
    return {start, (window ? std::max(ends, window->ends) : ends) + policy.on_call_margin};
}

boost::json::object cover_facts(const UserId& on_call, Span span, const Policy& policy)
{
    const auto from = date::make_zoned(policy.zone, std::chrono::floor<std::chrono::minutes>(span.begins));
    const auto length = std::chrono::ceil<std::chrono::minutes>(span.ends - span.begins);
    const auto hours = std::chrono::floor<std::chrono::hours>(length);
    const auto rest = (length - hours).count();
    return {
        {"on_call", mention(on_call)},
        {"from", date::format("%Y-%m-%d %H:%M", from)},
        {"length",
         (hours.count() > 0 ? std::to_string(hours.count()) + "h" : "") +
             (rest > 0 ? std::to_string(rest) + "m" : "")},
    };
}

bool is_ready(const Deployment& deployment, const UserId& user, Span span, const TeamState& team)
{
    const bool said = deployment.ready && !user.empty() && deployment.ready->by == user;
    return said && std::none_of(team.swaps.begin(), team.swaps.end(), [&](const Swap& swap) {
               const bool overlaps = swap.begins < span.ends && swap.ends > span.begins;
               return overlaps && swap.to != user && swap.made > deployment.ready->at;
           });
}

bool is_on_call_ready(const Deployment& deployment, Instant now, const TeamState& team, const Policy& policy)
{
    const auto user = on_call_for(deployment, now, team, policy);
    return is_ready(deployment, user, covered_by_on_call(now, deployment.duration, policy), team);
}

std::vector<Span> uncovered(
    const UserId& user,
    Instant start,
    std::chrono::minutes duration,
    const TeamState& team,
    const Policy& policy
)
{
    const auto asked = covered_by_on_call(start, duration, policy);
    // On-call changes hands only at these instants; between two of them it is one person.
    std::vector<Instant> edges{asked.begins, asked.ends};
    for (const auto& swap : team.swaps) {
        edges.insert(edges.end(), {swap.begins, swap.ends});
    }
    for (const auto& confirmed : team.confirmations) {
        edges.insert(edges.end(), {confirmed.begins, confirmed.ends});
    }
    for (auto sprint = sprint_at(asked.begins, team, policy); sprint && sprint->span.ends < asked.ends;
         sprint = sprint_at(sprint->span.ends, team, policy)) {
        edges.push_back(sprint->span.ends);
    }
    std::sort(edges.begin(), edges.end());
    const auto rotation = rotation_at(asked.begins, team, policy).people;
    const bool rotates = std::find(rotation.begin(), rotation.end(), user) != rotation.end();
    std::vector<Span> gaps;
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
        const Span piece{std::max(edges[i], asked.begins), std::min(edges[i + 1], asked.ends)};
        if (piece.begins >= piece.ends || on_call_at(piece.begins, team, policy) == user ||
            (!rotates && has_confirmed(user, piece, team))) {
            continue;
        }
        if (!gaps.empty() && gaps.back().ends == piece.begins) {
            gaps.back().ends = piece.ends;
        }
        else {
            gaps.push_back(piece);
        }
    }
    return gaps;
}

bool has_confirmed(const UserId& user, Span span, const TeamState& team)
{
    auto open_from = span.begins;  // confirmations may follow one another
    const auto covers = [&](const OnCallConfirmed& confirmed) {
        return confirmed.user == user && confirmed.begins <= open_from && confirmed.ends > open_from;
    };
    while (open_from < span.ends) {
        const auto next = std::find_if(team.confirmations.begin(), team.confirmations.end(), covers);
        if (next == team.confirmations.end()) {
            return false;
        }
        open_from = next->ends;
    }
    return true;
}

}  // namespace slipway
