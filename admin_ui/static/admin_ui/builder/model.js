// Conditions as a tree to edit, and back as the very document they came from. Knows nothing of pages.

const GROUPS = ["all", "any", "none"];
const LEAF = new Set(["name", "operator", "value", "missing", "id"]);
export const OF_ITEMS = new Set(["any_item", "every_item", "no_item"]);

let last = 0;
const fresh = () => `c${++last}`;

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export function same(one, other) {
    if (one === other) return true;
    if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((part, index) => same(part, other[index]));
    if (!isObject(one) || !isObject(other)) return false;
    const keys = Object.keys(one);
    return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]));
}

export const group = (how, children) => ({ id: fresh(), kind: "group", how, children });
export const blank = () => ({ id: fresh(), kind: "leaf", said: { name: "", operator: "" }, inner: null });
export const asJson = (value) => ({ id: fresh(), kind: "json", value, text: null });

// A node of any JSON value. What is no condition that can be shown stays whole, as JSON.
export function read(value) {
    if (!isObject(value)) return asJson(value);
    const keys = Object.keys(value);
    const [only] = keys;
    if (keys.length === 1 && GROUPS.includes(only) && Array.isArray(value[only])) return group(only, value[only].map(read));
    if (keys.length === 1 && only === "not" && isObject(value.not)) return group("not", [read(value.not)]);
    if (keys.every((key) => LEAF.has(key)) && typeof value.name === "string" && typeof value.operator === "string") {
        const inner = OF_ITEMS.has(value.operator) && isObject(value.value) ? read(value.value) : null;
        return { id: fresh(), kind: "leaf", said: { ...value }, inner };
    }
    return asJson(value);
}

export function write(node) {
    if (node.kind === "json") return node.value;
    if (node.kind === "leaf") return node.inner ? { ...node.said, value: write(node.inner) } : node.said;
    if (node.how === "not") return { not: node.children.length ? write(node.children[0]) : { all: [] } };
    return { [node.how]: node.children.map(write) };
}

export const children = (node) => (node.kind === "group" ? node.children : node.inner ? [node.inner] : []);

// Every node from top to bottom with its place: path in the document, parent, index, level from 1, and whose items it asks about.
export function places(root) {
    const found = [];
    const walk = (node, path, parent, index, level, items) => {
        found.push({ node, path, parent, index, level, items });
        if (node.kind === "group") {
            for (const [number, child] of node.children.entries()) {
                walk(child, node.how === "not" ? `${path}.not` : `${path}.${node.how}[${number}]`, node, number, level + 1, items);
            }
        } else if (node.inner) walk(node.inner, `${path}.value`, node, 0, level + 1, node);
    };
    if (root) walk(root, "$", null, 0, 1, null);
    return found;
}

export const find = (root, id) => places(root).find((place) => place.node.id === id) ?? null;

function copied(node) {
    const copy = structuredClone(node);
    for (const { node: part } of places(copy)) {
        part.id = fresh();
        if (part.kind === "leaf") delete part.said.id; // a history must not take the copy for the first
    }
    return copy;
}

// Changes of a tree. Each takes the root and gives the root.

export function replace(root, id, other) {
    const { parent, index } = find(root, id);
    if (!parent) return other;
    if (parent.kind === "leaf") parent.inner = other;
    else parent.children[index] = other;
    return root;
}

export function insert(root, parentId, index, node) {
    if (!root) return node;
    const { node: parent } = find(root, parentId);
    if (parent.kind !== "group") return replace(root, parentId, group("all", index === 0 ? [node, parent] : [parent, node]));
    if (parent.how === "not" && parent.children.length) {
        const [child] = parent.children;
        if (child.kind === "group" && child.how !== "not") child.children.splice(index === 0 ? 0 : child.children.length, 0, node);
        else parent.children = [group("all", index === 0 ? [node, child] : [child, node])];
    } else parent.children.splice(index, 0, node);
    return root;
}

export function add(root, parentId, node) {
    const place = root && find(root, parentId);
    return insert(root, parentId, place?.node.kind === "group" ? place.node.children.length : 1, node);
}

