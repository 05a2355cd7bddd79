// The message box: Enter sends, names, channels, emoji and slash commands complete themselves.
import { h, icon, toast } from "./dom.js";
import { emoji } from "./emoji.js";
import { outgoing } from "./mrkdwn.js";
import { ask, onLost, store } from "./store.js";

let lastId = 0;
const drafts = new Map();

/// `where`: { channel, thread, hint, id }.
export function composer(where) {
    const listId = `suggestions-${++lastId}`;
    const draft = `${store.as}/${where.channel}/${where.thread ?? ""}`;
    const box = h("textarea", {
        id: where.id, rows: 1, placeholder: where.hint, "aria-label": where.hint, role: "combobox", "aria-autocomplete": "list",
        "aria-expanded": "false", "aria-controls": listId, enterkeyhint: "send", autocomplete: "off",
    });
    const list = h("ul", { class: "suggestions", id: listId, role: "listbox", "aria-label": "Suggestions", hidden: true });
    const send = h("button", { class: "send", type: "submit", "aria-label": "Send", disabled: true }, icon("send"));
    const form = h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); deliver(); } },
        list, h("div", { class: "composer-row" }, box, send));
    box.value = drafts.get(draft) ?? "";
    let offered = [];
    let active = -1;

    function grow() {
        box.style.height = "auto";
        box.style.height = `${Math.min(box.scrollHeight, 200)}px`;
        send.disabled = box.value.trim() === "";
        drafts.set(draft, box.value);
    }

    function offer() {
        const found = suggestionsFor(box.value.slice(0, box.selectionStart), Boolean(where.thread));
        offered = found.items;
        active = found.eager && offered.length ? 0 : -1;
        draw();
    }

    function draw() {
        list.hidden = offered.length === 0;
        box.setAttribute("aria-expanded", String(!list.hidden));
        list.replaceChildren(...offered.map((item, number) => h("li", {
            role: "option", id: `${listId}-${number}`, "aria-selected": String(number === active),
            onmousedown: (event) => { event.preventDefault(); accept(number); },
        }, h("span", { class: "suggestion" }, item.shown), h("small", {}, item.hint ?? ""))));
        if (active >= 0) {
            box.setAttribute("aria-activedescendant", `${listId}-${active}`);
            list.children[active].scrollIntoView({ block: "nearest" });
        } else box.removeAttribute("aria-activedescendant");
    }

    function close() {
        offered = [];
        draw();
    }

    function accept(number) {
        const item = offered[number];
        const after = box.value.slice(box.selectionStart);
        box.value = box.value.slice(0, item.from) + item.text + after;
        box.selectionStart = box.selectionEnd = item.from + item.text.length;
        grow();
        offer();
    }

    async function deliver() {
        const text = box.value.trim();
        if (!text) return;
        close();
        if (text.startsWith("/") && where.thread) {
            toast("Slack doesn't accept slash commands in threads. Type it in the channel, or use the card's buttons.", "bad");
            return;
        }
        try {
            await (text.startsWith("/") ? command(text, where.channel) : ask(say(text, where)));
            box.value = "";
        } catch (error) {
            toast(error.message, "bad");
        }
        grow();
    }

    box.addEventListener("input", () => { grow(); offer(); });
    box.addEventListener("blur", close);
    box.addEventListener("keydown", (event) => {
        if (event.isComposing) return;
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step && offered.length) {
            event.preventDefault();
            active = (active + step + offered.length) % offered.length;
            draw();
        } else if (event.key === "Tab" && !event.shiftKey && offered.length) {
            event.preventDefault();
            accept(Math.max(active, 0));
        } else if (event.key === "Escape" && offered.length) {
            event.preventDefault();
            close();
        } else if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            if (active >= 0 && offered.length) accept(active);
            else deliver();
        }
    });
    requestAnimationFrame(grow);
    return form;
}

function say(text, where) {
    return { do: "say", channel: where.channel, thread_ts: where.thread ?? "", text: outgoing(text, false) };
}

const sentCommands = new Map();

