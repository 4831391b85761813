// Rows in place of those that were there. A select that has the focus stays the element it is, with all around it: taken away and drawn
// anew it would forget what was typed ahead in it, and a screen reader would lose its place.

import { takeOver } from "./dom.js";

export function redraw(tree, made) {
    const active = document.activeElement;
    const fresh = document.createElement("div");
    fresh.append(...made);
    const kept = tree.contains(active) && active.matches("select[data-c]") ? way(tree, active) : [];
    const place = kept.length ? counterpart(fresh, active) : null;
    const drawn = place ? way(fresh, place) : [];
    if (!place || kept.length !== drawn.length || kept.some((one, depth) => !alike(one, drawn[depth]))) {
        tree.replaceChildren(...fresh.childNodes);
        return;
    }
    kept.forEach((one, depth) => around(one, drawn[depth]));
    kept.slice(0, -1).forEach((one, depth) => attributes(one, drawn[depth]));
    attributes(active, place);
    takeOver(active, place);
}

// The elements from just beneath the top down to one.
function way(top, element) {
    const found = [];
    for (let one = element; one !== top; one = one.parentElement) found.unshift(one);
    return found;
}

function counterpart(fresh, active) {
    const { id } = active.closest("[data-id]").dataset;
    const row = fresh.querySelector(`[data-id="${id}"]`);
    return row && [...row.querySelectorAll("select[data-c]")].find((one) => one.dataset.c === active.dataset.c && one.closest("[data-id]") === row);
}

const alike = (one, other) => one.tagName === other.tagName && one.dataset.id === other.dataset.id;

function around(kept, place) {
    for (const sibling of [...kept.parentNode.childNodes]) if (sibling !== kept) sibling.remove();
    const siblings = [...place.parentNode.childNodes];
    const at = siblings.indexOf(place);
    kept.before(...siblings.slice(0, at));
    kept.after(...siblings.slice(at + 1));
}

function attributes(kept, place) {
    for (const name of kept.getAttributeNames()) if (!place.hasAttribute(name)) kept.removeAttribute(name);
    for (const name of place.getAttributeNames()) if (kept.getAttribute(name) !== place.getAttribute(name)) kept.setAttribute(name, place.getAttribute(name));
}