// Beside a node: before (0) or after (1) it, wherever it stands.
export function insertBeside(root, id, after, node) {
    const { parent, index } = find(root, id);
    if (!parent || parent.kind === "leaf" || parent.how === "not") {
        const neighbour = find(root, id).node;
        return replace(root, id, group("all", after ? [neighbour, node] : [node, neighbour]));
    }
    parent.children.splice(index + after, 0, node);
    return root;
}

export function remove(root, id) {
    const { parent, index } = find(root, id);
    if (!parent) return null;
    if (parent.kind === "leaf") parent.inner = group("all", []);
    else parent.children.splice(index, 1);
    return root;
}

export function duplicate(root, id) {
    const copy = copied(find(root, id).node);
    return { root: insertBeside(root, id, 1, copy), id: copy.id };
}

export function wrap(root, id, how) {
    const around = group(how, []);
    const { node } = find(root, id);
    root = replace(root, id, around);
    around.children.push(node);
    return { root, id: around.id };
}

export function ungroup(root, id) {
    const { node, parent, index } = find(root, id);
    if (node.children.length === 1) return replace(root, id, node.children[0]);
    if (parent?.kind === "group" && parent.how !== "not") parent.children.splice(index, 1, ...node.children);
    return root;
}

export function canUngroup({ node, parent }) {
    return node.kind === "group" && node.how !== "none" && node.how !== "not" && node.children.length > 0 &&
        (node.children.length === 1 || (parent?.kind === "group" && parent.how === node.how));
}

export function regroup(node, how) {
    if (how === "not" && node.how !== "not" && node.children.length !== 1) node.children = [group(node.how, node.children)];
    else if (node.how === "not" && node.children[0]?.kind === "group" && node.children[0].how === how) node.children = node.children[0].children;
    node.how = how;
}

// Where a node comes to by one step: up and down among its siblings and, at their end, out of their group; in and out of groups.
export function step(root, id, direction) {
    const { node, parent, index } = find(root, id);
    if (!parent || parent.kind === "leaf") return root;
    const out = find(root, parent.id).parent?.kind === "group"; // the conditions on a list's items have no way out
    const delta = direction === "up" ? -1 : 1;
    if (direction === "up" || direction === "down") {
        const next = index + delta;
        if (next >= 0 && next < parent.children.length) {
            parent.children.splice(index, 1);
            parent.children.splice(next, 0, node);
            return root;
        }
        if (!out) return root;
        root = remove(root, id);
        return insertBeside(root, parent.id, direction === "up" ? 0 : 1, node);
    }
    if (direction === "out") {
        if (!out) return root;
        root = remove(root, id);
        return insertBeside(root, parent.id, 1, node);
    }
    const before = parent.children[index - 1];
    const after = parent.children[index + 1];
    if (before?.kind === "group") {
        root = remove(root, id);
        return add(root, before.id, node);
    }
    if (after?.kind === "group") {
        root = remove(root, id);
        return insert(root, after.id, 0, node);
    }
    return parent.children.length > 1 ? wrap(root, id, "all").root : root;
}

// Moves a node before (0), after (1) or into another one. Not into itself, nor between users and the items of a list.
export function drop(root, id, ontoId, where) {
    const from = find(root, id);
    const onto = find(root, ontoId);
    const within = places(from.node).some(({ node }) => node.id === ontoId);
    if (within || from.items !== onto.items || !from.parent || from.parent.kind === "leaf") return null;
    if (where === "into" && onto.node.kind !== "group") return null;
    root = remove(root, id);
    return where === "into" ? add(root, ontoId, from.node) : insertBeside(root, ontoId, where === "after" ? 1 : 0, from.node);
}

// The steps back and forward. What is typed into one field in a row is one step.
export class History {
    constructor() {
        this.back = [];
        this.forward = [];
        this.run = null;
    }

    keep(root, run = null) {
        if (run !== null && run === this.run) return;
        this.back.push(structuredClone(root));
        if (this.back.length > 200) this.back.shift();
        this.forward = [];
        this.run = run;
    }

    undo(root) {
        return this.#turn(this.back, this.forward, root);
    }

    redo(root) {
        return this.#turn(this.forward, this.back, root);
    }

    #turn(from, to, root) {
        if (!from.length) return { root, done: false };
        this.run = null;
        to.push(structuredClone(root));
        return { root: from.pop(), done: true };
    }
}
