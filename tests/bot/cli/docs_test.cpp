// What docs/ and README.md say of the sources is so.
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <vector>

namespace slipway {

namespace {

const std::filesystem::path root = SLIPWAY_SOURCE_DIR;

std::string contents(const std::filesystem::path& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The text between ``` and ``` with the last file that was named before it.
struct Block {
    std::string file, text;
};

std::vector<Block> blocks_of(const std::string& markdown)
{
    static const std::regex named("`([a-z_]+/[a-z_/]+[.][a-z]+)`");
    std::vector<Block> blocks;
    std::string file;
    bool inside = false;
    std::istringstream lines(markdown);
    for (std::string line; std::getline(lines, line);) {
        std::smatch part;
        if (line.starts_with("```")) {
            inside = !inside;
            if (inside) {
                blocks.push_back({file, ""});
            }
        }
        else if (inside) {
            blocks.back().text += line + "\n";
        }
        else if (std::regex_search(line, part, named)) {
            file = part[1];
        }
    }
    return blocks;
}

std::vector<std::filesystem::path> documents()
{
    std::vector<std::filesystem::path> files{root / "packaging/README.md"};
    for (const auto* name : {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}) {
        files.push_back(root / name);
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs")) {
        if (entry.path().extension() == ".md") {
            files.push_back(entry.path());
        }
    }
    return files;
}

}  // namespace

TEST_CASE("the worked example of a verb is the code that is compiled", "[bot][docs]")
{
    const auto blocks = blocks_of(contents(root / "docs/adding-a-verb.md"));
    CHECK(blocks.size() == 6);
    for (const auto& block : blocks) {
        CAPTURE(block.file, block.text);
        CHECK(contents(root / block.file).find(block.text) != std::string::npos);
    }
}

TEST_CASE("every link between the documents leads somewhere", "[bot][docs]")
{
    static const std::regex link(R"(\]\(([^)#:]+)(#[^)]*)?\))");
    int found = 0;
    for (const auto& file : documents()) {
        const auto text = contents(file);
        for (std::sregex_iterator each(text.begin(), text.end(), link), end; each != end; ++each) {
            CAPTURE(file.string(), (*each)[1].str());
            CHECK(std::filesystem::exists(file.parent_path() / (*each)[1].str()));
            ++found;
        }
    }
    CHECK(found > 10);
}

TEST_CASE("docs/operating.md has every figure of /metrics", "[bot][docs]")
{
    static const std::regex metric("\"(slipway_[a-z_]+)\"");
    const auto source = contents(root / "bot/inbox/endpoints.cpp");
    const auto text = contents(root / "docs/operating.md");
    int found = 0;
    for (std::sregex_iterator each(source.begin(), source.end(), metric), end; each != end; ++each) {
        CAPTURE((*each)[1].str());
        CHECK(text.find("`" + (*each)[1].str() + "`") != std::string::npos);
        ++found;
    }
    CHECK(found > 5);
}

}  // namespace slipway
