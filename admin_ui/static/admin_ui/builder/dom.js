// Elements in one call.

export function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
        else if (value === true) made.setAttribute(name, "");
        else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
}

export function button(words, act, attributes = {}) {
    return el("button", { type: "button", onclick: act, ...attributes }, words);
}

// A select of [value, words] pairs, or of {label, options} groups of them.
export function select(options, chosen, act, attributes = {}) {
    const entry = ([value, words]) => {
        const made = el("option", { value }, words);
        made.selected = value === chosen;
        return made;
    };
    const made = el("select", attributes, ...options.map((one) => (one.label ? el("optgroup", { label: one.label }, ...one.options.map(entry)) : entry(one))));
    Object.assign(made, { chosen, act });
    made.addEventListener("change", () => {
        if (made.value === made.chosen) return; // a change to what it is already is none
        made.chosen = made.value;
        made.act(made.value);
    });
    return made;
}

// A select offers, shows and does what another one does.
export function takeOver(kept, other) {
    const { value } = other;
    if (kept.innerHTML !== other.innerHTML) kept.replaceChildren(...other.childNodes);
    kept.value = value;
    Object.assign(kept, { chosen: other.chosen, act: other.act });
}

let numbered = 0;
export const unique = (word) => `rb-${word}-${++numbered}`;
