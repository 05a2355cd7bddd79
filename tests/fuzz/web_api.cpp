// What Slack's Web API answers, for every method that reads something out of it.
#include "bot/slack/web_api.hpp"

#include "tests/fuzz/fake_http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace slipway;
    fuzz::FakeHttp http;
    http.response = fuzz::response_of(data, size);
    fuzz::StillClock clock;
    slack::WebApi asked(http, clock, "https://slack.example/api/", "xoxb-test");
    fuzz::run(asked.auth_test());
    fuzz::run(asked.post_message({ChannelId("C1"), "text"}));
    fuzz::run(asked.update_message({ChannelId("C1"), "text"}, "1.000001"));
    fuzz::run(asked.post_ephemeral({ChannelId("C1"), "text"}, UserId("U1")));
    fuzz::run(asked.find_message(ChannelId("C1"), "", "id", Instant{}));
    fuzz::run(asked.open_view("trigger", {}));
    fuzz::run(asked.publish_view(UserId("U1"), {}));
    fuzz::run(asked.replies(ChannelId("C1"), "1.000001", Instant{}));
    fuzz::run(asked.profile(UserId("U1")));
    fuzz::run(asked.user_with_email("a@b.example"));
    fuzz::run(asked.user_groups());
    fuzz::run(asked.user_group_members("S1"));
    fuzz::run(asked.channel(ChannelId("C1")));
    fuzz::run(asked.direct_channel(UserId("U1")));
    fuzz::run(asked.permalink(ChannelId("C1"), "1.000001"));
    fuzz::run(asked.share_file(ChannelId("C1"), "1.000001", "name.md", "title", "content"));
    return 0;
}
