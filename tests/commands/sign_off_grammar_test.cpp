#include "commands/reading/sign_off_grammar.hpp"

#include "commands/pipeline/events.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <random>

namespace slipway {

namespace {

const Date today{date::year{2026}, date::month{11}, date::day{24}};

/// "counts Jane Doe 2026-11-24", "counts @U0JANE 2026-11-24", "withdraws", "silent", "refused sign_off_form".
std::string outcome_of(const std::string& reply)
{
    const auto spoken = parse_reply(reply, today);
    if (const auto* given = std::get_if<SpokenSignOff>(&spoken)) {
        const auto name = given->mention.empty() ? given->name : "@" + given->mention.str();
        return "counts " + (name.empty() ? "" : name + " ") + iso(given->date);
    }
    if (const auto* refusal = std::get_if<Refusal>(&spoken)) {
        return "refused " + refusal->sentences.front().id;
    }
    return std::holds_alternative<SpokenWithdrawal>(spoken) ? "withdraws" : "silent";
}

struct SpokenRow {
    const char* what;
    const char* reply;
    const char* outcome;
};

constexpr auto jane = "counts Jane Doe 2026-11-24";

const std::vector<SpokenRow> forms{
    // Spelling and case.
    {"as the document has it", "Stakeholder sign-off: Jane Doe, 2026-11-24", jane},
    {"small letters", "stakeholder sign-off: Jane Doe, 2026-11-24", jane},
    {"capital letters", "STAKEHOLDER SIGN-OFF: Jane Doe, 2026-11-24", jane},
    {"two words", "Stakeholder sign off: Jane Doe, 2026-11-24", jane},
    {"one word", "Stakeholder signoff: Jane Doe, 2026-11-24", jane},
    {"capitals inside", "Stakeholder SignOff: Jane Doe, 2026-11-24", jane},
    {"possessive", "Stakeholder's sign-off: Jane Doe, 2026-11-24", jane},
    {"no space after the colon", "Stakeholder sign-off:Jane Doe,2026-11-24", jane},
    {"space before the colon", "Stakeholder sign-off : Jane Doe , 2026-11-24", jane},
    {"full-width colon", "Stakeholder sign-off\uFF1A Jane Doe, 2026-11-24", jane},
    {"full stop at the end", "Stakeholder sign-off: Jane Doe, 2026-11-24.", jane},
    {"blank lines around", "\n\nStakeholder sign-off: Jane Doe, 2026-11-24\n\n", jane},
    {"tabs and no-break spaces", "Stakeholder\u00A0sign-off:\tJane Doe,\u00A02026-11-24", jane},
    {"zero-width space inside", "Stake\u200Bholder sign-off: Jane Doe, 2026-11-24", jane},
    // Dashes.
    {"en dash", "Stakeholder sign\u2013off: Jane Doe, 2026-11-24", jane},
    {"em dash", "Stakeholder sign\u2014off: Jane Doe, 2026-11-24", jane},
    {"no-break hyphen", "Stakeholder sign\u2011off: Jane Doe, 2026-11-24", jane},
    {"minus sign", "Stakeholder sign\u2212off: Jane Doe, 2026-11-24", jane},
    {"dash instead of a colon", "Stakeholder sign-off \u2014 Jane Doe, 2026-11-24", jane},
    {"dash before the date", "Stakeholder sign-off: Jane Doe - 2026-11-24", jane},
    {"dashes in the date", "Stakeholder sign-off: Jane Doe, 2026\u201311\u201324", jane},
    // Decoration and quotes.
    {"bold", "*Stakeholder sign-off:* Jane Doe, 2026-11-24", jane},
    {"bold, as Markdown has it", "**Stakeholder sign-off**: Jane Doe, 2026-11-24", jane},
    {"italic", "_Stakeholder sign-off: Jane Doe, 2026-11-24_", jane},
    {"code", "`Stakeholder sign-off: Jane Doe, 2026-11-24`", jane},
    {"quoted", "\"Stakeholder sign-off: Jane Doe, 2026-11-24\"", jane},
    {"curly quotes", "\u201CStakeholder sign-off: Jane Doe, 2026-11-24\u201D", jane},
    {"quotes around the name", "Stakeholder sign-off: \"Jane Doe\", 2026-11-24", jane},
    {"as a bullet", "\u2022 Stakeholder sign-off: Jane Doe, 2026-11-24", jane},
    {"an emoji behind", "Stakeholder sign-off: Jane Doe, 2026-11-24 :tada:", jane},
    {"an emoji in front", ":white_check_mark: Stakeholder sign-off: Jane Doe, 2026-11-24", jane},
    {"brackets of the template", "Stakeholder sign-off: [Jane Doe], [2026-11-24]", jane},
    {"struck through", "~Stakeholder sign-off: Jane Doe, 2026-11-24~", "refused sign_off_struck"},
    // Names.
    {"a mention", "Stakeholder sign-off: <@U0JANE>, 2026-11-24", "counts @U0JANE 2026-11-24"},
    {"a mention with its label", "Stakeholder sign-off: <@U0JANE|jane>, today", "counts @U0JANE 2026-11-24"},
    {"commas in the name", "Stakeholder sign-off: Doe, Jane, 2026-11-24", "counts Doe, Jane 2026-11-24"},
    {"a generation", "Stakeholder sign-off: Jane Doe, Jr., 2026-11-24", "counts Jane Doe, Jr. 2026-11-24"},
    {"accents",
     "Stakeholder sign-off: Jos\u00E9 N\u00FA\u00F1ez, 2026-11-24",
     "counts Jos\u00E9 N\u00FA\u00F1ez 2026-11-24"},
    {"a full stop behind the name", "Stakeholder sign-off: Jane Li. 2026-11-24", "counts Jane Li 2026-11-24"},
    {"an initial keeps its own", "Stakeholder sign-off: Jane L. 2026-11-24", "counts Jane L. 2026-11-24"},
    {"an apostrophe", "Stakeholder sign-off: Miles O'Brien, 2026-11-24", "counts Miles O'Brien 2026-11-24"},
    {"a hyphen", "Stakeholder sign-off: Anne-Marie Roux, 2026-11-24", "counts Anne-Marie Roux 2026-11-24"},
    {"another script",
     "Stakeholder sign-off: \u5C71\u7530 \u592A\u90CE, 2026-11-24",
     "counts \u5C71\u7530 \u592A\u90CE 2026-11-24"},
    {"Japanese commas",
     "Stakeholder sign-off: \u5C71\u7530 "
     "\u592A\u90CE\u3001\uFF12\uFF10\uFF12\uFF16\u5E7411\u670824\u65E5\u3002",
     "counts \u5C71\u7530 \u592A\u90CE 2026-11-24"},
    {"Arabic, with its comma and digits",
     "Stakeholder sign-off: \u0644\u064A\u0644\u0649 \u062D\u0633\u0646\u060C "
     "\u0662\u0660\u0662\u0666-\u0661\u0661-\u0662\u0664",
     "counts \u0644\u064A\u0644\u0649 \u062D\u0633\u0646 2026-11-24"},
    {"Hebrew, with its hyphen and marks of direction",
     "Stakeholder sign-off: \u200F\u05D0\u05D1\u05D9\u05BE\u05D9\u05D5\u05E0\u05D4\u200F, 2026-11-24",
     "counts \u05D0\u05D1\u05D9\u05BE\u05D9\u05D5\u05E0\u05D4 2026-11-24"},
    {"Devanagari digits",
     "Stakeholder sign-off: \u0930\u093E\u092E, \u0968\u0966\u0968\u096C-\u0967\u0967-\u0968\u096A",
     "counts \u0930\u093E\u092E 2026-11-24"},
    {"a joiner inside a name stays",
     "Stakeholder sign-off: \u0645\u0647\u062F\u06CC\u200C\u0632\u0627\u062F\u0647, 2026-11-24",
     "counts \u0645\u0647\u062F\u06CC\u200C\u0632\u0627\u062F\u0647 2026-11-24"},
    {"an emoji of several behind",
     "Stakeholder sign-off: Jane Doe, 2026-11-24 "
     "\U0001F469\U0001F3FD\u200D\U0001F4BB\u2764\uFE0F\U0001F1E9\U0001F1EA",
     jane},
    {"an ampersand, as Slack sends it",
     "Stakeholder sign-off: A &amp; B, 2026-11-24",
     "counts A & B 2026-11-24"},
    {"no name: the writer", "Stakeholder sign-off", "counts 2026-11-24"},
    {"no name, but a colon", "Stakeholder sign-off:", "counts 2026-11-24"},
    {"a date alone", "Stakeholder sign-off: 2026-11-23", "counts 2026-11-23"},
    // Dates.
    {"no date: today", "Stakeholder sign-off: Jane Doe", jane},
    {"today", "Stakeholder sign-off: Jane Doe, today", jane},
    {"Today", "Stakeholder sign-off: Jane Doe, Today", jane},
    {"an earlier day", "Stakeholder sign-off: Jane Doe, 2026-11-20", "counts Jane Doe 2026-11-20"},
    {"Nov 24, 2026", "Stakeholder sign-off: Jane Doe, Nov 24, 2026", jane},
    {"November 24, 2026", "Stakeholder sign-off: Jane Doe, November 24, 2026", jane},
    {"Nov 24th 2026", "Stakeholder sign-off: Jane Doe, Nov 24th, 2026", jane},
    {"24 Nov 2026", "Stakeholder sign-off: Jane Doe, 24 Nov 2026", jane},
    {"24 November 2026", "Stakeholder sign-off: Jane Doe, 24 November 2026", jane},
    {"in brackets", "Stakeholder sign-off: Jane Doe (2026-11-24)", jane},
    {"without a comma", "Stakeholder sign-off: Jane Doe 2026-11-24", jane},
    {"tomorrow's date", "Stakeholder sign-off: Jane Doe, 2026-11-25", "refused sign_off_date_future"},
    {"next year", "Stakeholder sign-off: Jane Doe, Jan 2, 2027", "refused sign_off_date_future"},
    {"11/12/2026", "Stakeholder sign-off: Jane Doe, 11/12/2026", "refused sign_off_date_ambiguous"},
    {"12.11.2026", "Stakeholder sign-off: Jane Doe, 12.11.2026", "refused sign_off_date_ambiguous"},
    {"no day of the calendar",
     "Stakeholder sign-off: Jane Doe, 2026-02-30",
     "refused sign_off_date_impossible"},
    {"yesterday", "Stakeholder sign-off: Jane Doe, yesterday", "refused sign_off_date_unclear"},
    {"no year", "Stakeholder sign-off: Jane Doe, Nov 24", "refused sign_off_date_unclear"},
    // More than a sign-off.
    {"words behind the date",
     "Stakeholder sign-off: Jane Doe, 2026-11-24, but fix the footer",
     "refused sign_off_one_line"},
    {"a line of a longer message",
     "Looks fine.\nStakeholder sign-off: Jane Doe, 2026-11-24",
     "refused sign_off_one_line"},
    {"a cross in front", ":x: Stakeholder sign-off: Jane Doe, 2026-11-24", "refused sign_off_with_a_no"},
    {"a cross behind", "Stakeholder sign-off: Jane Doe, 2026-11-24 \u274C", "refused sign_off_with_a_no"},
    {"thumbs down", "Stakeholder sign-off: Jane Doe, 2026-11-24 :-1:", "refused sign_off_with_a_no"},
    {"thumbs down in front",
     "\U0001F44E Stakeholder sign-off: Jane Doe, 2026-11-24",
     "refused sign_off_with_a_no"},
    {"thumbs down with a skin tone",
     "Stakeholder sign-off: Jane Doe, 2026-11-24 :-1::skin-tone-3:",
     "refused sign_off_with_a_no"},
    {"thumbs down with a skin tone, as itself",
     "Stakeholder sign-off: Jane Doe, 2026-11-24 \U0001F44E\U0001F3FD",
     "refused sign_off_with_a_no"},
    {"no entry", "Stakeholder sign-off: Jane Doe, 2026-11-24 :no_entry:", "refused sign_off_with_a_no"},
    {"prohibited", "\U0001F6AB Stakeholder sign-off: Jane Doe, 2026-11-24", "refused sign_off_with_a_no"},
    {"a cross behind the cheer",
     "Stakeholder sign-off: Jane Doe, 2026-11-24 :tada: :x:",
     "refused sign_off_with_a_no"},
    {"a cross beside the name", "Stakeholder sign-off: Jane Doe \u274C, today", "refused sign_off_with_a_no"},
    {"a cross on a line of its own",
     "Stakeholder sign-off: Jane Doe, 2026-11-24\n:x:",
     "refused sign_off_with_a_no"},
    {"a cross alone", "Stakeholder sign-off :x:", "refused sign_off_with_a_no"},
    {"thumbs up with a skin tone", "Stakeholder sign-off: Jane Doe, 2026-11-24 :+1::skin-tone-3:", jane},
    {"a cross beside talk", "Stakeholder sign-off: pending :x:", "silent"},
    {"the hint, copied", "Stakeholder sign-off: [name], [date]", "refused sign_off_placeholder"},
    {"our own words, copied", "Stakeholder sign-off: your name, today", "refused sign_off_placeholder"},
    // Near misses are told the form.
    {"no colon", "Stakeholder sign-off Jane Doe", "refused sign_off_form"},
    {"without stakeholder", "Sign-off: Jane Doe, 2026-11-24", "refused sign_off_form"},
    {"signed off", "Signed off: Jane Doe", "refused sign_off_form"},
    {"a slip of the finger", "Stakholder sign-off: Jane Doe", "refused sign_off_form"},
    {"two letters in each other's place", "Stakehodler sign-off: Jane Doe", "refused sign_off_form"},
    {"another word", "Placeholder sign-off: Jane Doe", "silent"},
    // Talk.
    {"a question", "Stakeholder sign-off: Jane Doe?", "silent"},
    {"a question about it", "Who gives the stakeholder sign-off?", "silent"},
    {"talk about it", "Stakeholder sign-off is still missing", "silent"},
    {"pending", "Stakeholder sign-off: pending", "silent"},
    {"somebody's opinion", "Looks good to me", "silent"},
    {"quoted from somebody", "> Stakeholder sign-off: Jane Doe, 2026-11-24\nIs this enough?", "silent"},
    {"nothing", "", "silent"},
    {"white space", " \n\t ", "silent"},
    {"an emoji", ":+1:", "silent"},
    // Withdrawals.
    {"withdraw", "Withdraw sign-off", "withdraws"},
    {"withdraw, in small letters", "withdraw signoff", "withdraws"},
    {"withdraw my stakeholder sign-off", "I withdraw my stakeholder sign-off.", "withdraws"},
    {"withdrawn", "Stakeholder sign-off withdrawn", "withdraws"},
    {"withdrawing is not asked", "Should I withdraw my sign-off?", "silent"},
};

Person person(const std::string& real, const std::string& display = {})
{
    Person made;
    made.id = UserId("U0JANE");
    made.real_name = real;
    made.display_name = display;
    return made;
}

struct NameRow {
    const char* typed;
    const char* real;
    const char* display;
    bool own;
};

const std::vector<NameRow> names{
    {"Jane Doe", "Jane Doe", "", true},
    {"jane doe", "Jane Doe", "", true},
    {"Jane Mary Doe", "Jane Doe", "", true},
    {"Jane Doe", "Jane M. Doe", "", true},
    {"Jose Nunez", "Jos\u00E9 N\u00FA\u00F1ez", "", true},
    {"Juergen Mueller", "J\u00FCrgen M\u00FCller", "", true},
    {"Strasse, Jo", "Jo Stra\u00DFe", "", true},
    {"Isik Inan", "I\u015F\u0131k \u0130nan", "", true},
    {"O\u00B4Brien, Miles", "Miles O'Brien", "", true},
    {"\uFF2A\uFF21\uFF2E\uFF25 Doe", "Jane Doe", "", true},
    {"\u0623\u062D\u0645\u062F", "\u0627\u062D\u0645\u062F", "", true},
    {"\u05D3\u05D5\u05D3 \u05DC\u05D5\u05D9",
     "\u05D3\u05B8\u05BC\u05D5\u05B4\u05D3 \u05DC\u05B5\u05D5\u05B4\u05D9",
     "",
     true},
    {"\u0930\u092E\u093E", "\u0930\u0940\u092E\u093E", "", false},
    {"\u0E2A\u0E21\u0E0A\u0E22", "\u0E2A\u0E21\u0E0A\u0E31\u0E22", "", false},
    {"Doe, Jane", "Jane Doe", "", true},
    {"Doe, Jane M.", "Jane Mary Doe", "", true},
    {"Jane D. Doe", "Jane Doe", "", true},
    {"Jane (Janey) Doe", "(Janey) Jane Doe", "", true},
    {"janedoe", "Jane Doe (she/her)", "", true},
    {"janed", "Jane Doe", "janed", true},
    {"Jane Doe", "Jane Doe (she/her)", "", true},
    {"Jane Doe (she/her)", "Jane Doe (she/her)", "", true},
    {"Jane Doe - on leave", "Jane Doe - on leave", "", true},
    {"Jane Doe | Product", "Jane Doe", "Jane Doe | Product", true},
    {"Jane", "Jane Doe", "", false},
    {"Doe", "Jane Doe", "", false},
    {"John Doe", "Jane Doe", "", false},
    {"Jane Dow", "Jane Doe", "", false},
    {"J Doe", "Jane Doe", "", false},
    {"Jane Doe, John Roe", "Jane Doe", "", false},
    {"Jane (Janey) Doe", "Jane Doe", "", true},
    {"Jane [Janey] Doe", "Jane Doe", "", true},
    {"Kim (No) Soo", "Kim No Soo", "", true},
    // What stands behind the name may say no.
    {"Jane Doe - not approved yet", "Jane Doe", "", false},
    {"Jane Doe \u2014 not approved yet", "Jane Doe", "", false},
    {"Jane Doe (only if the footer is fixed)", "Jane Doe", "", false},
    {"Jane Doe [not yet]", "Jane Doe", "", false},
    {"Petra (not yet) Pohl", "Petra Pohl", "", false},
    {"Petra Not Yet Pohl", "Petra Pohl", "", false},
    {"Petra (Nein) Pohl", "Petra Pohl", "", false},
    {"Petra (noch nicht) Pohl", "Petra Pohl", "", false},
    {"Petra (can't, sorry) Pohl", "Petra Pohl", "", false},
    {"Petra (n\u00E3o) Pohl", "Petra Pohl", "", false},
    {"Petra (if the footer is fixed) Pohl", "Petra Pohl", "", false},
    {"Pohl, Petra (never)", "Petra Pohl", "", false},
    {"Petra (no) M. Pohl", "Petra Mary Pohl", "", false},
    {"Petra (not) Pohl", "Petra N. Pohl", "", false},
    {"Jane Doe / John Roe", "Jane Doe", "", false},
    {"Jane Doe | John Roe", "Jane Doe", "", false},
    {"Jane Doe :hourglass:", "Jane Doe", "", false},
    {"Jane Doe (not yet)", "Jane Doe (she/her)", "", false},
    {"Jane (she/her)", "Jane Doe (she/her)", "", false},
    {"", "Jane Doe", "", false},
    {"", "", "", false},
    {"Jane Doe", "", "", false},
};

}  // namespace

TEST_CASE("which replies are sign-offs", "[commands][sign_off]")
{
    for (const auto& row : forms) {
        INFO(row.what << ": " << row.reply);
        CHECK(outcome_of(row.reply) == row.outcome);
    }
    CHECK(forms.size() >= 60);
}

TEST_CASE("a name is the writer's own, or it is not", "[commands][sign_off]")
{
    for (const auto& row : names) {
        INFO(row.typed << " as " << row.real);
        CHECK(is_own_name(row.typed, person(row.real, row.display)) == row.own);
    }
}

TEST_CASE("the Linear comment is one line, and nothing in it is markup", "[commands][sign_off]")
{
    CHECK(sign_off_comment("Jane Doe", today) == "Stakeholder sign-off: Jane Doe, 2026-11-24");
    CHECK(withdrawal_comment("Jane Doe", today) == "Stakeholder sign-off withdrawn: Jane Doe, 2026-11-24");
    CHECK(sign_off_comment("*J*_D_", today) == R"(Stakeholder sign-off: \*J\*\_D\_, 2026-11-24)");
    CHECK(sign_off_comment("[x](y)", today) == R"(Stakeholder sign-off: \[x\]\(y\), 2026-11-24)");
    CHECK(sign_off_comment("Jane\nDoe", today) == "Stakeholder sign-off: Jane Doe, 2026-11-24");
}

TEST_CASE(
    "whatever is typed, the reader of sign-offs answers, and only the form counts", "[commands][sign_off]"
)
{
    static const std::vector<std::string> pieces{
        "Stakeholder", "sign-off",     "signoff",    ":",      ",",
        " ",           "\n",           "*",          "~",      "`",
        ">",           "<@U0JANE>",    "<@",         "|",      "Jane Doe",
        "2026-11-24",  "Nov 24, 2026", "11/12/2026", "today",  "\xF0\x9F\x8E\x89",
        "\xFF",        "\xC3",         "[",          "]",      "(",
        "?",           "withdraw",     "\u2014",     "\u200B", "&lt;",
        "9999999999",  "\u202E",
    };
    std::mt19937 random(GENERATE(range(0U, 50U)));
    for (int round = 0; round < 100; ++round) {
        std::string text;
        for (auto count = std::uniform_int_distribution(0, 14)(random); count > 0; --count) {
            text += pieces[std::uniform_int_distribution<std::size_t>(0, pieces.size() - 1)(random)];
        }
        const auto spoken = parse_reply(text, today);
        if (const auto* given = std::get_if<SpokenSignOff>(&spoken)) {
            INFO(text);
            CHECK(given->date.ok());
            CHECK(given->date <= today);
            CHECK(text.find("Stakeholder") != std::string::npos);
        }
    }
}

TEST_CASE("a well-formed reply counts for any name", "[commands][sign_off]")
{
    static const std::vector<std::string> parts{
        "Jane",
        "O'Neil",
        "N\u00FA\u00F1ez",
        "van der Berg",
        "\u5C71\u7530",
        "Zo\u00EB",
        "\u0418\u0432\u0430\u043D",
        "Al-Amin",
        "Smith-Jones",
        "St. John"};
    std::mt19937 random(GENERATE(range(0U, 30U)));
    const auto any = [&] {
        return parts[std::uniform_int_distribution<std::size_t>(0, parts.size() - 1)(random)];
    };
    const auto name = any() + " " + any();
    CHECK(outcome_of("Stakeholder sign-off: " + name + ", 2026-11-24") == "counts " + name + " 2026-11-24");
}

}  // namespace slipway
