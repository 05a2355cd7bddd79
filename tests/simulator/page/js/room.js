// The middle of the page: a channel, direct messages or the App Home; and the thread beside it.
import { h, icon, sync, toast } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { avatar, syncMessages, walkWithKeys } from "./messages.js";
import { ask, channelWith, person, store } from "./store.js";
import { go, markRead } from "./places.js";

const room = document.getElementById("room");
const thread = document.getElementById("thread");
let drawnRoom = "";
let drawnThread = "";

/// What `store.as` sees of a channel: messages without replies, and what only they see.
function rootsOf(channel) {
    const roots = channel.messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts);
    const own = store.state.ephemerals.filter((each) => each.channel === channel.id && !each.thread_ts);
    for (const root of roots) {
        root.channel = channel.id;
        root.repliers = channel.messages.filter((each) => each.thread_ts === root.ts && each.ts !== root.ts).map((each) => each.user);
    }
    return [...roots, ...own].sort(byTime);
}

function repliesOf(channel, ts) {
    const all = channel.messages.filter((each) => each.ts === ts || each.thread_ts === ts);
    for (const each of all) each.channel = channel.id;
    const own = store.state.ephemerals.filter((each) => each.channel === channel.id && each.thread_ts === ts);
    return [...all, ...own].sort(byTime);
}

function byTime(a, b) {
    return a.ts < b.ts ? -1 : 1;
}

export function renderRoom() {
    const channel = channelWith(store.channel) ?? channelWith("C0DEPLOYS") ?? store.state.channels[0];
    const sign = `${store.as}/${channel.id}/${store.home}/${channel.is_member}`;
    const isNew = sign !== drawnRoom;
    if (isNew) {
        drawnRoom = sign;
        room.replaceChildren(...(channel.is_im ? drawApp(channel) : drawChannel(channel)));
    }
    const title = room.querySelector(".room-note");
    if (title && !channel.is_im) title.textContent = `${channel.members.length} members`;
    if (channel.is_im && store.home) return renderHome();
    const list = room.querySelector(".messages");
    syncMessages(list, rootsOf(channel), (ts, focus) => openThread(ts, focus));
    if (isNew) list.scrollTop = list.scrollHeight;
    markRead(channel);
}

export function openThread(ts, focus) {
    go({ thread: ts });
    if (focus) thread.querySelector("textarea")?.focus();
}

function listOf(label) {
    const list = h("div", { class: "messages", role: "log", "aria-label": label, tabindex: "0" });
    walkWithKeys(list);
    list.addEventListener("keydown", (event) => {
        if (event.target !== list || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
        event.preventDefault();
        [...list.querySelectorAll(".message")].at(event.key === "ArrowUp" ? -1 : 0)?.focus();
    });
    return list;
}

function drawChannel(channel) {
    const foot = channel.is_member
        ? composer({ channel: channel.id, hint: `Message #${channel.name}, or type /`, id: "composer-box" })
        : h("div", { class: "join" }, h("span", {}, `You are looking at #${channel.name}.`),
            h("button", { class: "button primary", onclick: () => ask({ do: "join", channel: channel.id }).catch(complain) }, "Join"));
    return [
        h("header", { class: "room-head" }, h("h1", {}, icon(channel.is_private ? "lock" : "hash", 18), channel.name),
            h("span", { class: "room-note" })),
        listOf(`Messages in #${channel.name}`), foot,
    ];
}

function drawApp(channel) {
    const bot = person(store.state.bot);
    const tab = (home, words) => h("button", {
        role: "tab", "aria-selected": String(store.home === home), id: `tab-${home ? "home" : "messages"}`,
        onclick: () => go({ home }),
    }, words);
    return [
        h("header", { class: "room-head" }, h("h1", {}, avatar(bot.id, "small"), bot.name),
            h("div", { class: "tabs", role: "tablist", "aria-label": bot.name }, tab(true, "Home"), tab(false, "Messages"))),
        store.home ? h("div", { class: "home", role: "tabpanel", tabindex: "0", "aria-labelledby": "tab-home" }) : listOf(`Messages with ${bot.name}`),
        store.home ? "" : composer({ channel: channel.id, hint: `Message ${bot.name}`, id: "composer-box" }),
    ];
}

function renderHome() {
    const box = room.querySelector(".home");
    const view = store.state.home;
    sync(box, [view
        ? { key: "home", sign: JSON.stringify([view.body, store.as]), make: () => renderBlocks(view.body.blocks, {}) }
        : { key: "none", sign: "", make: () => h("p", { class: "empty" }, "Waiting for Slipway to draw this page…") }]);
}

export function renderThread() {
    const channel = channelWith(store.channel);
    const parent = channel?.messages.find((each) => each.ts === store.thread);
    const isOpen = Boolean(parent) && !(channel.is_im && store.home);
    thread.hidden = !isOpen;
    document.body.classList.toggle("has-thread", isOpen);
    if (!isOpen) {
        drawnThread = "";
        return;
    }
    const sign = `${store.as}/${channel.id}/${store.thread}/${channel.is_member}`;
    const isNew = sign !== drawnThread;
    if (isNew) {
        drawnThread = sign;
        const where = channel.is_im ? person(store.state.bot).name : `#${channel.name}`;
        thread.replaceChildren(
            h("header", { class: "room-head" }, h("h2", {}, "Thread"), h("span", { class: "room-note" }, where),
                h("button", { class: "plain close-thread", "aria-label": "Close the thread", onclick: () => go({ thread: "" }) }, icon("close"))),
            listOf("Thread"),
            channel.is_member ? composer({ channel: channel.id, thread: store.thread, hint: "Reply…", id: "thread-box" }) : "");
    }
    const list = thread.querySelector(".messages");
    syncMessages(list, repliesOf(channel, store.thread), null);
    if (isNew) list.scrollTop = list.scrollHeight;
}

thread.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.target.closest("[popover]")) return;
    go({ thread: "" });
    document.getElementById("composer-box")?.focus();
});

function complain(error) {
    toast(error.message, "bad");
}

let toldHome = "";

/// Tells the bot, as Slack does, that this person opened its home.
export function tellHome() {
    const looking = store.home ? store.as : "";
    if (looking && looking !== toldHome && !store.state.notice) ask({ do: "home" }).catch(complain);
    toldHome = store.state.notice ? "" : looking;
}
