// parse_slash: what people type after a slash command.
#include "commands/verbs/slash.hpp"

#include "commands/text/letters.hpp"
#include "commands/text/pattern.hpp"
#include "commands/verbs/table.hpp"

#include <algorithm>
#include <string_view>

namespace slipway {

namespace {

/// Whether `letter` parts words: the spaces that web pages and phones put where a space was meant, too.
bool is_blank(char32_t letter)
{
    const auto plain = plain_letter(letter);
    return plain == U' ' || plain == U'\n' || letter == U'\r';
}

/// Without blanks, and without what nobody sees and stands before a word when it was pasted.
std::string_view without_blanks_before(std::string_view text)
{
    while (!text.empty()) {
        const auto [letter, bytes] = front_letter(text);
        if (!is_blank(letter) && plain_letter(letter) != 0) {
            break;
        }
        text.remove_prefix(bytes);
    }
    return text;
}

/// Takes the first word off `text`, which then begins with the next one.
std::string_view take_word(std::string_view& text)
{
    text = without_blanks_before(text);
    std::size_t end = 0;
    while (end < text.size()) {
        const auto [letter, bytes] = front_letter(text.substr(end));
        if (is_blank(letter)) {
            break;
        }
        end += bytes;
    }
    const auto word = text.substr(0, end);
    text = without_blanks_before(text.substr(end));
    return word;
}

/// A word of the option syntax: lower case, plain dashes and digits, nothing invisible.
std::string plain_word(std::string_view word)
{
    constexpr std::size_t longest = 64;
    auto letters = plain_letters(std::string(word.substr(0, longest)));
    for (auto& letter : letters) {
        if (letter >= U'A' && letter <= U'Z') {
            letter = letter - U'A' + U'a';
        }
    }
    return to_utf8(letters);
}

/// "D-12", "d12", "#12", "12", "D 12", with a colon or comma after it; taken off `rest` where it stands
/// there.
std::optional<DeploymentId> take_deployment(std::string_view& rest, bool is_needed)
{
    static const Pattern form(R"((d-?|#)?([0-9]{1,9})[:,.]?)");
    auto after = rest;
    auto word = plain_word(take_word(after));
    if (word == "d" || word == "d-") {
        word += plain_word(take_word(after));
    }
    const auto match = form.match(word);
    if (!match) {
        return std::nullopt;
    }
    // Never guess: "rollback 5 errors a minute" names no deployment.
    if ((*match)[1].empty() && !is_needed && !after.empty()) {
        return std::nullopt;
    }
    rest = after;
    return DeploymentId{std::stoi((*match)[2])};
}

/// `oncall swap …` and the like are verbs of their own, whose usage begins with both words.
void take_second_word(Request& request, std::string_view& rest)
{
    auto after = rest;
    const auto both = request.verb + " " + plain_word(take_word(after));
    for (const auto& verb : verbs()) {
        const bool is_said = verb.usage == both || verb.usage.starts_with(both + " ");
        if (is_said && verb.name != request.verb) {
            request.verb = verb.name;
            rest = after;
            return;
        }
    }
}

std::string_view without_blanks_after(std::string_view text)
{
    const auto end = text.find_last_not_of(" \t\n\r");
    return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// A word of the option syntax or an address, without what writing puts around it: `(ENG-123),` and Slack's
/// `<https://…|label>`.
std::string bare_word(std::string_view word)
{
    constexpr std::string_view around = "<>()[]\"',.;:!";
    word = word.substr(0, word.find('|'));
    const auto first = word.find_first_not_of(around);
    const auto last = word.find_last_not_of(around);
    return first == std::string_view::npos ? std::string{}
                                           : std::string(word.substr(first, last - first + 1));
}

void take_links(Request& request)
{
    // No team's issues are called after a standard: "UTF-8", "ISO-8601".
    static const Pattern issue(
        R"(https://linear\.app/\S+/issue/\S+|(?!(?:UTF|ISO|RFC|SHA|HTTP)-)[A-Z][A-Z0-9]{0,9}-[0-9]{1,7})"
    );
    static const Pattern pull_request(R"((https://[^/\s]+/[^/\s]+/[^/\s]+/pull/[0-9]+)(?:[/?#]\S*)?)");
    constexpr std::size_t longest_address = 500;  // what a form takes
    std::string_view rest = request.text;
    while (!rest.empty()) {
        const auto word = bare_word(take_word(rest));
        if (word.size() > longest_address) {
            continue;
        }
        if (!request.fields.contains("linear_issue") && issue.matches(word)) {
            request.fields["linear_issue"] = word;
        }
        else if (const auto found = pull_request.match(word); found) {
            request.fields.emplace("pull_request", (*found)[1]);
        }
    }
}

}  // namespace

void take_item(Request& request, std::string_view rest)
{
    if (const auto list = plain_word(take_word(rest)); !list.empty()) {
        request.fields["checklist"] = list;
    }
    if (const auto item = plain_word(take_word(rest)); !item.empty()) {
        request.fields["item"] = item;
    }
}

void take_plan(Request& request, std::string_view rest)
{
    request.text = without_blanks_after(rest);
    take_links(request);
}

Result<Request> parse_slash(std::string_view text, std::string_view verb)
{
    const auto seen = without_invisible(std::string(text));
    auto rest = without_blanks_before(seen);
    Request request;
    request.verb = verb.empty() ? plain_word(take_word(rest)) : std::string(verb);
    if (request.verb.empty()) {
        request.verb = "overview";
    }
    const auto* known = find_verb(request.verb);
    if (known == nullptr || known->offered != Offered::to_people) {
        return refuse(say("verb_unknown", {{"word", request.verb}, {"nearest", nearest_verb(request.verb)}}));
    }
    request.verb = known->name;
    take_second_word(request, rest);
    known = find_verb(request.verb);
    if (known->needs_deployment || known->usage.find("D-n") != std::string_view::npos) {
        request.deployment = take_deployment(rest, known->needs_deployment);
    }
    if (known->parse != nullptr) {
        known->parse(request, rest);
    }
    else {
        request.text = without_blanks_after(rest);
    }
    return request;
}

}  // namespace slipway
