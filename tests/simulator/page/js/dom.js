// Small tools for the DOM. Text only ever goes in as text nodes, so whatever people type stays text.

/// An element: h("button", { class: "x", onclick: act }, "Say it", child). Attributes that are null or false are left out.
export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (name === "value" || name === "checked" || name === "selected" || name === "disabled") element[name] = value;
        else element.setAttribute(name, value === true ? "" : value);
    }
    add(element, children);
    return element;
}

export function add(parent, children) {
    for (const child of children.flat(Infinity)) {
        if (child === null || child === undefined || child === false) continue;
        parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return parent;
}

const svg = "http://www.w3.org/2000/svg";

/// A line icon of 20 × 20.
export function icon(name, size = 20) {
    const shape = document.createElementNS(svg, "svg");
    for (const [key, value] of Object.entries({
        viewBox: "0 0 20 20", width: size, height: size, fill: "none", stroke: "currentColor",
        "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
    })) shape.setAttribute(key, value);
    const path = document.createElementNS(svg, "path");
    path.setAttribute("d", paths[name]);
    shape.append(path);
    return shape;
}

const paths = {
    menu: "M3 5h14M3 10h14M3 15h14",
    close: "M5 5l10 10M15 5L5 15",
    hash: "M8 3L6 17M14 3l-2 14M3.5 7.5h14M2.5 12.5h14",
    lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
    smile: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM7 12s1 1.8 3 1.8 3-1.8 3-1.8M7.5 8v.01M12.5 8v.01",
    thread: "M3 4h14v9H9l-4 3.5V13H3z",
    pencil: "M4 16l.8-3.6L13 4.2a1.5 1.5 0 0 1 2.1 0l.7.7a1.5 1.5 0 0 1 0 2.1L7.6 15.2z",
    bin: "M4 6h12M8 6V4h4v2M6 6l.7 10.5h6.6L14 6",
    send: "M3 10.2L17 3.5 12.2 17l-2.7-5.4z",
    clock: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM10 6v4.2l2.8 1.8",
    box: "M3 7l7-4 7 4v6l-7 4-7-4zM3 7l7 4 7-4M10 11v6",
    book: "M4 3.5h9.5A2.5 2.5 0 0 1 16 6v11H6.5A2.5 2.5 0 0 1 4 14.5zM4 14.5A2.5 2.5 0 0 1 6.5 12H16",
    linear: "M3 11l6 6M3 7l10 10M4.5 4.5l11 11M8 3l9 9M12.5 3.5l4 4",
    down: "M5 8l5 5 5-5",
    back: "M12 5l-5 5 5 5",
    file: "M5 2.5h6.5L15 6v11.5H5zM11.5 2.5V6H15",
    more: "M5 10h.01M10 10h.01M15 10h.01",
    eye: "M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
    home: "M3.5 9L10 3.5 16.5 9v7.5h-4.5V12H8v4.5H3.5z",
};

/// Makes the children of `parent` those of `entries` ({ key, sign, make }), in order; one whose `sign` has not changed is
/// kept as it is. Keeps the keyboard's place.
export function sync(parent, entries) {
    const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
    const focused = parent.contains(document.activeElement) ? placeOf(document.activeElement) : null;
    let at = parent.firstElementChild;
    for (const { key, sign, make } of entries) {
        let node = known.get(key);
        known.delete(key);
        if (!node || node.sign !== sign) {
            const fresh = make();
            fresh.dataset.key = key;
            fresh.sign = sign;
            if (node) {
                if (node === at) at = at.nextElementSibling;
                node.replaceWith(fresh);
                parent.insertBefore(fresh, at);
            } else parent.insertBefore(fresh, at);
            node = fresh;
        } else if (node === at) at = at.nextElementSibling;
        else parent.insertBefore(node, at);
    }
    for (const gone of known.values()) gone.remove();
    if (focused && !parent.contains(document.activeElement)) {
        const again = parent.querySelector(`[data-key="${CSS.escape(focused.key)}"]`);
        const target = again && (focused.place ? again.querySelector(`[data-place="${CSS.escape(focused.place)}"]`) : again);
        (target || again)?.focus({ preventScroll: true });
    }
}

function placeOf(element) {
    const item = element.closest("[data-key]");
    return item ? { key: item.dataset.key, place: element.dataset.place || "" } : null;
}

/// A short message at the bottom of the screen. `act` adds a button: { label, run }.
export function toast(text, kind = "", act = null) {
    const shown = h("div", { class: `toast ${kind}` }, h("span", {}, text));
    const leave = () => shown.remove();
    if (act) shown.append(h("button", { class: "link", onclick: () => { leave(); act.run(); } }, act.label));
    shown.append(h("button", { class: "plain", "aria-label": "Dismiss", onclick: leave }, icon("close", 14)));
    document.getElementById("toasts").append(shown);
    while (shown.parentElement.children.length > 3) shown.parentElement.firstElementChild.remove();
    setTimeout(leave, act ? 12000 : 7000);
}
