// The rows of a tree: each a treeitem with its controls, what is wrong with it, and the rows within it.

import { button, el, unique } from "./dom.js";
import * as model from "./model.js";
import { comparison, grouping, jsonRow, JOINS, policy } from "./rows.js";

const SPOKEN = { all: "All of these", any: "Any of these", none: "None of these", not: "Not this" };

export function drawn(builder) {
    const { root, scope } = builder;
    const adds = addButtons(builder, null);
    if (!root) return [el("p", { class: "rb-empty" }, scope === "event" ? "No conditions: every such event counts." : "No conditions: it holds for everybody."), adds];
    const list = el("ul", { role: "tree", "aria-label": builder.label, class: "rb-root" }, row(builder, builder.places.get(root.id), 1, 1));
    return root.kind === "group" ? [list] : [list, adds];
}

function addButtons(builder, parentId) {
    const named = parentId ? " to this group" : "";
    return el("div", { class: "rb-adds" },
        button("+ Condition", () => builder.add(parentId, model.blank()), { class: "small-button", "data-c": "add", "aria-label": `Add a condition${named}` }),
        button("+ Group", () => builder.add(parentId, model.group("any", [model.blank()])), { class: "small-button", "data-c": "add-group", "aria-label": `Add a group${named}` }));
}

function row(builder, place, size, number) {
    const { node } = place;
    const { id } = node;
    const scope = place.items ? "item" : builder.scope;
    const inner = model.children(node);
    const closed = builder.closed.has(id) && inner.length > 0;
    const grip = el("span", { class: "rb-grip", draggable: "true", title: "Drag to move; Alt with arrow keys does the same", "aria-hidden": "true" }, "⠿");
    const line = el("div", { class: "rb-line" }, grip, ...controls(builder, node, scope, closed), actions(builder, node));
    const problems = el("div", { class: "rb-problems", id: unique("problems") });
    for (const control of line.querySelectorAll("input, select, textarea")) control.setAttribute("aria-describedby", problems.id);
    const item = el("li", {
        role: "treeitem", class: `rb-${node.kind}`, "data-id": id, "aria-level": place.level, "aria-setsize": size, "aria-posinset": number,
        "aria-label": spoken(builder, place, scope), "aria-expanded": inner.length ? String(!closed) : null, tabindex: builder.current === id ? "0" : "-1",
    }, line, builder.opened.has(id) ? more(builder, place, scope) : null, problems);
    if (inner.length && !closed) {
        const join = node.kind === "group" ? JOINS[node.how] : "";
        item.append(el("ul", { role: "group", class: "rb-inner" }, ...inner.map((child, index) => {
            const made = row(builder, builder.places.get(child.id), inner.length, index + 1);
            if (index && join) made.dataset.join = join;
            return made;
        })));
    }
    if (node.kind === "group" && !closed && (node.how !== "not" || !inner.length)) item.append(addButtons(builder, id));
    return item;
}

function controls(builder, node, scope, closed) {
    const edit = (change, options) => builder.edit(node.id, change, options);
    if (node.kind === "json") {
        const back = model.read(node.value).kind === "json" ? null : () => builder.toFields(node.id);
        return jsonRow(node, edit, back);
    }
    const twist = button(closed ? "▸" : "▾", () => builder.toggle(builder.closed, node.id, "twist"), {
        class: "rb-small rb-twist", "data-c": "twist", "aria-label": closed ? "Open this group" : "Fold this group away", tabindex: "-1",
    });
    if (node.kind === "leaf") {
        const at = { node, scope, vocabulary: builder.vocabulary, as: builder.as.get(node.id) };
        const found = comparison(at, edit, (id, kind) => builder.as.set(id, kind));
        const { missing } = node.said;
        if (missing === true || missing === false) found.push(el("span", { class: "rb-note" }, missing ? "or not known" : "and known"));
        return node.inner ? [twist, ...found] : found;
    }
    const how = grouping(node, (chosen) => edit((one) => model.regroup(one, chosen), { anew: true }));
    return [twist, how, closed ? el("span", { class: "rb-note" }, `${model.places(node).length - 1} within`) : null];
}

function actions(builder, { id, kind }) {
    return el("span", { class: "rb-actions" },
        button("⋯", () => builder.toggle(builder.opened, id, "more"), {
            class: "rb-small", "data-c": "more", "aria-label": "More: move, repeat, group", "aria-expanded": String(builder.opened.has(id)),
        }),
        button("×", () => builder.remove(id), { class: "rb-small", "data-c": "remove", "aria-label": kind === "group" ? "Remove this group" : "Remove this condition" }));
}

// What is seldom needed, and moving for those who neither drag nor know the keys.
function more(builder, place, scope) {
    const { node, parent, index } = place;
    const { id } = node;
    const inGroup = parent?.kind === "group";
    const out = inGroup && builder.places.get(parent.id).parent?.kind === "group";
    const act = (words, run, control, usable = true) => button(words, run, { disabled: !usable, class: "small-button rb-tool", "data-c": control });
    const found = [
        act("Move up", () => builder.move(id, "up"), "up", inGroup && (index > 0 || out)),
        act("Move down", () => builder.move(id, "down"), "down", inGroup && (index < parent.children.length - 1 || out)),
        act("Out of the group", () => builder.move(id, "out"), "out", out),
        act("Into a group", () => builder.move(id, "in"), "in", inGroup && parent.children.length > 1),
        act("Repeat", () => builder.duplicate(id), "repeat"),
        act("Put a group around it", () => builder.wrap(id), "wrap"),
    ];
    if (model.canUngroup(place)) found.push(act("Take the group away", () => builder.change((root) => model.ungroup(root, id)), "ungroup"));
    if (node.kind !== "json") found.push(act("As JSON", () => builder.toJson(id), "as-json"));
    const moves = el("div", { class: "rb-moves" }, ...found);
    if (node.kind === "leaf") {
        const variable = builder.vocabulary.get(node.said.name, scope);
        const operator = builder.vocabulary.operator(variable, node.said.operator);
        if (!variable?.known || "missing" in node.said) return el("div", { class: "rb-more" }, policy(node, operator, (change, options) => builder.edit(id, change, options)), moves);
    }
    return el("div", { class: "rb-more" }, moves);
}

function spoken({ vocabulary }, { node, items }, scope) {
    if (node.kind === "group") return SPOKEN[node.how];
    if (node.kind === "json") return "A condition as JSON";
    const { said } = node;
    if (!said.name) return "A new condition";
    const operator = vocabulary.operator(vocabulary.get(said.name, scope), said.operator);
    const plain = (value) => (model.isObject(value) ? Object.values(value).join(" ") : String(value ?? ""));
    const value = node.inner ? "" : Array.isArray(said.value) ? said.value.map(plain).join(", ") : plain(said.value);
    return [vocabulary.label(said.name, scope), operator?.words ?? said.operator, value, items && "of one item"].filter(Boolean).join(" ");
}
