// Messages: one, and lists of them as the channel and the thread show them.
import { h, icon, sync, toast } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { clockTime, distance, isoDay, longDay } from "./dates.js";
import { emoji, quickReactions } from "./emoji.js";
import { mrkdwn, withEmoji } from "./mrkdwn.js";
import { openEmojiPicker } from "./popups.js";
import { ask, now, person, store } from "./store.js";

const together = 5 * 60; // seconds within which messages of one person share a head

export function zone() {
    return person(store.as).tz ?? "America/New_York";
}

/// A coloured square with initials; the bot's sign for the bot.
export function avatar(id, size = "") {
    const who = person(id);
    if (id === store.state?.bot) return h("span", { class: `avatar bot ${size}`, "aria-hidden": "true" });
    const initials = who.name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
    const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 8, 0);
    return h("span", { class: `avatar hue-${hue} ${size}`, "aria-hidden": "true" }, initials);
}

/// The newest things at the bottom; `open` gets the ts of a thread to show (null inside a thread).
export function syncMessages(list, messages, open) {
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    const entries = [];
    let before = null;
    for (const message of messages) {
        const at = Number(message.ts);
        const day = isoDay(at, zone());
        if (open && (!before || isoDay(Number(before.ts), zone()) !== day)) {
            const words = longDay(at, zone());
            entries.push({ key: `day-${day}`, sign: words, make: () => h("div", { class: "day", role: "separator" }, h("span", {}, words)) });
            before = null;
        }
        const follows = before !== null && before.user === message.user && at - Number(before.ts) < together &&
            !message.is_ephemeral && !before.is_ephemeral && !message.blocks && !before.reply_count && !before.files;
        before = message;
        const files = (message.files ?? []).map((file) => store.state.files[file.id]);
        const replies = message.reply_count ? distance(Number(message.latest_reply)) : "";
        const sign = JSON.stringify([message, follows, files, replies, store.as, isoDay(now(), zone())]);
        entries.push({ key: message.ts, sign, make: () => drawMessage(message, follows, open) });
    }
    sync(list, entries);
    if (atEnd) list.scrollTop = list.scrollHeight;
}

/// Arrow keys walk through the messages; T opens the thread, R reacts.
export function walkWithKeys(list) {
    list.addEventListener("keydown", (event) => {
        const message = event.target.closest?.(".message");
        if (!message || event.target !== message) return;
        const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
        if (next) {
            event.preventDefault();
            let target = message[next];
            while (target && !target.classList.contains("message")) target = target[next];
            target?.focus();
        }
        const press = { t: ".do-thread", T: ".do-thread", ArrowRight: ".do-thread", Enter: ".do-thread", r: ".do-react", R: ".do-react" }[event.key];
        const button = press ? message.querySelector(press) : null;
        if (button && !event.ctrlKey && !event.metaKey) {
            event.preventDefault();
            button.click();
        }
    });
}

function drawMessage(message, follows, open) {
    const who = person(message.user);
    const at = Number(message.ts);
    const isBot = message.user === store.state.bot || who.is_bot;
    const body = h("div", { class: "message-body" });
    const time = h("time", { datetime: new Date(at * 1000).toISOString(), title: longDay(at, zone()) }, clockTime(at, zone()));
    if (!follows) {
        body.append(h("div", { class: "message-head" }, h("strong", {}, who.name), isBot ? h("span", { class: "app" }, "APP") : null,
            time, message.is_ephemeral ? h("span", { class: "only-you" }, icon("eye", 14), "Only visible to you") : null));
    }
    body.append(contentOf(message));
    if (message.files) body.append(...message.files.map((file) => drawFile(file, store.state.files[file.id])));
    body.append(reactionsOf(message), threadLine(message, open));
    const node = h("article", {
        class: `message${follows ? " follows" : ""}${message.is_ephemeral ? " ephemeral" : ""}`,
        tabindex: "-1", "aria-label": `${who.name}, ${clockTime(at, zone())}`, "data-ts": message.ts,
    }, follows ? h("div", { class: "gutter" }, gutterTime(at)) : avatar(message.user), body, toolsOf(message, open));
    return node;
}

/// Narrow: it stands where the faces are.
function gutterTime(at) {
    return h("time", { datetime: new Date(at * 1000).toISOString() }, clockTime(at, zone()).replace(/ [AP]M$/, ""));
}

