// Behind the scenes: Linear's comments, the outbox, the ledger, and the clock to move.
import { h, icon, sync, toast } from "./dom.js";
import { clockTime, distance, longDay, shortDay, zoneName } from "./dates.js";
import { zone } from "./messages.js";
import { ask, changed, now, person, store } from "./store.js";

const panel = document.getElementById("panel");
const tabs = [["linear", "Linear"], ["outbox", "Outbox"], ["ledger", "Ledger"], ["clock", "Clock"]];
let open = sessionStorage.getItem("panel") ?? (innerWidth >= 1200 ? "linear" : "");
let lastTab = open || "linear";
let drawn = "";

export function isPanelOpen() {
    return open !== "";
}

/// Opens `tab`, or closes the panel when it is open and `stay` does not hold.
export function togglePanel(tab = lastTab, stay = false) {
    open = open && !stay ? "" : tab;
    if (open) lastTab = open;
    sessionStorage.setItem("panel", open);
    document.body.classList.remove("has-drawer");
    changed();
    if (open) panel.querySelector("[aria-selected=true]")?.focus();
}

export function renderPanel() {
    panel.hidden = !open;
    document.body.classList.toggle("has-panel", Boolean(open));
    if (!open) return;
    if (drawn !== open) {
        drawn = open;
        panel.replaceChildren(
            h("header", { class: "room-head" }, tabList(),
                h("button", { class: "plain", "aria-label": "Close this panel", onclick: () => togglePanel() }, icon("close"))),
            h("div", { class: "panel-body", id: "panel-body", role: "tabpanel", tabindex: "0", "aria-labelledby": `panel-tab-${open}` }));
    }
    drawers[open](panel.querySelector(".panel-body"));
}

function tabList() {
    const list = h("div", { class: "tabs", role: "tablist", "aria-label": "Behind the scenes" });
    for (const [name, words] of tabs) {
        list.append(h("button", {
            role: "tab", id: `panel-tab-${name}`, "aria-selected": String(name === open), "aria-controls": "panel-body",
            tabindex: name === open ? "0" : "-1", onclick: () => togglePanel(name, true),
        }, words));
    }
    list.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const here = tabs.findIndex(([name]) => name === open);
        togglePanel(tabs[(here + step + tabs.length) % tabs.length][0], true);
    });
    return list;
}

const drawers = { linear: drawLinear, outbox: drawOutbox, ledger: drawLedger, clock: drawClock };

function seconds(iso) {
    return Date.parse(iso) / 1000;
}

function when(at) {
    return `${shortDay(at, zone())}, ${clockTime(at, zone())}`;
}

function words(name) {
    return name.replaceAll("_", " ");
}

function nothing(text) {
    return { key: "nothing", sign: text, make: () => h("p", { class: "empty" }, text) };
}

