#pragma once

#include "commands/pipeline/decision.hpp"
#include "commands/pipeline/verb.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace slipway::templates {

/// A message ready for chat.postMessage or chat.update: `text` is the plain fallback that a notification and
/// a screen reader show; `blocks` at most 50.
struct SlackMessage {
    std::string text;
    boost::json::array blocks;
};

class Library;

/// What a card, a notice or a modal may show beside its deployment.
struct View {
    Instant now;
    const Policy* policy = nullptr;   ///< never null
    const RoleBook* roles = nullptr;  ///< never null
    const TeamState* team = nullptr;  ///< never null
    std::map<UserId, std::string>
        names;                         ///< printed names where text cannot mention (Linear, files, fallbacks)
    const Library* library = nullptr;  ///< never null
    std::span<const Verb> verbs{};     ///< the table of them
    std::set<UserId> deactivated{};    ///< whose account in Slack is known to be
    std::map<UserId, std::string> statuses{};  ///< what people say of themselves in Slack: "On holiday"
};

/// The text files: embedded in the binary, each overridden by the file of the same name in a directory.
class Library {
public:
    /// Reads and checks every template, filled in with a sample. Throws std::runtime_error listing all
    /// mistakes (file, line, what): a variable that does not exist, an unclosed section, a sentence defined
    /// twice, what is not UTF-8, and what Slack would not take. `command` is how this workspace spells the
    /// slash command.
    explicit Library(const std::filesystem::path& overrides = {}, std::string command = "/deploy");

    /// The announcement `notice.kind` for Slack.
    [[nodiscard]] SlackMessage notice(const Notice& notice, const Deployment& deployment, const View& view)
        const;

    /// The post-mortem draft with its timeline filled from the ledger (Markdown).
    [[nodiscard]] std::string postmortem(const Deployment& deployment, const View& view) const;

    /// A sentence in mrkdwn (people's text escaped) and as plain text (for modal errors and logs).
    [[nodiscard]] std::string mrkdwn(const Sentence& sentence) const;
    /// Plain text cannot mention: a person appears by the name in `names`, else by id.
    [[nodiscard]] std::string plain(const Sentence& sentence, const std::map<UserId, std::string>& names = {})
        const;

    /// A refusal as one mrkdwn text: a sentence, or a list of them.
    [[nodiscard]] std::string mrkdwn(const Refusal& refusal) const;

    /// Every sentence in Markdown, to be read through: docs/sentences.md.
    [[nodiscard]] std::string sentences_reference() const;

private:
    [[nodiscard]] std::string filled(const Sentence& sentence, std::string (*escape)(const std::string&))
        const;

    std::map<std::string, std::string> files_;      ///< template name -> Markdown
    std::map<std::string, std::string> sentences_;  ///< sentence id -> text
    std::string command_;
};

/// The living card with the buttons its state allows. Button `action_id` is "verb:NAME" (with ":n" where one
/// card has the verb twice), `value` is JSON {"v":1,"d":12,"r":revision,…fields}.
[[nodiscard]] SlackMessage card(const Deployment& deployment, const View& view);

/// The form of the request's verb as views.open wants it: callback_id "modal:VERB", private_metadata JSON
/// {"v":1,"d":12,"r":3,"c":"C0DEPLOYS"}; each input's block_id is the field's key in Request::fields and its
/// action_id is "value". What the request holds already pre-fills its fields. Throws std::logic_error where
/// the verb has no form.
[[nodiscard]] boost::json::object modal(
    const Request& request, const Deployment* deployment, const View& view
);

/// A modal that says `mrkdwn` and asks for nothing: while a form is being made, or in its place.
[[nodiscard]] boost::json::object message_modal(const std::string& mrkdwn);

/// App Home of `person`.
[[nodiscard]] boost::json::object home(
    const UserId& person,
    const std::vector<Deployment>& active,
    const std::vector<Deployment>& recent,
    const View& view
);

/// `text` made safe for mrkdwn: & < > escaped, control and bidi characters removed, and what would format it
/// neutralised with zero-width spaces, but not inside words, addresses and `code`, which people copy.
[[nodiscard]] std::string escape_mrkdwn(const std::string& text);

/// `text` made safe for Markdown on one line: what Markdown would interpret there is backslash-escaped,
/// control characters become spaces.
[[nodiscard]] std::string escape_markdown(const std::string& text);

}  // namespace slipway::templates