async function command(text, channel) {
    const [, name, rest] = /^(\S+)\s*([^]*)$/.exec(text);
    const known = [...new Set(store.commands.map((each) => each.command))];
    if (!known.includes(name)) throw new Error(`${name} is not a command here. There are ${known.join(" and ")}.`);
    const { id } = await ask({ do: "slash", channel, command: name, text: outgoing(rest, true) });
    sentCommands.set(id, name);
}

onLost((id) => {
    if (sentCommands.has(id)) toast(`${sentCommands.get(id)} failed because the app did not respond.`, "bad");
});

/// What could follow `before`, the text left of the cursor. Each: { shown, hint, text, from }. `eager`: Enter takes the
/// first one.
function suggestionsFor(before, inThread) {
    const slash = inThread ? null : /^\/(\S*)(?:\s+([^]*))?$/.exec(before);
    if (slash) return { items: commandSuggestions(before, slash), eager: false };
    const word = /(?:^|\s)([@#:])([\p{L}\p{N}_+-]*(?: [\p{L}\p{N}]*)?)$/u.exec(before);
    if (!word) return { items: [], eager: false };
    const [, sign, typed] = word;
    const from = before.length - typed.length - 1;
    const wanted = typed.toLowerCase();
    const items = { "@": peopleFor, "#": channelsFor, ":": emojiFor }[sign](wanted).slice(0, 8);
    return { items: items.map((item) => ({ ...item, from })), eager: true };
}

function commandSuggestions(before, [, name, rest]) {
    if (rest === undefined) {
        return [...new Set(store.commands.map((each) => each.command))].filter((each) => each.startsWith(`/${name}`))
            .map((each) => ({ shown: each, hint: store.commands.find((row) => row.command === each && !row.name)?.summary ?? "plan, sign off, start, watch",
                text: `${each} `, from: 0 }));
    }
    const rows = store.commands.filter((each) => each.command === `/${name}`);
    if (rows.length === 0) return [];
    const verb = rows.find((row) => row.name === "" || (rest.startsWith(`${row.name} `)));
    const mention = /@([\p{L}\p{N}]*)$/u.exec(rest);
    if (mention) return peopleFor(mention[1].toLowerCase()).slice(0, 8).map((item) => ({ ...item, from: before.length - mention[0].length }));
    if (!verb || /^\S*$/.test(rest) && verb.name !== "") {
        const from = before.length - rest.length;
        return rows.filter((row) => row.name.startsWith(rest) && row.name !== "")
            .map((row) => ({ shown: row.usage, hint: row.summary, text: `${row.name} `, from }));
    }
    const tail = verb.name ? rest.slice(verb.name.length + 1) : rest;
    if (!verb.usage.includes("D-n") || /\s/.test(tail.trim()) || /^\S+\s/.test(tail)) return [];
    const from = before.length - tail.length;
    const ended = new Set(["done", "cancelled", "rolled back"]);
    return (store.state.record.deployments ?? []).filter((each) => !ended.has(each.stage) && `D-${each.number}`.toLowerCase().startsWith(tail.toLowerCase()))
        .slice(0, 8).map((each) => ({ shown: `D-${each.number} ${each.what ?? ""}`, hint: `${each.service}, ${each.stage}`, text: `D-${each.number} `, from }));
}

function peopleFor(wanted) {
    return store.state.people.filter((each) => !each.is_deleted && (each.name.toLowerCase().startsWith(wanted) || each.handle.startsWith(wanted)))
        .map((each) => ({ shown: each.name, hint: each.title, text: `@${each.name} ` }));
}

function channelsFor(wanted) {
    return store.state.channels.filter((each) => !each.is_im && each.name.startsWith(wanted))
        .map((each) => ({ shown: `#${each.name}`, hint: "", text: `#${each.name} ` }));
}

function emojiFor(wanted) {
    if (wanted.length < 2) return [];
    return Object.keys(emoji).filter((name) => name.includes(wanted)).map((name) => ({ shown: `${emoji[name]} :${name}:`, hint: "", text: `:${name}: ` }));
}