/// As Linear shows the Markdown of a comment: what was escaped is plain text.
function unescaped(markdown) {
    return markdown.replace(/\\([\\`*_[\]<>|~&+\-#.)])/g, "$1");
}

function drawLinear(box) {
    const { comments } = store.state.linear;
    const entries = [];
    for (const comment of [...comments].reverse()) {
        entries.push({
            key: comment.id, sign: JSON.stringify([comment, store.as]),
            make: () => h("article", { class: "card fresh" },
                h("header", {}, h("span", { class: "issue" }, comment.issue), h("time", {}, comment.at ? when(comment.at) : "")),
                h("p", { class: "comment", title: `As it was sent: ${comment.body}` }, unescaped(comment.body)),
                h("footer", {}, "Comment by Slipway")),
        });
    }
    if (entries.length === 0) entries.push(nothing("No comments yet. Every sign-off becomes one comment on its issue."));
    sync(box, entries);
}

function drawOutbox(box) {
    const rows = store.state.record.outbox ?? [];
    const entries = store.state.complaints.map((each, number) => ({
        key: `complaint-${number}`, sign: each.what, make: () => h("p", { class: "card bad" }, `Slack complains: ${each.what}`),
    }));
    for (const row of rows) {
        entries.push({
            key: String(row.seq), sign: JSON.stringify([row, store.as]),
            make: () => h("details", { class: "card" },
                h("summary", {},
                    h("span", { class: `chip ${row.state}` }, row.state), h("strong", {}, words(row.kind)),
                    h("span", { class: "grow" }), row.deployment ? h("span", { class: "issue" }, `D-${row.deployment}`) : ""),
                h("p", { class: "meta" }, `To ${laneOf(row.lane)}, ${when(seconds(row.created_at))}`,
                    row.attempts ? `, ${row.attempts} ${row.attempts === 1 ? "attempt" : "attempts"} failed` : "", row.error ? `: ${row.error}` : ""),
                h("pre", {}, JSON.stringify(row.body, null, 2))),
        });
    }
    if (entries.length === 0) entries.push(nothing("Nothing yet. The bot's messages wait here until they are delivered."));
    sync(box, entries);
}

function laneOf(lane) {
    const [kind, target] = lane.split(/:(.*)/s);
    if (kind !== "slack" || !target) return kind === "linear" ? `Linear ${target ?? ""}` : lane;
    const channel = store.state.channels.find((each) => each.id === target);
    return channel && !channel.is_im ? `#${channel.name}` : person(target.replace(/^D0/, "")).name;
}

function drawLedger(box) {
    const { events = [], events_count: count = 0, sign_offs: signOffs = [] } = store.state.record;
    const entries = [];
    if (signOffs.length) {
        entries.push({ key: "sign-offs", sign: JSON.stringify(signOffs), make: () => drawSignOffs(signOffs) });
    }
    entries.push({ key: "head", sign: String(count), make: () => h("h3", { class: "panel-head" }, `${count} events, each chained to the one before`) });
    for (const event of events) {
        entries.push({
            key: String(event.seq), sign: JSON.stringify([event.hash, store.as]),
            make: () => h("details", { class: "card" },
                h("summary", {}, h("span", { class: "seq" }, String(event.seq)),
                    h("span", { class: "grow" }, h("strong", {}, words(event.kind)),
                        h("small", {}, `${event.actor === "slipway" ? "Slipway" : person(event.actor).name}, ${when(seconds(event.at))}`)),
                    event.deployment ? h("span", { class: "issue" }, event.deployment) : ""),
                h("pre", {}, JSON.stringify(event.body, null, 2)),
                h("p", { class: "meta hash" }, `SHA-256 ${event.hash}`)),
        });
    }
    sync(box, entries);
}

function drawSignOffs(signOffs) {
    return h("section", {}, h("h3", { class: "panel-head" }, "Sign-offs"),
        h("table", { class: "sign-offs" },
            h("thead", {}, h("tr", {}, ["Who", "As", "For", "State"].map((title) => h("th", { scope: "col" }, title)))),
            h("tbody", {}, signOffs.map((row) => h("tr", {}, h("td", {}, row.name), h("td", {}, words(row.roles).replaceAll(",", ", ")),
                h("td", {}, `${row.deployment}, revision ${row.revision}`), h("td", {}, h("span", { class: `chip ${row.state}` }, row.state)))))));
}

// The timers of the record by their names there; others are shown as they are called.
const timerNames = {
    pre_notice: "pre-deployment notice", chase_sign_offs: "reminder to sign off", watch_end: "end of the 24-hour watch",
    next_update_soon: "update due in five minutes", next_update_late: "update overdue", chase_postmortem: "post-mortem due",
    chase_review: "review of the exception due", automatic_rollback: "automatic rollback",
    check_in_1: "first check-in", check_in_2: "second check-in", check_in_3: "third check-in",
};

function drawClock(box) {
    const timers = (store.state.record.timers ?? []).map((timer) => ({ ...timer, at: seconds(timer.due) }));
    const next = timers.find((timer) => timer.at > now());
    const minute = Math.floor(now() / 60);
    const label = (timer) => `${timer.deployment ? `D-${timer.deployment} ` : ""}${timerNames[timer.name] ?? words(timer.name.split(":")[0])}`;
    sync(box, [
        { key: "now", sign: `${minute}`, make: () => h("div", { class: "big-clock" },
            h("strong", {}, clockTime(now(), zone())), h("span", {}, `${longDay(now(), zone())}, ${shortDay(now(), zone())}, ${zoneName(now(), zone())}`)) },
        { key: "moves", sign: next ? `${next.name}${next.due}${minute}` : `none${minute}`, make: () => h("div", { class: "moves" },
            [["+10 min", 10], ["+1 h", 60], ["+6 h", 360], ["+1 day", 1440]].map(([words, minutes]) =>
                h("button", { class: "button", "data-place": words, onclick: () => move({ minutes }) }, words)),
            next ? h("button", { class: "button primary wide", "data-place": "next", onclick: () => move({ to: Math.ceil(next.at) + 1 }) },
                h("span", {}, "To the next event"), h("small", {}, `${label(next)}, ${distance(next.at)}`)) : "") },
        { key: "head", sign: "", make: () => h("h3", { class: "panel-head" }, "Coming up") },
        ...(timers.length ? timers.slice(0, 30).map((timer) => ({
            key: `${timer.deployment}-${timer.name}`, sign: `${timer.due}${minute}`,
            make: () => h("div", { class: "card timer" }, h("strong", {}, label(timer)), h("span", {}, `${when(timer.at)} (${distance(timer.at)})`)),
        })) : [nothing("No timer is set.")]),
    ]);
}

async function move(by) {
    try {
        await ask({ do: "clock", ...by });
    } catch (error) {
        toast(error.message, "bad");
    }
}
