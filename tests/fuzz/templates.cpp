// People's text in every place that shows it, and an operator's own templates. What comes out, Slack takes.
#include "tests/simulator/block_kit.hpp"
#include "tests/templates/shown_deployment.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

using namespace slipway;

void must_be_taken(const std::vector<std::string>& mistakes)
{
    for (const auto& mistake : mistakes) {
        std::cerr << mistake << '\n';
        std::abort();
    }
}

void show(const std::string& text)
{
    static const templates::Library library;
    auto plan = templates::testing::ShownDeployment::plan_called(text);
    plan.changes = {text, text};
    plan.rollback_plan = text;
    plan.expected_impact = text;
    plan.pull_request = text;
    plan.flag = text;
    plan.linear_issue = text;
    templates::testing::ShownDeployment scene(plan);
    const auto shown = templates::card(scene.deployment, scene.view());
    must_be_taken(simulator::mistakes_in_message(shown.blocks));
    for (const auto* kind : {"pre_deployment", "post_deployment", "escalation", "rollback"}) {
        const auto notice = library.notice({kind, {}, {}}, scene.deployment, scene.view());
        must_be_taken(simulator::mistakes_in_message(notice.blocks));
    }
    Request request;
    request.verb = "plan";
    request.text = text.substr(0, 3'000);
    must_be_taken(simulator::mistakes_in_view(templates::modal(request, nullptr, scene.view())));
    request.verb = "amend";
    must_be_taken(simulator::mistakes_in_view(templates::modal(request, &scene.deployment, scene.view())));
    must_be_taken(
        simulator::mistakes_in_view(templates::home(UserId("U0BOB"), {scene.deployment}, {}, scene.view()))
    );
    const auto refusal = say("declined_by", {{"reason", text}});
    if (library.plain(refusal).find('\n') != std::string::npos && text.find('\n') == std::string::npos) {
        std::abort();
    }
    (void)library.postmortem(scene.deployment, scene.view());
}

/// Reads `text` as an operator's own file: taken, or refused with all that is wrong.
void override_with(const std::string& name, const std::string& text)
{
    static const auto folder = [] {
        const auto made =
            std::filesystem::temp_directory_path() / ("slipway-fuzz-" + std::to_string(::getpid()));
        std::filesystem::create_directories(made);
        return made;
    }();
    std::ofstream(folder / name, std::ios::binary) << text;
    try {
        const templates::Library library(folder);
        templates::testing::ShownDeployment scene;
        (void)library.notice({"pre_deployment", {}, {}}, scene.deployment, scene.view());
    }
    catch (const std::runtime_error& refused) {
        if (std::string(refused.what()).find("mistakes") == std::string::npos) {
            throw;
        }
    }
    std::filesystem::remove(folder / name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string text(data + 1, data + size);
    switch (data[0] % 4) {
        case 0:
            override_with("pre_deployment.md", text);
            break;
        case 1:
            override_with("sentences.txt", text);
            break;
        default:
            show(text);
    }
    return 0;
}
