// Keys and clipboard on rows: as in any tree, and Alt with arrows to move.

import { entryOf } from "../helping/shortcuts.js";
import * as model from "./model.js";

// Where an entry works: anywhere in the builder, in a row or its fields, in the fields only, or on the row itself.
const anywhere = () => true;
const within = (row) => row !== null;
const inField = (row, target) => row !== null && row !== target;
const onRow = (row, target) => row !== null && row === target;

// What works and what is listed. An `act` that gives false had nothing to do there.
export const KEYS = [
    { keys: ["Ctrl+z"], says: "Undo", where: anywhere, act: (builder) => builder.undo() },
    { keys: ["Ctrl+Shift+z", "Ctrl+y"], says: "Do again", where: anywhere, act: (builder) => builder.redo() },
    { keys: ["Alt+ArrowUp"], says: "Move it up", where: within, act: (builder, id) => builder.move(id, "up") },
    { keys: ["Alt+ArrowDown"], says: "Move it down", where: within, act: (builder, id) => builder.move(id, "down") },
    { keys: ["Alt+ArrowLeft"], says: "Move it out of its group", where: within, act: (builder, id) => builder.move(id, "out") },
    { keys: ["Alt+ArrowRight"], says: "Move it into a group", where: within, act: (builder, id) => builder.move(id, "in") },
    { keys: ["Ctrl+d"], says: "Repeat it", where: within, act: (builder, id) => builder.duplicate(id) },
    { keys: ["Escape"], says: "From a field back to its row", where: inField, act: (builder, id, row) => row.focus() },
    { keys: ["Enter"], where: (row, target) => inField(row, target) && target.matches("input"), act: (builder, id, row) => row.focus() },
    { keys: ["Enter", "F2"], says: "From a row into its fields", where: onRow, act: (builder, id, row) => fieldOf(row)?.focus() },
    { keys: ["ArrowDown"], says: "To the next row", where: onRow, act: (builder, id, row) => beside(builder, row, 1) },
    { keys: ["ArrowUp"], says: "To the row before", where: onRow, act: (builder, id, row) => beside(builder, row, -1) },
    { keys: ["Home"], says: "To the first row", where: onRow, act: (builder) => builder.rows()[0].focus() },
    { keys: ["End"], says: "To the last row", where: onRow, act: (builder) => builder.rows().at(-1).focus() },
    { keys: ["ArrowRight"], says: "Unfold a group, then into it", where: onRow, act: inwards },
    { keys: ["ArrowLeft"], says: "Fold a group, or out to it", where: onRow, act: outwards },
    { keys: ["Delete", "Backspace"], says: "Remove it", where: onRow, act: (builder, id) => builder.remove(id) },
];

// The browser's own keys for its clipboard, on rows.
export const CLIPBOARD = [
    { keys: ["Ctrl+c"], says: "Copy it, here or for another rule", event: "copy", act: copy },
    { keys: ["Ctrl+x"], says: "Cut it", event: "cut", act: (builder, event) => copy(builder, event) && builder.remove(event.target.dataset.id) },
    { keys: ["Ctrl+v"], says: "Paste after it", event: "paste", act: paste },
];

export const LISTED = [...KEYS.filter(({ says }) => says), ...CLIPBOARD];

const isRow = (event) => event.target.matches?.("[role=treeitem]");

export function keys(builder) {
    return {
        keydown: (event) => key(builder, event),
        focusin: (event) => isRow(event) && builder.hold(event.target),
        ...Object.fromEntries(CLIPBOARD.map(({ event: type, act }) => [type, (event) => act(builder, event)])),
    };
}

function key(builder, event) {
    if (builder.asJson) return;
    const row = event.target.closest?.("[role=treeitem]") ?? null;
    const entry = entryOf(event, KEYS.filter(({ where }) => where(row, event.target)));
    if (!entry || entry.act(builder, row?.dataset.id, row) === false) return;
    event.preventDefault();
    event.stopPropagation();
}

const fieldOf = (row) => [...row.querySelectorAll("input, select, textarea, button")].find((one) => one.tabIndex >= 0);

function beside(builder, row, step) {
    const rows = builder.rows();
    (rows[rows.indexOf(row) + step] ?? row).focus();
}

// aria-expanded is not there where nothing is within.
function inwards(builder, id, row) {
    const open = row.getAttribute("aria-expanded");
    if (open === null) return false;
    if (open === "true") beside(builder, row, 1);
    else builder.toggle(builder.closed, id);
    return true;
}

function outwards(builder, id, row) {
    const around = row.parentElement.closest("[role=treeitem]");
    if (row.getAttribute("aria-expanded") === "true") builder.toggle(builder.closed, id);
    else if (around) around.focus();
    else return false;
    return true;
}

function copy(builder, event) {
    if (!isRow(event)) return false;
    event.preventDefault();
    event.clipboardData.setData("text/plain", JSON.stringify(model.write(builder.places.get(event.target.dataset.id).node), null, 2));
    return true;
}

// JSON on a row comes after it, whole: a row of this builder or another, conditions of a document, or a list of several.
function paste(builder, event) {
    if (!event.target.matches?.("[role=treeitem], [data-c=add]")) return;
    let pasted;
    try {
        pasted = JSON.parse(event.clipboardData.getData("text/plain"));
    } catch {
        return;
    }
    event.preventDefault();
    const node = model.read(Array.isArray(pasted) ? { all: pasted } : pasted);
    const id = event.target.closest("[data-id]")?.dataset.id;
    const change = (root) => (!root ? node : id ? model.insertBeside(root, id, 1, node) : model.add(root, root.id, node));
    builder.change(change, { focus: { id: node.id } });
}
