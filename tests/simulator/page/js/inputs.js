// The inputs of Block Kit: for modals (read when the form is sent) and for messages (told at once).
import { h } from "./dom.js";
import { mrkdwn, plainText } from "./mrkdwn.js";
import { clockTime24, isoDay, momentOf, zoneName } from "./dates.js";
import { now, person, store } from "./store.js";

export function textOf(object) {
    return object.type === "mrkdwn" ? mrkdwn(object.text) : plainText(object.text);
}

function optionsOf(element) {
    return element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
}

const texts = { plain_text_input: "text", email_text_input: "email", url_text_input: "url", number_input: "number" };

/// An input: { node, read, refocus }. `read` gives what the person entered, null for nothing. `told` is called when it
/// changes. `id` and `described` join it with its label and its error.
export function inputFor(element, { id, described, label, optional, told }) {
    const shared = { id, "aria-describedby": described, "aria-label": label };
    const type = element.type;
    if (texts[type]) return textInput(element, shared, told);
    if (type === "checkboxes" || type.startsWith("multi_")) return choices(element, shared, "checkbox", told);
    if (type === "radio_buttons") return choices(element, shared, "radio", told);
    if (type === "datetimepicker") return moment(element, shared, told);
    if (type === "datepicker") return single("date", element.initial_date, shared, told);
    if (type === "timepicker") return single("time", element.initial_time, shared, told);
    if (type.endsWith("_select")) return select(element, shared, optional, told);
    return { node: h("p", { class: "unknown" }, `This page has no ${type.replaceAll("_", " ")}.`), read: () => null };
}

function textInput(element, shared, told) {
    const attributes = {
        ...shared,
        placeholder: element.placeholder?.text,
        maxlength: element.max_length, minlength: element.min_length,
        min: element.min_value, max: element.max_value,
        autocomplete: "off", "data-place": shared.id,
    };
    const node = element.multiline
        ? h("textarea", { ...attributes, rows: 4 })
        : h("input", { ...attributes, type: texts[element.type], step: element.is_decimal_allowed ? "any" : null });
    node.value = element.initial_value ?? "";
    node.addEventListener("change", () => told?.(node.value || null));
    return { node, read: () => node.value || null, write: (value) => { node.value = value ?? ""; } };
}

function single(kind, initial, shared, told) {
    const node = h("input", { ...shared, type: kind, "data-place": shared.id });
    node.value = initial ?? "";
    node.addEventListener("change", () => told?.(node.value || null));
    return { node, read: () => node.value || null, write: (value) => { node.value = value ?? ""; } };
}

function moment(element, shared, told) {
    const zone = person(store.as).tz ?? "America/New_York";
    const day = h("input", { ...shared, type: "date", "aria-label": `${shared["aria-label"]}, date`, "data-place": shared.id });
    const time = h("input", { type: "time", "aria-label": `${shared["aria-label"]}, time`, "data-place": `${shared.id}-time` });
    const write = (value) => {
        day.value = value ? isoDay(value, zone) : "";
        time.value = value ? clockTime24(value, zone) : "";
    };
    write(element.initial_date_time);
    const read = () => momentOf(day.value, time.value, zone);
    for (const part of [day, time]) part.addEventListener("change", () => read() !== null && told?.(read()));
    const node = h("div", { class: "moment" }, day, time, h("small", {}, zoneName(element.initial_date_time ?? now(), zone)));
    return { node, read, write };
}

function entriesOf(element) {
    const type = element.type;
    if (type.includes("users")) {
        return store.state.people.filter((each) => !each.is_deleted)
            .map((each) => ({ value: each.id, text: each.title ? `${each.name} (${each.title})` : each.name }));
    }
    if (type.includes("channels") || type.includes("conversations")) {
        return store.state.channels.filter((each) => !each.is_im).map((each) => ({ value: each.id, text: `#${each.name}` }));
    }
    return optionsOf(element).map((option) => ({ value: option.value, text: option.text.text }));
}

function select(element, shared, optional, told) {
    const initial = element.initial_option?.value ?? element.initial_user ?? element.initial_channel ?? element.initial_conversation ?? "";
    const node = h("select", { ...shared, "data-place": shared.id });
    if (!initial || optional) node.append(h("option", { value: "" }, element.placeholder?.text ?? "Choose…"));
    for (const entry of entriesOf(element)) node.append(h("option", { value: entry.value }, entry.text));
    node.value = initial;
    node.addEventListener("change", () => node.value && told?.(node.value));
    return { node, read: () => node.value || null, write: (value) => { node.value = value ?? ""; } };
}

function choices(element, shared, kind, told) {
    const many = kind === "checkbox";
    const initial = new Set([
        ...(element.initial_options ?? []).map((option) => option.value), ...(element.initial_users ?? []),
        ...(element.initial_option ? [element.initial_option.value] : []),
    ]);
    const options = optionsOf(element).length
        ? optionsOf(element)
        : entriesOf(element).map((entry) => ({ value: entry.value, text: { type: "plain_text", text: entry.text } }));
    const node = h("div", {
        class: "choices-input", role: many ? "group" : "radiogroup",
        "aria-label": shared["aria-label"], "aria-describedby": shared["aria-describedby"],
    });
    const boxes = options.map((option, number) => {
        const box = h("input", {
            type: kind, name: shared.id, id: number === 0 ? shared.id : `${shared.id}-${number}`,
            "data-place": `${shared.id}-${number}`,
        });
        box.value = option.value;
        box.checked = initial.has(option.value);
        box.addEventListener("change", () => told?.(read()));
        node.append(h("label", { class: "choice-input" }, box,
            h("span", {}, textOf(option.text), option.description ? h("small", {}, textOf(option.description)) : null)));
        return box;
    });
    const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
    const read = () => (many ? chosen() : chosen()[0] ?? null);
    const write = (value) => {
        const wanted = new Set([value].flat());
        for (const box of boxes) box.checked = wanted.has(box.value);
    };
    return { node, read, write };
}
