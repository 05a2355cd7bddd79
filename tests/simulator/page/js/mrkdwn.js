// Slack's mrkdwn as DOM nodes. Everything ends as text nodes and elements made here; no markup of people's passes through.
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { withTokens } from "./dates.js";
import { channelWith, person, store } from "./store.js";

function decoded(text) {
    return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/// `:tada:` as a picture; everything else as it is.
export function withEmoji(text) {
    return text.split(/(:[a-z0-9_+-]+:)/).map((part) => {
        const known = part.length > 2 && part.startsWith(":") ? emoji[part.slice(1, -1)] : undefined;
        return known ? h("span", { class: "emoji", role: "img", "aria-label": part.slice(1, -1).replaceAll("_", " ") }, known) : part;
    });
}

export function plainText(text) {
    return withEmoji(text);
}

function safeLink(address) {
    return /^(https?:|mailto:)/i.test(address) ? address : null;
}

/// <@U0JANE>, <#C0…|deploys>, <!date^…|…>, <https://…|words>
function angle(content) {
    const bar = content.indexOf("|");
    const target = bar < 0 ? content : content.slice(0, bar);
    const words = bar < 0 ? "" : decoded(content.slice(bar + 1));
    if (target.startsWith("@")) {
        const who = person(target.slice(1));
        return h("span", { class: `mention${who.id === store.as ? " me" : ""}`, title: who.title || null }, `@${who.name}`);
    }
    if (target.startsWith("#")) return h("span", { class: "mention" }, `#${channelWith(target.slice(1))?.name ?? (words || target.slice(1))}`);
    if (target.startsWith("!date^")) {
        const [, seconds, tokens] = target.split("^");
        const zone = person(store.as).tz ?? "America/New_York";
        return h("time", { title: words, datetime: new Date(seconds * 1000).toISOString() }, withTokens(tokens, Number(seconds), zone));
    }
    if (target.startsWith("!subteam")) return h("span", { class: "mention" }, words || "@group");
    if (target.startsWith("!")) return h("span", { class: "mention me" }, `@${target.slice(1)}`);
    const address = safeLink(decoded(target));
    const shown = words || decoded(target);
    return address ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, shown) : `<${decoded(content)}>`;
}

const marks = { "*": "strong", _: "em", "~": "s" };

/// One line (or several, without quotes and fences) of inline marks.
function inline(text) {
    const nodes = [];
    let plain = "";
    const flush = () => {
        if (plain) nodes.push(...withEmoji(decoded(plain)));
        plain = "";
    };
    for (let at = 0; at < text.length;) {
        const letter = text[at];
        const before = at === 0 ? " " : text[at - 1];
        if (letter === "`") {
            const end = text.indexOf("`", at + 1);
            if (end > at + 1 && !text.slice(at, end).includes("\n")) {
                flush();
                nodes.push(h("code", {}, decoded(text.slice(at + 1, end))));
                at = end + 1;
                continue;
            }
        }
        if (letter === "<") {
            const end = text.indexOf(">", at);
            if (end > at + 1) {
                flush();
                nodes.push(angle(text.slice(at + 1, end)));
                at = end + 1;
                continue;
            }
        }
        if (marks[letter] && !/[\p{L}\p{N}]/u.test(before)) {
            const end = closing(text, at, letter);
            if (end > 0) {
                flush();
                nodes.push(h(marks[letter], {}, inline(text.slice(at + 1, end))));
                at = end + 1;
                continue;
            }
        }
        if (letter === "\n") {
            flush();
            nodes.push(h("br"));
            ++at;
            continue;
        }
        plain += letter;
        ++at;
    }
    flush();
    return nodes;
}

const blank = /[\s\u200B]/; // a mark with nothing but a blank inside marks nothing, be the blank of no width

/// Where the mark that opens at `start` closes: on the same line, after a word, before none.
function closing(text, start, mark) {
    if (blank.test(text[start + 1] ?? " ") || text[start + 1] === mark) return -1;
    for (let at = start + 2; at < text.length && text[at] !== "\n"; ++at) {
        if (text[at] === "<") {
            const end = text.indexOf(">", at);
            if (end > 0) at = end;
            else continue;
        }
        if (text[at] === mark && !blank.test(text[at - 1]) && !/[\p{L}\p{N}]/u.test(text[at + 1] ?? " ")) return at;
    }
    return -1;
}

/// A whole text: fences, quotes, lines.
export function mrkdwn(text) {
    const nodes = [];
    for (const [i, part] of text.split("```").entries()) {
        const isFence = i % 2 === 1 && text.split("```").length > i + 1;
        if (isFence) {
            nodes.push(h("pre", {}, decoded(part.replace(/^\n|\n$/g, ""))));
            continue;
        }
        let lines = [];
        let quoted = [];
        const flushLines = () => {
            if (lines.length) nodes.push(...inline(lines.join("\n")));
            lines = [];
        };
        const flushQuote = () => {
            if (quoted.length) nodes.push(h("blockquote", {}, inline(quoted.join("\n"))));
            quoted = [];
        };
        const source = i % 2 === 1 ? `\`\`\`${part}` : part;
        for (const line of source.split("\n")) {
            const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
            if (quote) {
                flushLines();
                quoted.push(quote[1]);
            } else {
                flushQuote();
                lines.push(line);
            }
        }
        flushQuote();
        flushLines();
    }
    return nodes;
}

/// What people type, as Slack sends it: & < > escaped, names as mentions. `isCommand` writes <@U…|handle>, as a slash
/// command with escaping does.
export function outgoing(typed, isCommand) {
    let text = typed.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const people = [...store.state.people].sort((a, b) => b.name.length - a.name.length);
    for (const who of people) {
        const mention = isCommand ? `<@${who.id}|${who.handle}>` : `<@${who.id}>`;
        text = text.replaceAll(`@${who.name}`, mention);
        text = text.replace(new RegExp(`(^|[^\\w<])@${who.handle}(?![\\w|])`, "g"), `$1${mention}`);
    }
    for (const channel of store.state.channels) {
        if (channel.is_im) continue;
        text = text.replace(new RegExp(`(^|[^\\w<])#${channel.name}(?!\\w)`, "g"), `$1<#${channel.id}|${channel.name}>`);
    }
    return text;
}
