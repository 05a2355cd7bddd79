// The shapes of co_await that GCC 12 gets wrong, and their neighbours that it gets right
// (docs/development.md).
#include "commands/pipeline/decision.hpp"
#include "storage/store.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl.hpp>    // BAD
#include <boost/beast/core.hpp>  // BAD

namespace slipway {

boost::asio::awaitable<void> good(Api& api, Post post)
{
    co_await api.send(std::move(post));
    (void)co_await api.send(make_post(post.channel, "a; b"));
    auto answer = co_await api.send(post);
    const auto [ts, channel] = co_await api.next_layer().send(std::string(40, 'y'), posts[0]);
    answer = co_await api.send(post);
    if (const auto found = co_await api.find(post, {}); found) {
        co_await api.send(post);
    }
    while (co_await api.is_open(post)) {
        co_await api.wait();
    }
    switch (answer.kind) {
        case Kind::post:
            co_await api.send(post);
            break;
    }
    {
        const auto text = co_await api.send(R"(a { co_await b;
            co_await c(Post{d})
        )");
    }
    for (const auto& each : posts) {
        co_await api.send(each);  // "co_await f(co_await g())" is only said here
    }
    auto begun = [](Api& given) -> boost::asio::awaitable<void> { co_await given.wait(); };
}

boost::asio::awaitable<Post> bad(Api& api, Post post)
{
    co_await api.send(Post{post.channel, "text"});                          // BAD
    co_await api.send({.channel = post.channel, .text = "text"});           // BAD
    co_await api.send(std::move(post), std::move(id), Post{post.channel});  // BAD
    auto answer = co_await api.send(                                        // BAD
        std::move(post),
        Post{post.channel, "text"}
    );
    auto both = combined(
        post,
        co_await api.fetch(post)  // BAD
    );
    const Post made{post.channel, (co_await api.fetch(post)).text};                   // BAD
    const Post named{.channel = co_await api.fetch(post)};                            // BAD
    posts.push_back(co_await api.fetch(post));                                        // BAD
    auto one = co_await api.fetch(co_await api.find(post));                           // BAD
    auto other = post.is_new ? co_await api.fetch(post) : post;                       // BAD
    auto last = post.is_new ? post : co_await api.fetch(post);                        // BAD
    co_await [post](Api& given) -> boost::asio::awaitable<void> { co_return; }(api);  // BAD
    co_await boost::asio::co_spawn(                                                   // BAD
        executor,
        [&] { return send(post); },
        token
    );
    throw Failure(co_await api.fetch(post));                            // BAD
    if (post.is_new && co_await api.fetch(post)) {                      // BAD
        co_return Post{post.channel, (co_await api.fetch(post)).text};  // BAD
    }
    co_return co_await api.fetch(post);  // BAD
}

}  // namespace slipway
