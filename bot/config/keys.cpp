#include "bot/config/config.hpp"

namespace slipway {

const std::vector<ConfigKey>& config_keys()
{
    static const std::vector<ConfigKey> keys{
        {"timezone", "string", "America/New_York", "The team's time zone, by its IANA name"},
        {"command", "string", "/deploy", "How this workspace spells the slash command, for sentences"},
        {"log_level", "string", "info", "trace, debug, info, warn or error"},
        {"slack.channel", "string", "", "Id of the channel for cards and notices (required)"},
        {"slack.connections", "integer", "2", "Socket Mode connections, 1 to 4"},
        {"linear.mirror",
         "list of strings",
         "[\"sign_offs\"]",
         "What becomes a Linear comment: sign_offs, lifecycle"},
        {"store.path", "string", "slipway.db", "The SQLite file"},
        {"templates.directory", "string", "", "Text files here override the embedded ones of the same name"},
        {"runbook.file", "string", "", "The runbook in Markdown; the last good copy is kept in the store"},
        {"http.address",
         "string",
         "127.0.0.1",
         "Where /healthz, /readyz, /metrics and /v1/signals are served"},
        {"http.port", "integer", "8787", "0 lets the system choose"},
        {"tls.ca_file", "string", "", "PEM file of a further root certificate"},
        {"audit.channel",
         "string",
         "",
         "Id of a channel where the head of the ledger is posted daily, so that a rebuilt ledger is found "
         "out"},
        {"roles.developers", "list of strings", "[]", "User ids, e-mails or \"@usergroup\""},
        {"roles.dev_lead", "list of strings", "[]", "Gives the go, records exceptions"},
        {"roles.product_lead", "list of strings", "[]", "Signs off every change"},
        {"roles.rnd_lead", "list of strings", "[]", "Is told of rollbacks that hit the business"},
        {"roles.account_manager", "list of strings", "[]", "Signs off where a client asked"},
        {"roles.four_eyes", "boolean", "true", "The author's own sign-off never counts"},
        {"on_call.rotation", "list of strings", "[]", "Developers in turn, one sprint each"},
        {"on_call.sprint_start", "date", "", "First day of any sprint"},
        {"on_call.sprint_days", "integer", "14", "Length of a sprint"},
        {"window[].days", "list of strings", "", "Mon, Tue, Wed, Thu, Fri, Sat, Sun"},
        {"window[].from", "string", "", "Local time, 22:00"},
        {"window[].to", "string", "", "Local time; not later than `from`: on the next day"},
        {"window[].grade", "string", "preferred", "preferred, acceptable, avoid or emergency only"},
        {"business_hours.from", "string", "09:00", "P1 fixes may start Monday to Friday from here"},
        {"business_hours.to", "string", "17:00", "to here"},
        {"service[].name", "string", "", "What people type (at least one service is required)"},
        {"service[].error_rate_query",
         "string",
         "",
         "Prometheus expression of the error rate in percent, polled while deploying and watching"},
        {"service[].deploy", "action", "", "What a start runs once it is merged: see Actions below"},
        {"service[].disable_flag", "action", "", "The fastest step of a rollback"},
        {"service[].rollback", "action", "", "Back to the previous version"},
        {"service[].reverse_migrations", "action", "", "The last step of a rollback"},
        {"prometheus.url", "string", "", "Base address, https:// (http:// on this machine only)"},
        {"triggers.automatic_rollback",
         "boolean",
         "false",
         "Roll back by itself after an immediate trigger, with a countdown that anybody on call can stop"},
        {"triggers.automatic_rollback_delay", "integer", "120", "Seconds of the countdown"},
        {"triggers.error_rate", "number", "5", "Percent above the baseline that calls for a rollback"},
        {"triggers.error_rate_unit", "string", "relative", "relative (of the baseline) or points"},
        {"triggers.tickets", "integer", "10", "More tickets than this call for an evaluation"},
        {"triggers.tickets_minutes", "integer", "60", "Minutes within which they are counted, sliding"},
        {"checklists.gate1",
         "list of strings",
         "",
         "Conditions of Gate 1 where not the document's: see Checklists"},
        {"checklists.qa", "list of strings", "", "QA testing"},
        {"checklists.gate2", "list of strings", "", "Conditions of Gate 2"},
        {"checklists.pre_deployment", "list of strings", "", "Before a start"},
        {"checklists.steps", "list of strings", "", "Deployment steps"},
        {"checklists.smoke", "list of strings", "", "Smoke tests, of a rollback too"},
        {"checklists.monitoring", "list of strings", "", "Categories of each check-in"},
    };
    return keys;
}

namespace {

std::string checklists_help()
{
    const auto document = document_policy();
    std::string text =
        "\n## Checklists\n\nA list of your own takes the place of the document's. An item is the key of one "
        "of the document's, or \"key: words\"\nfor a new item or for other words. What Slipway knows by "
        "itself "
        "(sign-offs, rollback plan, on-call, notice) it keeps\nticking under the document's key. Sign-offs "
        "that "
        "the kind of change asks for are asked for whatever the list says.\n\n```toml\n[checklists]\nsmoke = "
        "[\"loads\", \"login\", \"search: Search finds a contact\", \"logs\"]\n```\n\n| list | keys of the "
        "document's items |\n|---|---|\n";
    for (const auto& [name, list] :
         {std::pair{"gate1", &document.gate1},
          {"qa", &document.qa},
          {"gate2", &document.gate2},
          {"pre_deployment", &document.pre_deployment},
          {"steps", &document.steps},
          {"smoke", &document.smoke},
          {"monitoring", &document.monitoring}}) {
        std::string keys;
        for (const auto& item : *list) {
            keys += (keys.empty() ? "`" : ", `") + item.key + "`";
        }
        text += std::string("| `") + name + "` | " + keys + " |\n";
    }
    return text;
}

}  // namespace

std::string config_reference()
{
    std::string text =
        "# Configuration\n\nOne file, `slipway.toml`, checked whole before anything starts. Tokens never "
        "stand in it: they come from the\n"
        "environment (`SLACK_APP_TOKEN`, `SLACK_BOT_TOKEN`, `LINEAR_API_KEY`, `GITHUB_TOKEN`, "
        "`SLIPWAY_SIGNAL_SECRET`), or from a file "
        "named by\nthe same variable with `_FILE` behind it. `SLACK_API_URL`, `LINEAR_API_URL` and "
        "`GITHUB_API_URL` name other "
        "servers;\n`HTTPS_PROXY` and `NO_PROXY` are honoured.\n\n| key | type | default | meaning "
        "|\n|---|---|---|---|\n";
    for (const auto& key : config_keys()) {
        text += "| `" + key.name + "` | " + key.type + " | " +
                (key.default_value.empty() ? "" : "`" + key.default_value + "`") + " | " + key.help + " |\n";
    }
    text +=
        "\n## Actions\n\nAn action is a table with exactly one of `command`, `webhook` and "
        "`github_workflow`, and a "
        "`time_limit` in seconds\n(600 unless given):\n\n```toml\n[[service]]\nname = \"web\"\ndeploy = { "
        "command = "
        "[\"./deploy.sh\", \"web\"], time_limit = 900 }\nrollback = { github_workflow = "
        "\"acme/web/rollback.yml@main\" }\ndisable_flag = { webhook = \"https://flags.example/off\" "
        "}\n```\n\nCommands run without a shell, in a process group of their own, with nothing of the bot's "
        "environment but `PATH`, `HOME` and\n`LANG`, and with `SLIPWAY_DEPLOYMENT`, `SLIPWAY_SERVICE`, "
        "`SLIPWAY_ACTION`, `SLIPWAY_COMMIT` and `SLIPWAY_FLAG`. Webhooks are\nsigned with "
        "`SLIPWAY_SIGNAL_SECRET`: "
        "`X-Slipway-Signature: sha256=` and the HMAC of the body; workflows are started with "
        "`GITHUB_TOKEN`.\n"
        "Where that is not set, `slipway run` says so and does not start. The end of an action's output "
        "goes into the\nthread, secrets masked; the bot runs an action at most once, also when it is "
        "restarted in the middle. One that failed is run\nagain by the button \"Run again\" or `retry "
        "D-n`.\n\n`deploy` runs when the deployment is started and its step `merge` is ticked, before "
        "the start or after it. A rollback runs its steps one after the\nother, each only when the one "
        "before it is done; a step without an action is done by hand and confirmed with a press, one "
        "that failed is run again\nor done by hand. A rollback does not wait for a deploy that still "
        "runs: a command's process group is ended first; a webhook\nor workflow has to be stopped where "
        "it runs.\n\nA command has ended when its own process has: what it leaves in its process group "
        "is ended then. A server that shall go on is started by a\nservice manager, or in a session of "
        "its own (`setsid`).\n";
    text += checklists_help();
    return text;
}

}  // namespace slipway
