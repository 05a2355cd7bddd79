#pragma once

#include "commands/pipeline/decision.hpp"
#include "commands/pipeline/request.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// Where a verb may be said.
enum class Offered {
    to_people,   ///< slash command, button, form
    in_threads,  ///< only in what people write, most of it in a deployment's thread
    to_bot,      ///< timers and signals only
};

/// What a decision looks at beyond the record.
enum class Reads {
    nothing,
    github,   ///< the facts of Gate 1: Snapshot::github
    head,     ///< of these the head of the pull request alone
    runbook,  ///< its text: the field "runbook"
    issue,    ///< whether Linear knows the one that is named: the field "not_in_linear" where it doesn't
};

/// Who may say a verb: everybody who counts, unless roles or a rule say otherwise.
struct Who {
    std::vector<Role> roles{};  ///< any of them
    /// What the roles alone do not say.
    Result<void> (*rule)(const Request&, const Snapshot&) = nullptr;
    bool of_a_deployment =
        false;  ///< asked only where a deployment is named; without one the verb asks which
};

/// What may be chosen: the value that the verb gets, and how it reads.
struct Choice {
    std::string value, label;
};

/// One field of a form.
struct FormField {
    enum class Kind {
        line,
        lines,
        choice,
        person,
        moment,  ///< in seconds since 1970
        ticks,   ///< the items of the checklist that the request names
    };

    std::string_view key;  ///< in Request::fields
    std::string_view label;
    Kind kind = Kind::line;
    bool optional = false;
    bool (*optional_where)(const Snapshot&) = nullptr;  ///< optional there; null for nowhere else
    std::string_view hint = {};
    /// What it holds at first, unless the request has it; null for nothing.
    std::string (*initial)(const Request&, const Snapshot&) = nullptr;
    std::vector<Choice> (*choices)(const Snapshot&) = nullptr;
    /// Whether it is asked for; null for always.
    bool (*asked)(const Snapshot&) = nullptr;
};

/// What asks for a verb's fields. The labels are fixed (design 5): other people's tools rely on them.
struct Form {
    std::string_view title{};  ///< the deployment's number follows; empty for the checklist's own
    std::string_view submit = "Save";
    std::vector<FormField> fields{};  ///< none: there is no form
};

/// What a form still has to ask when its verb was typed.
enum class Typed {
    answers_with_words,  ///< nothing, where words follow the verb
    begins_the_form,     ///< everything: the words are where it begins
    answers,             ///< nothing
};

/// One row of the table of verbs.
struct Verb {
    std::string_view name;
    std::string_view also = {};     ///< how it is spelled too
    std::string_view usage = {};    ///< "signoff D-n [note]"; a verb without one stays out of help
    std::string_view summary = {};  ///< one line for help
    std::string_view example = {};
    std::string_view label = {};    ///< of its buttons, where they say no more
    std::string_view style = {};    ///< of its buttons: "danger"
    std::string_view confirm = {};  ///< the sentence that a button of it asks first; empty for none
    bool is_command = false;        ///< a slash command of its own
    bool needs_deployment = false;  ///< refused with a sentence when none is named or it does not exist
    bool never_stale = false;       ///< said of any revision, whatever the button was shown for
    Offered offered = Offered::to_people;
    Who who = {};
    StageSet stages = any_stage;  ///< where it may be said of a deployment; refused elsewhere with a sentence
    Reads reads = Reads::nothing;
    /// Takes what was typed after verb and deployment apart; null: it is the request's text.
    void (*parse)(Request&, std::string_view rest) = nullptr;
    Form form = {};
    std::string_view asked_if = {};  ///< the form opens only where a button has this field; empty: always
    std::vector<std::string_view> asked_unless = {};  ///< fields that answer what the form would ask
    Typed typed = Typed::answers_with_words;
    Result<Decision> (*decide)(const Request&, const Snapshot&) = nullptr;
};

}  // namespace slipway
