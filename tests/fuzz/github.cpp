// What GitHub answers about a pull request: what cannot be read is never taken for green.
#include "bot/github/pull_request.hpp"
#include "tests/fuzz/fake_http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace slipway;
    fuzz::FakeHttp http;
    http.response = fuzz::response_of(data, size);
    static const SystemClock clock;
    static const Policy policy = document_policy();
    github::Client client(http, clock, policy, "https://github.example", "gh-test");
    fuzz::run(client.gate1("https://github.com/acme/web/pull/12", "ENG-123"));
    (void)pull_request_from(http.response.body);
    return 0;
}
