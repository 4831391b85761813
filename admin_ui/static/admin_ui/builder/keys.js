// Keys and clipboard on rows: as in any tree, and Alt with arrows to move.

import * as model from "./model.js";

const STEPS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };

export function keys(builder) {
    const onRow = (event) => event.target.matches?.("[role=treeitem]");
    const copy = (event) => {
        if (!onRow(event)) return false;
        event.preventDefault();
        event.clipboardData.setData("text/plain", JSON.stringify(model.write(builder.places.get(event.target.dataset.id).node), null, 2));
        return true;
    };
    return {
        keydown: (event) => key(builder, event),
        focusin: (event) => onRow(event) && builder.hold(event.target),
        copy,
        cut: (event) => copy(event) && builder.remove(event.target.dataset.id),
        paste: (event) => paste(builder, event),
    };
}

function key(builder, event) {
    const row = event.target.closest?.("[role=treeitem]");
    const command = event.ctrlKey || event.metaKey;
    const letter = event.key.toLowerCase();
    const act = (run) => {
        event.preventDefault();
        event.stopPropagation();
        run();
    };
    if (builder.asJson) return;
    if (command && (letter === "z" || letter === "y")) act(() => (letter === "y" || event.shiftKey ? builder.redo() : builder.undo()));
    else if (!row) return;
    else if (event.altKey && event.key in STEPS) act(() => builder.move(row.dataset.id, STEPS[event.key]));
    else if (command && letter === "d") act(() => builder.duplicate(row.dataset.id));
    else if (row !== event.target && (event.key === "Escape" || (event.key === "Enter" && event.target.matches("input")))) act(() => row.focus());
    else if (row === event.target && !command && !event.altKey) walk(builder, event.key, row, act);
}

function walk(builder, pressed, row, act) {
    const rows = builder.rows();
    const at = rows.indexOf(row);
    const { id } = row.dataset;
    const open = row.getAttribute("aria-expanded"); // null: nothing within
    const go = (other) => other && act(() => other.focus());
    if (pressed === "ArrowDown") go(rows[at + 1] ?? row);
    else if (pressed === "ArrowUp") go(rows[at - 1] ?? row);
    else if (pressed === "Home") go(rows[0]);
    else if (pressed === "End") go(rows.at(-1));
    else if (pressed === "ArrowRight" && open === "true") go(rows[at + 1]);
    else if (pressed === "ArrowLeft" && open !== "true") go(row.parentElement.closest("[role=treeitem]"));
    else if (pressed === "ArrowRight" || pressed === "ArrowLeft") open !== null && act(() => builder.toggle(builder.closed, id));
    else if (pressed === "Delete" || pressed === "Backspace") act(() => builder.remove(id));
    else if (pressed === "Enter" || pressed === "F2") act(() => [...row.querySelectorAll("input, select, textarea, button")].find((one) => one.tabIndex >= 0)?.focus());
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
