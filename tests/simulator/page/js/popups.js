// What opens over the page: a menu beside a button, a list to choose from, a question before something happens.
import { h, icon } from "./dom.js";

/// A menu at `anchor`. `items`: [{ label, run, danger, value }].
export function openMenu(anchor, label, items) {
    const menu = h("div", { class: "menu", role: "menu", "aria-label": label, popover: "auto" });
    for (const item of items) {
        menu.append(h("button", {
            role: "menuitem", tabindex: "-1", class: item.danger ? "danger" : null, "data-value": item.value ?? null,
            onclick: () => { menu.hidePopover(); item.run(); },
        }, item.label));
    }
    arrowKeys(menu, "button");
    open(menu, anchor);
}

/// A grid of emoji at `anchor`; `choose` gets the name.
export function openEmojiPicker(anchor, names, pictures, choose) {
    const menu = h("div", { class: "menu grid", role: "menu", "aria-label": "Reactions", popover: "auto" });
    for (const name of names) {
        menu.append(h("button", {
            role: "menuitem", tabindex: "-1", "aria-label": name.replaceAll("_", " "), title: `:${name}:`,
            onclick: () => { menu.hidePopover(); choose(name); },
        }, pictures[name]));
    }
    arrowKeys(menu, "button");
    open(menu, anchor);
}

function open(menu, anchor) {
    document.body.append(menu);
    menu.addEventListener("toggle", (event) => {
        if (event.newState !== "closed") return;
        menu.remove();
        if (anchor.isConnected && (document.activeElement === document.body || !document.activeElement)) anchor.focus();
    });
    menu.showPopover();
    const at = anchor.getBoundingClientRect();
    const size = menu.getBoundingClientRect();
    const below = at.bottom + 4 + size.height <= innerHeight;
    menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
    menu.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - size.height - 4)}px`;
    menu.querySelector("button")?.focus();
}

function arrowKeys(box, selector) {
    box.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
        const all = [...box.querySelectorAll(selector)].filter((each) => !each.hidden);
        if (event.key === "Tab") box.hidePopover?.();
        if (!step || all.length === 0) return;
        event.preventDefault();
        const here = all.indexOf(document.activeElement);
        all[(here + step + all.length) % all.length].focus();
    });
}

/// Gives the keyboard back to what had it before a dialog. A box that gets it while the dialog still holds the page
/// shows the caret but takes no letters (Chromium), hence afterwards and anew.
export function focusAgain(element) {
    setTimeout(() => {
        if (!element?.isConnected || document.querySelector("dialog[open]")) return;
        element.blur();
        element.focus({ preventScroll: true });
    });
}

/// A modal dialog of our own. `build` gets a function that closes it and gives its content.
export function openDialog(label, build, kind = "") {
    const dialog = h("dialog", { class: `sheet ${kind}`, "aria-label": label });
    const close = () => dialog.close();
    dialog.append(...build(close));
    const opener = document.activeElement;
    dialog.addEventListener("close", () => {
        dialog.remove();
        focusAgain(opener);
    });
    dialog.addEventListener("click", (event) => {
        if (event.target === dialog) close();
    });
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
}

/// Slack's confirm dialog. Gives true when the person goes on.
export function confirmed(confirm, render) {
    return new Promise((resolve) => {
        let answer = false;
        const danger = confirm.style === "danger";
        const dialog = openDialog(confirm.title.text, (close) => [
            h("h2", {}, render(confirm.title)),
            h("p", { class: "confirm-text" }, render(confirm.text)),
            h("div", { class: "actions" },
                h("button", { class: "button", onclick: close }, render(confirm.deny)),
                h("button", {
                    class: `button ${danger ? "danger" : "primary"}`, autofocus: true,
                    onclick: () => { answer = true; close(); },
                }, render(confirm.confirm))),
        ], "confirm");
        dialog.addEventListener("close", () => resolve(answer));
    });
}

/// A list to choose from, with a box that filters it. `items`: [{ label, hint, lead, badge, current, run }].
export function openList(title, items) {
    const list = h("div", { class: "choices" });
    const filter = h("input", { type: "search", placeholder: "Type to find", "aria-label": `${title}: type to find`, autocomplete: "off" });
    const dialog = openDialog(title, (close) => {
        for (const item of items) {
            const choice = h("button", { class: "choice", "aria-current": item.current ? "true" : null, onclick: () => { close(); item.run(); } },
                item.lead, h("span", { class: "choice-text" }, h("strong", {}, item.label), item.hint ? h("small", {}, item.hint) : null),
                item.badge ? h("span", { class: "badge" }, item.badge) : null);
            choice.dataset.find = `${item.label} ${item.hint ?? ""}`.toLowerCase();
            list.append(choice);
        }
        return [
            h("div", { class: "sheet-head" }, h("h2", {}, title),
                h("button", { class: "plain", "aria-label": "Close", onclick: close }, icon("close"))),
            filter, list,
        ];
    }, "list");
    filter.addEventListener("input", () => {
        const wanted = filter.value.toLowerCase();
        for (const choice of list.children) choice.hidden = !choice.dataset.find.includes(wanted);
    });
    arrowKeys(dialog, "input, .choice:not([hidden])");
    filter.addEventListener("keydown", (event) => {
        if (event.key === "Enter") list.querySelector(".choice:not([hidden])")?.click();
    });
    filter.focus();
}