function contentOf(message) {
    const place = { channel: message.channel ?? store.channel, ts: message.ts };
    if (message.blocks?.length) return renderBlocks(message.blocks, place);
    return h("div", { class: "text" }, mrkdwn(message.text), message.edited ? h("small", { class: "edited" }, " (edited)") : null);
}

function drawFile(file, held) {
    const size = file.size < 1000 ? `${file.size} bytes` : `${(file.size / 1000).toFixed(1)} kB`;
    const download = () => {
        const link = h("a", { href: URL.createObjectURL(new Blob([held.content], { type: "text/plain" })), download: file.name });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    };
    return h("div", { class: "file" },
        h("div", { class: "file-head" }, icon("file"),
            h("span", {}, h("strong", {}, file.title || file.name), h("small", {}, `${file.name}, ${size}`)),
            h("button", { class: "button small", onclick: download }, "Download")),
        h("details", {}, h("summary", {}, "Show what is in it"), h("pre", {}, held?.content ?? "")));
}

function react(message, name) {
    ask({ do: "react", channel: message.channel ?? store.channel, ts: message.ts, name }).catch((error) => toast(error.message, "bad"));
}

function reactionsOf(message) {
    if (!message.reactions) return "";
    return h("div", { class: "reactions" }, message.reactions.map(({ name, count, users }) => h("button", {
        class: `reaction${users.includes(store.as) ? " mine" : ""}`,
        "aria-pressed": String(users.includes(store.as)),
        "aria-label": `${name.replaceAll("_", " ")}, ${count}: ${users.map((id) => person(id).name).join(", ")}`,
        title: users.map((id) => person(id).name).join(", "),
        "data-place": `reaction-${name}`,
        onclick: () => react(message, name),
    }, withEmoji(`:${name}:`), ` ${count}`)));
}

function threadLine(message, open) {
    if (!open || !message.reply_count) return "";
    const words = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
    const repliers = [...new Set((message.repliers ?? []))].slice(0, 4);
    return h("button", { class: "thread-line", "data-place": "thread-line", onclick: () => open(message.ts) },
        repliers.map((id) => avatar(id, "tiny")), h("strong", {}, words), h("span", {}, `Last reply ${distance(Number(message.latest_reply))}`));
}

function toolsOf(message, open) {
    if (message.is_ephemeral) {
        return h("div", { class: "tools shown" }, h("button", {
            class: "plain", "aria-label": "Dismiss", title: "Dismiss", onclick: () => ask({ do: "dismiss", ts: message.ts }),
        }, icon("close", 16)));
    }
    const tools = h("div", { class: "tools", role: "group", "aria-label": "Message actions" });
    const tool = (name, label, picture, run) => tools.append(h("button", {
        class: `plain ${name}`, "aria-label": label, title: label, tabindex: "-1", onclick: (event) => run(event.currentTarget),
    }, icon(picture, 18)));
    tool("do-react", "Add a reaction", "smile", (anchor) =>
        openEmojiPicker(anchor, quickReactions, emoji, (name) => react(message, name)));
    if (open) tool("do-thread", "Reply in thread", "thread", () => open(message.ts, true));
    if (message.user === store.as) {
        tool("do-edit", "Edit", "pencil", () => edit(message));
        tool("do-delete", "Delete", "bin", () =>
            ask({ do: "delete", channel: message.channel ?? store.channel, ts: message.ts }).catch((error) => toast(error.message, "bad")));
    }
    return tools;
}

function edit(message) {
    const article = document.querySelector(`.message[data-ts="${message.ts}"]`);
    const text = article?.querySelector(".text");
    if (!text) return;
    const box = h("textarea", { class: "edit-box", rows: 2, "aria-label": "Edit the message" });
    box.value = message.text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    const back = () => { box.replaceWith(text); article.focus(); };
    box.addEventListener("keydown", (event) => {
        event.stopPropagation();
        if (event.key === "Escape") back();
        if (event.key !== "Enter" || event.shiftKey) return;
        event.preventDefault();
        const changed = box.value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
        back();
        ask({ do: "edit", channel: message.channel ?? store.channel, ts: message.ts, text: changed })
            .catch((error) => toast(error.message, "bad"));
    });
    text.replaceWith(box);
    box.focus();
}
