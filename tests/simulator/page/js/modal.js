// Modals: the top one of the present person's stack. What was typed stays while errors come and views change.
import { h, icon, toast } from "./dom.js";
import { renderBlock } from "./blocks.js";
import { inputFor, textOf } from "./inputs.js";
import { focusAgain } from "./popups.js";
import { ask, isWaiting, onLost, store } from "./store.js";

const drawn = new Map(); // view id -> what is drawn of it
let shown = null;
let opener = null;

export function renderModals() {
    const stack = store.state.modals;
    const top = stack.at(-1) ?? null;
    const open = new Set(stack.map((view) => view.id));
    if (shown && shown.id !== top?.id) hide();
    for (const id of drawn.keys()) if (!open.has(id) && id !== shown?.id) drawn.delete(id);
    if (!top) return;
    let modal = drawn.get(top.id);
    if (!modal || modal.hash !== top.hash) {
        const typed = modal ? read(modal) : {};
        const before = modal?.initial ?? {};
        modal = draw(top, stack.length > 1);
        for (const [key, input] of modal.inputs) {
            const changed = key in typed && JSON.stringify(typed[key]) !== JSON.stringify(before[key]);
            if (changed) input.write?.(typed[key]);
        }
        if (shown?.id === top.id) {
            shown.dialog.replaceChildren(...modal.dialog.childNodes);
            modal.dialog = shown.dialog;
            shown = modal;
        }
        drawn.set(top.id, modal);
    }
    showErrors(modal, top.errors);
    modal.form.classList.toggle("busy", modal.waitsFor !== null && isWaiting(modal.waitsFor));
    if (shown !== modal) show(modal);
}

function show(modal) {
    opener = document.activeElement;
    document.body.append(modal.dialog);
    modal.dialog.showModal();
    (modal.form.querySelector("input, textarea, select") ?? modal.form.querySelector("button[type=submit]"))?.focus();
    shown = modal;
}

function hide() {
    shown.dialog.close();
    shown.dialog.remove();
    shown = null;
    focusAgain(opener);
}

function read(modal) {
    return Object.fromEntries([...modal.inputs].map(([key, input]) => [key, input.read()]));
}

function draw(view, isPushed) {
    const { body } = view;
    const modal = { id: view.id, hash: view.hash, inputs: new Map(), errors: new Map(), waitsFor: null };
    const titleId = `${view.id}-title`;
    modal.form = h("form", { class: "modal-form", novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(modal); } },
        h("header", { class: "modal-head" },
            isPushed ? h("button", { type: "button", class: "plain", "aria-label": "Back", onclick: close }, icon("back")) : null,
            h("h2", { id: titleId }, textOf(body.title)),
            h("button", { type: "button", class: "plain", "aria-label": "Close", onclick: close }, icon("close"))),
        h("div", { class: "modal-body" }, body.blocks.map((block, number) => drawBlock(block, number, view, modal))),
        h("footer", { class: "actions" },
            h("button", { type: "button", class: "button", onclick: close }, body.close ? textOf(body.close) : "Close"),
            body.submit ? h("button", { type: "submit", class: "button primary" }, textOf(body.submit)) : null));
    modal.dialog = h("dialog", { class: "sheet modal", "aria-labelledby": titleId }, modal.form);
    modal.dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
    modal.dialog.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) modal.form.requestSubmit();
    });
    modal.initial = read(modal);
    return modal;
}

function drawBlock(block, number, view, modal) {
    if (block.type !== "input") return renderBlock(block, { view: view.id, block: number });
    const id = `${view.id}-${block.block_id}`;
    const told = block.dispatch_action
        ? (chosen) => ask({ do: "use", view: view.id, block: number, action_id: block.element.action_id, chosen }).catch(() => {})
        : undefined;
    const input = inputFor(block.element, {
        id, described: `${id}-error ${id}-hint`, label: block.label.text, optional: block.optional, told,
    });
    const error = h("p", { class: "field-error", id: `${id}-error`, role: "alert" });
    modal.inputs.set(block.block_id, input);
    modal.errors.set(block.block_id, { error, input, optional: block.optional });
    return h("div", { class: "field", "data-field": block.block_id },
        h("label", { for: id }, textOf(block.label), block.optional ? h("span", { class: "optional" }, "optional") : null),
        input.node,
        block.hint ? h("p", { class: "hint", id: `${id}-hint` }, textOf(block.hint)) : null,
        error);
}

function showErrors(modal, errors) {
    const sign = JSON.stringify(errors);
    if (modal.shownErrors === sign) return;
    modal.shownErrors = sign;
    let first = null;
    for (const [key, { error, input }] of modal.errors) {
        error.textContent = errors[key] ?? "";
        error.parentElement?.classList.toggle("wrong", key in errors);
        if (key in errors && !first) first = input.node;
    }
    const target = first?.matches("input, textarea, select") ? first : first?.querySelector("input");
    target?.focus();
    first?.parentElement?.scrollIntoView({ block: "nearest" });
}

async function submit(modal) {
    const fields = read(modal);
    const missing = {};
    for (const [key, { optional }] of modal.errors) {
        const empty = fields[key] === null || (Array.isArray(fields[key]) && fields[key].length === 0);
        if (empty && !optional) missing[key] = "Please fill in this field.";
    }
    modal.shownErrors = "";
    showErrors(modal, missing);
    if (Object.keys(missing).length > 0) return;
    modal.form.classList.add("busy");
    try {
        const { id } = await ask({ do: "submit", fields });
        modal.waitsFor = id;
    } catch (error) {
        modal.form.classList.remove("busy");
        toast(error.message, "bad");
    }
}

function close() {
    ask({ do: "close" }).catch((error) => toast(error.message, "bad"));
}

onLost((id) => {
    if (shown?.waitsFor === id) toast("We had some trouble connecting. Try again?", "bad");
});
