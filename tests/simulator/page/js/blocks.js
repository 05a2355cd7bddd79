// Block Kit as Slack draws it.
import { h, icon, toast } from "./dom.js";
import { inputFor, textOf } from "./inputs.js";
import { mrkdwn } from "./mrkdwn.js";
import { confirmed, openMenu } from "./popups.js";
import { ask, isWaiting, onChange } from "./store.js";

/// The blocks of a message (`place`: { channel, ts }), the App Home ({}) or a modal ({ view }).
export function renderBlocks(blocks, place) {
    return h("div", { class: "blocks" }, blocks.map((block, number) => renderBlock(block, { ...place, block: number })));
}

export function renderBlock(block, place) {
    const draw = drawers[block.type];
    return draw ? draw(block, place) : h("p", { class: "unknown" }, `[a block of type ${block.type}]`);
}

const drawers = {
    section: (block, place) =>
        h("div", { class: "section" },
            h("div", { class: "section-text" },
                block.text ? h("div", { class: "text" }, textOf(block.text)) : null,
                block.fields ? h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "text" }, textOf(field)))) : null),
            block.accessory ? h("div", { class: "accessory" }, renderElement(block.accessory, place)) : null),
    header: (block) => h("h3", { class: "block-header" }, textOf(block.text)),
    divider: () => h("hr"),
    context: (block) => h("div", { class: "context" }, block.elements.map((element) =>
        element.type === "image" ? picture(element) : h("span", {}, textOf(element)))),
    actions: (block, place) => h("div", { class: "action-row" }, block.elements.map((element) => renderElement(element, place))),
    image: (block) => h("figure", {}, picture(block), block.title ? h("figcaption", {}, textOf(block.title)) : null),
    markdown: (block) => h("div", { class: "text" }, mrkdwn(block.text.replaceAll("**", "*").replace(/^#+ (.*)$/gm, "*$1*"))),
    rich_text: (block) => h("div", { class: "text" }, JSON.stringify(block.elements)),
};

/// Pictures from elsewhere are not fetched: their description stands for them.
function picture(element) {
    return h("span", { class: "picture", role: "img", "aria-label": element.alt_text }, icon("eye", 14), element.alt_text);
}

function idFor(place, element) {
    return `${place.view ?? place.ts ?? "home"}-${place.block}-${element.action_id}`;
}

function renderElement(element, place) {
    if (element.type === "button") return button(element, place);
    if (element.type === "overflow") return overflow(element, place);
    if (element.type === "image") return picture(element);
    const label = element.placeholder?.text ?? element.action_id;
    const told = (chosen) => use(element, place, chosen, input.node);
    const input = inputFor(element, { id: idFor(place, element), label, optional: false, told });
    input.node.classList.add("inline-input");
    return input.node;
}

function button(element, place) {
    const node = h("button", {
        class: `button ${element.style ?? ""}`,
        "aria-label": element.accessibility_label ?? null,
        "data-place": idFor(place, element),
        onclick: () => {
            if (element.url) window.open(element.url, "_blank", "noopener");
            use(element, place, null, node);
        },
    }, textOf(element.text));
    return node;
}

function overflow(element, place) {
    const node = h("button", {
        class: "button overflow", "aria-label": "More", "aria-haspopup": "menu", "data-place": idFor(place, element),
        "data-options": element.options.map((option) => option.value).join(" "),
        onclick: () => openMenu(node, "More", element.options.map((option) => ({
            label: textOf(option.text),
            value: option.value,
            run: () => use(element, place, option.value, node),
        }))),
    }, icon("more", 18));
    return node;
}

const busy = new Map();

/// Does it, after the confirm dialog where there is one; the element shows that it waits.
async function use(element, place, chosen, node) {
    if (element.confirm && !(await confirmed(element.confirm, textOf))) return;
    try {
        const { id } = await ask({ do: "use", ...place, action_id: element.action_id, chosen });
        if (id) {
            node.classList.add("busy");
            node.setAttribute("aria-busy", "true");
            busy.set(id, node);
        }
    } catch (error) {
        toast(error.message, "bad");
    }
}

onChange(() => {
    for (const [id, node] of busy) {
        if (isWaiting(id)) continue;
        node.classList.remove("busy");
        node.removeAttribute("aria-busy");
        busy.delete(id);
    }
});
