// What the monitoring sends, signed: it is taken or refused with a sentence, and what is taken can be read
// back.
#include "bot/inbox/signals.hpp"
#include "bot/runtime/signature.hpp"
#include "tests/bot/inline_storage.hpp"
#include "tests/fuzz/fake_http.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace slipway;
    static Config config = [] {
        Config given;
        given.policy = document_policy();
        given.policy.services = {{.name = "web"}};
        given.signal_secret = "signal-test";
        return given;
    }();
    storage::Store store(":memory:");
    testing::InlineStorage storage(store);
    fuzz::StillClock clock;
    fuzz::FakeHttp http;
    SeededRandom random(1);
    Committed committed;
    Judge judge(config.policy, ChannelId("C0DEPLOYS"), storage, clock, random, committed);
    judge.set_roles(std::make_shared<RoleBook>());
    const auto at = clock.now();
    const UserId alice("U0ALICE");
    Plan plan;
    plan.what = "Faster search";
    plan.service = "web";
    Decision planned;
    planned.deployment = DeploymentId{1};
    planned.events = {Planned{plan, at, std::chrono::minutes{45}, alice}, Started{alice, "preferred"}};
    StorageRunner::Job begin = [&](storage::Store& open) {
        open.record(planned, alice, at, ChannelId("C0DEPLOYS"), [&] { return uuid_v4(random); });
    };
    fuzz::run(storage.run(std::move(begin)));

    net::ServerRequest request{"POST", "/v1/signals", {}, std::string(data, data + size)};
    request.headers = {
        {"X-Slipway-Timestamp", "0"},
        {"X-Slipway-Signature", "sha256=" + hmac_sha256(config.signal_secret, "0." + request.body)}};
    Signals signals({config, judge, storage, http, clock});
    const auto answer = fuzz::run(signals.take(std::move(request)));
    if (answer.status != 202 && answer.status != 400) {
        std::abort();
    }
    StorageRunner::Job read = [](storage::Store& open) {
        for (const auto& row : open.due_heads(Instant{})) {
            if (!row.unreadable.empty()) {
                std::abort();
            }
        }
    };
    fuzz::run(storage.run(std::move(read)));
    return 0;
}
