// A text field that offers what fits what is typed: of a thousand names in a few milliseconds, by arrow keys, touch or mouse.

import { el, unique } from "./dom.js";

const SHOWN = 60;

// `nothing`: what is said where no option fits; without it the list is not shown then.
// `options`: a function giving [{value, label, hint, group}]. `pick(value)` is called for what was chosen, `free(text)` for other text.
export function combobox({ label, shown, options, pick, free, extra = () => [], nothing = "", placeholder = "", kind = "", attributes = {} }) {
    const listId = unique("list");
    const input = el("input", {
        type: "text", role: "combobox", "aria-label": label, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId,
        autocomplete: "off", spellcheck: "false", placeholder, ...attributes,
    });
    input.value = shown;
    shown = input.value; // a field of one line leaves line breaks out
    const list = el("ul", { role: "listbox", id: listId, class: "rb-list", "aria-label": label, hidden: true });
    const box = el("span", { class: `rb-combo ${kind}`.trim() }, input, list);
    let offered = [];
    let active = -1;
    let typed = false;

    function open() {
        offered = matching(options(), typed ? input.value : "", typed ? extra(input.value) : []);
        list.replaceChildren();
        let heading = null;
        for (const [index, one] of offered.slice(0, SHOWN).entries()) {
            if (one.group && one.group !== heading && !typed) list.append(el("li", { role: "presentation", class: "rb-heading" }, one.group));
            heading = one.group;
            const entry = el("li", { role: "option", id: `${listId}-${index}`, "aria-selected": "false" }, el("span", {}, one.label));
            if (one.hint && one.hint !== one.label) entry.append(el("span", { class: "rb-hint" }, one.hint));
            entry.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
            entry.addEventListener("click", () => choose(index));
            list.append(entry);
        }
        if (offered.length > SHOWN) list.append(el("li", { role: "presentation", class: "rb-heading" }, `and ${offered.length - SHOWN} more: go on typing`));
        if (nothing && !offered.length) list.append(el("li", { role: "presentation", class: "rb-heading" }, nothing));
        list.hidden = !list.children.length;
        input.setAttribute("aria-expanded", String(!list.hidden));
        activate(typed && offered.length && input.value.trim() ? 0 : -1);
    }

    function close() {
        list.hidden = true;
        input.setAttribute("aria-expanded", "false");
        activate(-1);
    }

    function activate(index) {
        list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
        active = index;
        const entry = document.getElementById(`${listId}-${index}`);
        entry?.setAttribute("aria-selected", "true");
        entry?.scrollIntoView({ block: "nearest" });
        if (entry) input.setAttribute("aria-activedescendant", entry.id);
        else input.removeAttribute("aria-activedescendant");
    }

    function choose(index) {
        const one = offered[index];
        input.value = shown = one.label;
        typed = false;
        close();
        pick(one.value);
    }

    function settle() {
        close();
        const text = input.value;
        if (text === shown) return;
        typed = false;
        const exact = meant(options(), text);
        shown = text;
        if (exact) pick(exact.value);
        else free(text);
    }

    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => list.hidden && open());
    input.addEventListener("input", (event) => {
        event.stopPropagation();
        typed = true;
        open();
    });
    input.addEventListener("change", (event) => {
        event.stopPropagation();
        settle();
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
        const most = Math.min(offered.length, SHOWN) - 1;
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            event.stopPropagation();
            if (list.hidden) open();
            if (!list.hidden) activate(event.key === "ArrowDown" ? (active >= most ? 0 : active + 1) : active <= 0 ? most : active - 1);
        } else if (event.key === "Enter") {
            event.preventDefault(); // not the whole form
            if (!list.hidden && active >= 0) choose(active);
            else settle();
        } else if (event.key === "Escape" && !list.hidden) {
            event.stopPropagation();
            input.value = shown;
            typed = false;
            close();
        }
    });
    return box;
}

// What was typed in full: a value, its label, or the last part of just one value, such as cart_value.
function meant(options, text) {
    const wanted = text.trim().toLowerCase();
    const ending = options.filter((one) => String(one.value).toLowerCase().endsWith(`.${wanted}`));
    return options.find((one) => String(one.value) === text) ?? options.find((one) => one.label.toLowerCase() === wanted) ?? (ending.length === 1 ? ending[0] : null);
}

// What is called just so comes first, then what begins with the text, then what has all its words somewhere.
export function matching(options, text, extra = []) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return [...options, ...extra];
    const words = wanted.split(/\s+/);
    const exact = [];
    const first = [];
    const rest = [];
    for (const one of options) {
        const said = `${one.label} ${one.hint ?? ""} ${one.value}`.toLowerCase();
        if (one.label.toLowerCase() === wanted || String(one.value).toLowerCase() === wanted) exact.push(one);
        else if (one.label.toLowerCase().startsWith(wanted) || String(one.value).toLowerCase().startsWith(wanted)) first.push(one);
        else if (words.every((word) => said.includes(word))) rest.push(one);
    }
    return [...exact, ...first, ...rest, ...extra];
}
