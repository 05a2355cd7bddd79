// What Linear answers to a comment and to the doctor. Nothing but its own words counts as delivered.
#include "bot/linear/client.hpp"
#include "tests/fuzz/fake_http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    using namespace slipway;
    fuzz::FakeHttp http;
    http.response = fuzz::response_of(data, size);
    (void)linear::read_comment_answer(http.response, "2b4c1f0e-7a55-4c7e-9d53-1f2a3b4c5d6e");
    linear::Client client(http, "https://linear.example/graphql", "lin-test");
    fuzz::run(client.comment_create("2b4c1f0e-7a55-4c7e-9d53-1f2a3b4c5d6e", "ENG-123", "body"));
    fuzz::run(client.check("ENG-123"));
    return 0;
}
