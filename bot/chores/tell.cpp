#include "bot/chores/tell.hpp"

#include "bot/judge.hpp"
#include "bot/runtime/random.hpp"

namespace slipway {

void tell(
    storage::Store& store,
    const std::set<UserId>& people,
    const Sentence& sentence,
    Instant now,
    std::uint64_t seed
)
{
    SeededRandom random(seed);
    for (const auto& person : people) {
        const OutboxDraft message{DirectMessage{person, sentence}};
        store.enqueue(message, DeploymentId{}, ChannelId{}, bot_person().id.str(), now, [&random] {
            return uuid_v4(random);
        });
    }
}

}  // namespace slipway
