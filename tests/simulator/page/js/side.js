// The bar at the top and the list of channels at the side.
import { add, h, icon } from "./dom.js";
import { clockTime, longDay, zoneName } from "./dates.js";
import { avatar, zone } from "./messages.js";
import { go, isAwaited, unread } from "./places.js";
import { openList } from "./popups.js";
import { isPanelOpen, togglePanel } from "./panels.js";
import { directMessages, now, person, store } from "./store.js";

const top = document.getElementById("top");
const side = document.getElementById("side");
const notice = document.getElementById("notice");
let drawnTop = "";
let drawnSide = "";

export function renderTop() {
    const others = store.state.people.filter((each) => each.id !== store.as && isAwaited(each.id)).length;
    const sign = JSON.stringify([store.as, others, isPanelOpen(), store.state.complaints.length, store.state.team]);
    if (sign !== drawnTop) {
        drawnTop = sign;
        const me = person(store.as);
        const hadFocus = top.contains(document.activeElement) ? document.activeElement.dataset.place : null;
        top.replaceChildren(
            h("button", { class: "plain only-phone", "aria-label": "Channels", "data-place": "menu", onclick: () => document.body.classList.toggle("has-drawer") }, icon("menu")),
            h("div", { class: "team" }, h("span", { class: "avatar bot small", "aria-hidden": "true" }), h("span", { class: "team-name" }, store.state.team)),
            h("button", { class: "clock-chip", id: "clock-chip", title: "Move the clock", "data-place": "clock", onclick: () => togglePanel("clock", true) }),
            h("span", { class: "grow" }),
            store.state.complaints.length ? h("button", { class: "complaints", "data-place": "complaints", onclick: () => togglePanel("outbox", true) },
                `Slack complains: ${store.state.complaints.length}`) : "",
            h("button", {
                class: `plain panel-toggle${isPanelOpen() ? " on" : ""}`, "aria-pressed": String(isPanelOpen()), "data-place": "panel",
                title: "Linear, outbox, ledger and clock", onclick: () => togglePanel(),
            }, icon("book"), h("span", { class: "only-desk" }, "Behind the scenes")),
            h("button", { class: "who", id: "who", "data-place": "who", "aria-haspopup": "dialog", "aria-label": `You act as ${me.name}. Act as somebody else`, onclick: choosePerson },
                avatar(me.id, "small"), h("span", { class: "who-text only-desk" }, h("small", {}, "You are"), h("strong", {}, me.name)),
                others ? h("span", { class: "badge", title: "Others have news" }, String(others)) : "", icon("down", 14)));
        if (hadFocus) top.querySelector(`[data-place="${hadFocus}"]`)?.focus();
    }
    renderClock();
    const words = store.online ? store.state.notice : "The simulator has ended or doesn't answer. Start it again with ./dev demo.";
    notice.hidden = !words;
    if (notice.textContent !== words) notice.textContent = words;
}

/// The clock in the bar runs between two answers.
export function renderClock() {
    const chip = document.getElementById("clock-chip");
    if (!chip || !store.state) return;
    const at = now();
    const text = `${clockTime(at, zone())} ${zoneName(at, zone())}`;
    if (chip.dataset.shown === text) return;
    chip.dataset.shown = text;
    chip.replaceChildren(icon("clock", 16), h("span", { class: "only-desk" }, `${longDay(at, zone())}, `), text);
}

export function choosePerson() {
    const people = store.state.people.filter((each) => !each.is_bot && !each.is_deleted);
    const rank = (each) => (each.is_external ? 2 : each.is_guest ? 1 : 0);
    openList("Act as", people.sort((a, b) => rank(a) - rank(b)).map((each) => ({
        label: each.name, hint: each.title, lead: avatar(each.id), current: each.id === store.as,
        badge: isAwaited(each.id) && each.id !== store.as ? "new" : "",
        run: () => actAs(each.id),
    })));
}

function actAs(id) {
    const wasDirect = store.channel.startsWith("D0");
    go({ as: id, channel: wasDirect ? `D0${id}` : store.channel, home: store.home && wasDirect });
}

/// Ctrl+K: anywhere, as anybody.
export function jump() {
    const channels = store.state.channels.filter((each) => !each.is_im);
    openList("Go to", [
        ...channels.map((each) => ({ label: `#${each.name}`, hint: "Channel", lead: icon(each.is_private ? "lock" : "hash"), run: () => go({ channel: each.id }) })),
        { label: "Slipway, Home", hint: "App", lead: icon("home"), run: () => openApp(true) },
        { label: "Slipway, Messages", hint: "App", lead: icon("thread"), run: () => openApp(false) },
        ...["linear", "outbox", "ledger", "clock"].map((name) => ({ label: name[0].toUpperCase() + name.slice(1), hint: "Behind the scenes", lead: icon("book"), run: () => togglePanel(name, true) })),
        ...store.state.people.filter((each) => !each.is_bot && !each.is_deleted)
            .map((each) => ({ label: each.name, hint: `Act as ${each.title}`, lead: avatar(each.id, "small"), run: () => actAs(each.id) })),
    ]);
}

export function openApp(home) {
    go({ channel: directMessages()?.id ?? `D0${store.as}`, home });
}

export function renderSide() {
    const rows = [];
    const direct = directMessages();
    const channels = store.state.channels.filter((each) => !each.is_im);
    const sign = JSON.stringify([store.as, store.channel, store.home, channels.map((each) => [each.id, each.is_member, unread(each)]), direct && unread(direct)]);
    if (sign === drawnSide) return;
    drawnSide = sign;
    const hadFocus = side.contains(document.activeElement) ? document.activeElement.dataset.place : null;
    const row = (place, current, picture, label, count, run) => h("li", {}, h("button", {
        class: `side-row${count ? " unread" : ""}`, "aria-current": current ? "page" : null, "data-place": place, onclick: run,
    }, picture, h("span", {}, label), count ? h("span", { class: "badge", "aria-label": `${count} unread` }, String(count)) : null));
    rows.push(h("h2", {}, "Channels"), h("ul", {}, channels.map((each) => row(
        each.id, each.id === store.channel, icon(each.is_private ? "lock" : "hash", 16), each.name, unread(each),
        () => go({ channel: each.id })))));
    rows.push(h("h2", {}, "Slipway"), h("ul", {},
        row("home", store.home, icon("home", 18), "Home", 0, () => openApp(true)),
        direct ? row("direct", direct.id === store.channel && !store.home, icon("thread", 18), "Messages", unread(direct), () => openApp(false)) : null));
    rows.push(h("div", { class: "side-foot" },
        h("p", {}, "This is a simulated Slack. Act as different people, move the clock, and see what the bot does."),
        h("p", {}, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "K"), " goes anywhere.")));
    side.replaceChildren();
    add(side, rows);
    if (hadFocus) side.querySelector(`[data-place="${hadFocus}"]`)?.focus();
}
