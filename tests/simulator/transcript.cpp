#include "tests/simulator/transcript.hpp"

namespace simulator {

void Transcript::add(
    Entry::Kind kind, std::string who, std::string where, std::string what, json::object facts
)
{
    entries_.push_back(
        {kind, clock_.now(), std::move(who), std::move(where), std::move(what), std::move(facts)}
    );
    if (!told_) return;
    const auto told = entries_.back();  // a listener may add entries
    told_(told);
}

void Transcript::refuse(const std::string& what, const std::vector<std::string>& mistakes)
{
    for (const auto& mistake : mistakes) {
        refused_.push_back(what + ": " + mistake);
        add(Entry::Kind::complaint, "", what, mistake);
    }
}

std::vector<Entry> Transcript::of(Entry::Kind kind, const std::string& what) const
{
    std::vector<Entry> found;
    for (const auto& entry : entries_) {
        if (entry.kind == kind && (what.empty() || entry.what == what)) found.push_back(entry);
    }
    return found;
}

}  // namespace simulator
