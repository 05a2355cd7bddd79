#include "tests/durability/crowd.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <iostream>

namespace durability {

namespace {

constexpr std::chrono::minutes patience{20};  ///< longer than Slack's last retry
/// Each sign-off is a message in the channel, where one a second goes out.
constexpr std::chrono::milliseconds least_pause{2'000}, most_pause{5'000};

/// The key under which the bot remembers an envelope (bot/slack/inbound.hpp).
std::string key_of(const simulator::Sent& sent)
{
    return sent.type == "events_api" ? "event:" + simulator::text_at(sent.payload, "event_id")
                                     : "envelope:" + sent.envelope_id;
}

}  // namespace

Crowd::Crowd(ProgramInSimulator& world, std::uint64_t seed)
    : world_(world), random_(seed), tasks_(world.context.get_executor())
{}

void Crowd::spawn(Task task)
{
    ++working_;
    const auto counted = [](Crowd* crowd, Task work) -> Task {
        co_await std::move(work);
        --crowd->working_;
    };
    tasks_.spawn(counted(this, std::move(task)), [](std::exception_ptr error) {
        try {
            std::rethrow_exception(error);
        }
        catch (const std::exception& failure) {
            std::cerr << "a person gave up: " << failure.what() << '\n';
        }
    });
}

Crowd::Task Crowd::pause(std::chrono::milliseconds least, std::chrono::milliseconds most)
{
    std::uniform_int_distribution<std::int64_t> range(least.count(), most.count());
    boost::asio::steady_timer timer(world_.context, std::chrono::milliseconds{range(random_)});
    co_await timer.async_wait(boost::asio::use_awaitable);
}

boost::asio::awaitable<bool> Crowd::answered(std::size_t index)
{
    ++acts_;
    const auto& sent = world_.server.hub.all_sent();
    std::function<bool()> settled = [&sent, index] { return sent[index].acked || sent[index].lost; };
    co_await world_.server.changes.until(std::move(settled), patience);
    if (!sent[index].acked) {
        co_await pause(50ms, 200ms);  // people look up before they try again
    }
    co_return sent[index].acked;
}

boost::asio::awaitable<bool> Crowd::types(std::string user, std::string text)
{
    const auto index = world_.server.hub.all_sent().size();
    world_.server.people.slash(user, demo::deploys, "/deploy", text);
    const bool acked = co_await answered(index);
    co_return acked;
}

boost::asio::awaitable<bool> Crowd::presses(std::string user, std::string verb, std::string deployment)
{
    const auto index = world_.server.hub.all_sent().size();
    const auto value = R"({"v":1,"r":1,"d":)" + deployment.substr(2) + "}";
    world_.server.people.press_forged(user, demo::deploys, "verb:" + verb, value);
    const bool acked = co_await answered(index);
    if (acked) {
        acknowledged_.push_back({key_of(world_.server.hub.all_sent()[index])});
    }
    co_return acked;
}

boost::asio::awaitable<bool> Crowd::replies(std::string user, std::string deployment, std::string text)
{
    const auto index = world_.server.hub.all_sent().size();
    world_.server.people.reply(user, demo::deploys, card(deployment)->ts, text);
    const bool acked = co_await answered(index);
    if (acked) {
        acknowledged_.push_back({key_of(world_.server.hub.all_sent()[index])});
    }
    co_return acked;
}

boost::asio::awaitable<bool> Crowd::submits(std::string user, std::string command, json::object fields)
{
    while (world_.server.people.modal_of(user) == nullptr) {
        if (finishing_) {
            co_return false;
        }
        const bool acked = co_await types(user, command);
        co_await pause(10ms, acked ? 50ms : 500ms);
    }
    const auto index = world_.server.hub.all_sent().size();
    world_.server.people.submit(user, std::move(fields));
    const bool acked = co_await answered(index);
    world_.server.workspace.stacks[user].clear();
    if (acked) {
        acknowledged_.push_back({key_of(world_.server.hub.all_sent()[index])});
    }
    co_return acked;
}

std::string Crowd::next_marker() { return "act-" + std::to_string(++markers_) + "."; }

const simulator::Message* Crowd::card(const std::string& deployment) const
{
    for (const auto& [ts, message] : world_.server.workspace.channels.at(demo::deploys).messages) {
        if (message.thread_ts.empty() && message.text.starts_with(deployment + " ")) {
            return &message;
        }
    }
    return nullptr;
}

Crowd::Task Crowd::freezes(std::string user)
{
    while (!finishing_) {
        const auto marker = next_marker();
        const auto index = world_.server.hub.all_sent().size();
        const bool acked = co_await types(user, "freeze api for 2h " + marker);
        marked_.push_back({"freeze_begun", marker, acked});
        if (acked) {
            acknowledged_.push_back({key_of(world_.server.hub.all_sent()[index])});
        }
        co_await pause(10ms, 80ms);
    }
}

Crowd::Task Crowd::signs_by_command(std::string user, std::string deployment)
{
    for (bool signs = true; !finishing_; signs = !signs) {
        const auto text = (signs ? "signoff " : "withdraw ") + deployment;
        for (bool acked = false; !acked;) {
            acked = co_await types(user, text);
        }
        note_done(user, deployment, signs);
        co_await pause(least_pause, most_pause);
    }
}

Crowd::Task Crowd::signs_by_reply(std::string user, std::string deployment)
{
    const auto name = world_.server.workspace.users.at(user).real_name;
    for (bool signs = true; !finishing_; signs = !signs) {
        const auto text = signs ? "Stakeholder sign-off: " + name + ", today" : "Withdraw sign-off";
        // Slack itself sends a reply again that was not acknowledged, three times.
        const bool acked = co_await replies(user, deployment, text);
        if (!acked) {
            co_return;
        }
        note_done(user, deployment, signs);
        co_await pause(least_pause, most_pause);
    }
}

Crowd::Task Crowd::signs_by_button(std::string user, std::string deployment)
{
    for (bool signs = true; !finishing_; signs = !signs) {
        const std::string verb = signs ? "signoff" : "withdraw";
        for (bool acked = false; !acked;) {
            acked = co_await presses(user, verb, deployment);
        }
        note_done(user, deployment, signs);
        co_await pause(least_pause, most_pause);
    }
}

void Crowd::note_done(const std::string& user, const std::string& deployment, bool signed_off)
{
    ++owed_[{deployment + " " + user, signed_off ? "signed_off" : "sign_off_withdrawn"}];
}

Crowd::Task Crowd::plans_and_is_answered(std::string author, std::string signer)
{
    const auto name = world_.server.workspace.users.at(signer).real_name;
    while (!finishing_) {
        co_await pause(500ms, 4s);
        const auto marker = next_marker();
        auto plan = plan_for_tomorrow(world_.clock);
        plan["what"] = marker;
        const bool acked = co_await submits(author, "plan", std::move(plan));
        marked_.push_back({"planned", marker, acked});
        if (!acked) {
            continue;  // nobody knows its number, if there is one
        }
        std::string planned;
        while (planned.empty()) {  // its card may take long: the bot dies again and again
            for (const auto& [ts, message] : world_.server.workspace.channels.at(demo::deploys).messages) {
                if (message.thread_ts.empty() && message.text.find(marker) != std::string::npos) {
                    planned = message.text.substr(0, message.text.find(' '));
                }
            }
            co_await pause(1ms, 5ms);
        }
        // At once: the bot may not know yet that its card arrived.
        const auto text = "Stakeholder sign-off: " + name + ", today";
        const bool signed_off = co_await replies(signer, planned, text);
        if (signed_off) {
            note_done(signer, planned, true);
        }
    }
}

Crowd::Task Crowd::amends(std::string user, std::string deployment)
{
    while (!finishing_) {
        co_await pause(2s, 6s);
        const auto marker = next_marker();
        json::object fields{{"expected_impact", marker}};
        const bool acked = co_await submits(user, "amend " + deployment, std::move(fields));
        marked_.push_back({"amended", marker, acked});
    }
}

Crowd::Task Crowd::reads(std::string user)
{
    static constexpr std::array texts{"list", "status D-1", "", "check D-2"};
    std::size_t next = 0;
    while (!finishing_) {
        const auto* text = texts.at(next++ % texts.size());
        (void)co_await types(user, text);
        co_await pause(50ms, 300ms);
    }
}

Crowd::Task Crowd::presses_what_is_not_theirs(std::string user)
{
    while (!finishing_) {
        (void)co_await presses(user, "go", "D-1");
        co_await pause(300ms, 900ms);
    }
}

bool Crowd::plan_first()
{
    for (int number = 1; number <= 3; ++number) {
        ++working_;
        tasks_.spawn(
            [](Crowd* crowd) -> Task {
                auto plan = plan_for_tomorrow(crowd->world_.clock);
                (void)co_await crowd->submits("U0ALICE", "plan", std::move(plan));
                --crowd->working_;
            }(this),
            [](std::exception_ptr) {}
        );
        const auto name = "D-" + std::to_string(number);
        if (!world_.until([&] { return working_ == 0 && card(name) != nullptr; }, 10s)) {
            return false;
        }
    }
    acknowledged_.clear();
    return true;
}

void Crowd::begin()
{
    for (const auto* user : {"U0DANA", "U0RAJ"}) {
        spawn(freezes(user));
    }
    spawn(signs_by_command("U0PETRA", "D-1"));
    spawn(signs_by_reply("U0JANE", "D-1"));
    spawn(signs_by_button("U0PETRA", "D-2"));
    spawn(plans_and_is_answered("U0ALICE", "U0JANE"));
    spawn(amends("U0DANA", "D-3"));
    spawn(reads("U0BOB"));
    spawn(presses_what_is_not_theirs("U0ANNE"));
}

}  // namespace durability
