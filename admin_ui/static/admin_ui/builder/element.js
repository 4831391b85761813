// <rule-builder>: a text area of conditions as a tree of rows. The text area stays the one thing that is saved.

import { button, el, unique } from "./dom.js";
import * as model from "./model.js";
import { comparison, grouping, jsonRow, JOINS, policy } from "./rows.js";
import { vocabulary } from "./vocabulary.js";

const WAIT = 180; // milliseconds after the last key before the server is asked
const FORMAT = "application/x-signpost-condition";
const STEPS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };

class RuleBuilder extends HTMLElement {
    #root = null;
    #history = new model.History();
    #open = new Set();
    #closed = new Set();
    #as = new Map();
    #problems = [];
    #dragged = null;
    #current = null;
    #asked = null;
    #timer = 0;

    async connectedCallback() {
        this.textarea = this.querySelector("textarea");
        if (!this.textarea || this.tree) return;
        this.scope = this.getAttribute("scope");
        this.label = this.getAttribute("label");
        this.sentence = el("p", { class: "rb-sentence", "aria-live": "polite" });
        this.count = el("p", { class: "rb-count", role: "status" });
        this.tree = el("div", { class: "rb-tree" });
        try {
            this.vocabulary = await vocabulary(this.getAttribute("names"));
        } catch {
            this.prepend(el("p", { class: "problem" }, "The names could not be loaded, so here is the JSON. Reload the page to try again."));
            this.tree = null;
            return;
        }
        if (!this.#take(this.textarea.value)) this.#showJson(true);
        this.undoButton = button("Undo", () => this.undo(), { title: "Ctrl+Z", class: "rb-tool" });
        this.redoButton = button("Redo", () => this.redo(), { title: "Ctrl+Shift+Z", class: "rb-tool" });
        this.jsonButton = button("Show as JSON", () => this.#showJson(!this.classList.contains("rb-as-json")), { class: "rb-tool", "aria-pressed": "false" });
        const help = el("details", { class: "rb-help" }, el("summary", {}, "Keys"),
            el("p", {}, "On a row: arrows go from row to row, Enter into it, Esc back. Alt with arrows moves it: up, down, out of its group, into one. " +
                "Ctrl+D repeats it, Delete removes it, Ctrl+C and Ctrl+V copy it, here or from one rule to another. Ctrl+Z undoes, Ctrl+Shift+Z does again."));
        this.tools = el("div", { class: "rb-tools" }, this.undoButton, this.redoButton, this.jsonButton, help);
        this.prepend(this.sentence, this.count, this.tree, this.tools);
        this.classList.add("rb-ready");
        this.classList.toggle("rb-as-json", this.asJson === true);
        this.textarea.addEventListener("input", () => this.asJson && this.#check());
        for (const [type, handler] of Object.entries(this.#handlers())) this.addEventListener(type, handler);
        this.#render();
        this.#check();
    }

    // What others may do: give it other conditions, and read what it holds.
    get value() {
        return this.textarea.value;
    }

    set value(text) {
        this.textarea.value = text;
        if (!this.tree) return;
        this.#history.keep(this.#root);
        this.#showJson(!this.#take(text));
        this.#render();
        this.#check();
    }

    #take(text) {
        if (!text.trim()) {
            this.#root = null;
            return true;
        }
        try {
            this.#root = model.read(JSON.parse(text));
            return true;
        } catch {
            return false;
        }
    }

    #showJson(wanted) {
        if (!wanted && this.asJson && !this.#leaveJson()) return;
        this.asJson = wanted;
        this.classList.toggle("rb-as-json", wanted);
        if (this.jsonButton) {
            this.jsonButton.setAttribute("aria-pressed", String(wanted));
            this.jsonButton.textContent = wanted ? "Back to rows" : "Show as JSON";
        }
        this.textarea.rows = Math.min(Math.max(this.textarea.value.split("\n").length + 1, 6), 30);
        if (wanted && this.jsonButton) this.textarea.focus();
    }

    #leaveJson() {
        const before = this.#root;
        if (!this.#take(this.textarea.value)) {
            this.#say([{ path: "$", message: "This is not JSON yet: correct it, or undo.", tone: "problem" }]);
            return false;
        }
        if (JSON.stringify(before && model.write(before)) !== JSON.stringify(this.#root && model.write(this.#root))) this.#history.keep(before);
        this.#render();
        return true;
    }

    // Changing

    #change(change, { anew = true, run = null, focus = null } = {}) {
        this.#history.keep(this.#root, run);
        this.#root = change(this.#root);
        this.#written();
        if (anew) this.#render(focus);
        this.#check();
    }

    #written() {
        this.textarea.value = this.#root ? JSON.stringify(model.write(this.#root), null, 2) : "";
        this.textarea.dispatchEvent(new Event("change", { bubbles: true }));
        this.#turnable();
    }

    #turnable() {
        this.undoButton.disabled = !this.#history.back.length;
        this.redoButton.disabled = !this.#history.forward.length;
    }

    // Changes one node in place, and draws only its row anew where that is enough.
    #edit(id, change, { anew = false, run = null } = {}) {
        const place = model.find(this.#root, id);
        if (!place) return; // its row is gone
        this.#change((root) => {
            change(place.node);
            return root;
        }, { anew, run });
    }

    undo() {
        this.#turn(this.#history.undo(this.#root));
    }

    redo() {
        this.#turn(this.#history.redo(this.#root));
    }

    #turn({ root, done }) {
        if (!done) return;
        this.#root = root;
        this.#written();
        this.#render();
        this.#check();
    }

    #add(parentId, node) {
        const focus = { id: node.kind === "group" ? node.children[0].id : node.id, control: "name" };
        if (parentId) this.#closed.delete(parentId);
        this.#change((root) => model.add(root, parentId ?? root?.id, node), { focus });
    }

    #remove(id) {
        const all = this.#shown();
        const at = all.findIndex((row) => row.dataset.id === id);
        const next = all.slice(at + 1).find((row) => !all[at].contains(row)) ?? all[at - 1];
        this.#change((root) => model.remove(root, id), { focus: next ? { id: next.dataset.id } : { control: "add" } });
    }

    #move(id, direction) {
        this.#change((root) => model.step(root, id, direction), { focus: { id } });
    }

    #duplicate(id) {
        this.#history.keep(this.#root);
        const { root, id: copy } = model.duplicate(this.#root, id);
        this.#root = root;
        this.#written();
        this.#render({ id: copy });
        this.#check();
    }

    #wrap(id) {
        this.#change((root) => model.wrap(root, id, "any").root, { focus: { id } });
    }

    #toJson(id) {
        this.#change((root) => model.replace(root, id, model.asJson(model.write(model.find(root, id).node))), { focus: { control: "json" } });
    }

    #toFields(id) {
        this.#change((root) => model.replace(root, id, model.read(model.find(root, id).node.value)));
    }

    // Drawing

    #render(focus = null) {
        const held = focus ?? this.#focused();
        const places = new Map(model.places(this.#root).map((place) => [place.node.id, place]));
        this.places = places;
        if (!places.has(this.#current)) this.#current = this.#root?.id ?? null;
        const adds = this.#adds(null, this.scope);
        if (this.#root) {
            const list = el("ul", { role: "tree", "aria-label": this.label, class: "rb-root" }, this.#row(places.get(this.#root.id), 1, 1));
            this.tree.replaceChildren(list, ...(this.#root.kind === "group" ? [] : [adds]));
        } else {
            const words = this.scope === "event" ? "No conditions: every such event counts." : "No conditions: it holds for everybody.";
            this.tree.replaceChildren(el("p", { class: "rb-empty" }, words), adds);
        }
        this.#turnable();
        this.#mark();
        this.#focus(held);
    }

    #adds(parentId, scope) {
        const named = parentId ? " to this group" : "";
        return el("div", { class: "rb-adds" },
            button("+ Condition", () => this.#add(parentId, model.blank()), { "data-c": "add", "aria-label": `Add a condition${named}` }),
            button("+ Group", () => this.#add(parentId, model.group("any", [model.blank()])), { "data-c": "add-group", "aria-label": `Add a group${named}` }));
    }

    #row(place, size, number) {
        const { node, level } = place;
        const scope = place.items ? "item" : this.scope;
        const inner = model.children(node);
        const closed = this.#closed.has(node.id) && inner.length > 0;
        const line = el("div", { class: "rb-line" }, this.#grip(), ...this.#controls(node, scope, closed));
        line.append(el("span", { class: "rb-actions" },
            button("⋯", () => this.#toggle(this.#open, node.id, "more"), { class: "rb-small", "data-c": "more", "aria-label": "More: move, repeat, group", "aria-expanded": String(this.#open.has(node.id)) }),
            button("×", () => this.#remove(node.id), { class: "rb-small", "data-c": "remove", "aria-label": node.kind === "group" ? "Remove this group" : "Remove this condition" })));
        const row = el("li", {
            role: "treeitem", class: `rb-${node.kind}${closed ? " rb-closed" : ""}`, "data-id": node.id, "aria-level": level, "aria-setsize": size,
            "aria-posinset": number, "aria-label": this.#spoken(place, scope), tabindex: this.#current === node.id ? "0" : "-1",
            "aria-expanded": inner.length ? String(!closed) : null,
        }, line);
        if (this.#open.has(node.id)) row.append(this.#more(place, scope));
        const problems = el("div", { class: "rb-problems", id: unique("problems") });
        row.append(problems);
        for (const control of line.querySelectorAll("input, select, textarea")) control.setAttribute("aria-describedby", problems.id);
        if (inner.length && !closed) {
            const join = node.kind === "group" ? JOINS[node.how] : "";
            const rows = inner.map((child, index) => {
                const made = this.#row(this.places.get(child.id), inner.length, index + 1);
                if (index && join) made.dataset.join = join;
                return made;
            });
            row.append(el("ul", { role: "group", class: "rb-inner" }, ...rows));
        }
        if (node.kind === "group" && !closed && (node.how !== "not" || !inner.length)) row.append(this.#adds(node.id, scope));
        return row;
    }

    #controls(node, scope, closed) {
        if (node.kind === "json") {
            const back = model.read(node.value).kind === "json" ? null : () => this.#toFields(node.id);
            return jsonRow(node, (change, options) => this.#edit(node.id, change, options), back);
        }
        if (node.kind === "leaf") {
            const at = { node, scope, vocabulary: this.vocabulary, as: this.#as.get(node.id) };
            const found = comparison(at, (change, options) => this.#edit(node.id, change, options), (id, kind) => this.#as.set(id, kind));
            const { missing } = node.said;
            if (missing === true || missing === false) found.push(el("span", { class: "rb-note" }, missing ? "or not known" : "and known"));
            return node.inner ? [this.#twist(node, closed), ...found] : found;
        }
        const how = grouping(node, (chosen) => this.#edit(node.id, (one) => model.regroup(one, chosen), { anew: true }));
        const hidden = closed ? el("span", { class: "rb-note" }, `${model.places(node).length - 1} within`) : null;
        return [this.#twist(node, closed), how, hidden];
    }

    #twist(node, closed) {
        return button(closed ? "▸" : "▾", () => this.#toggle(this.#closed, node.id, "twist"), { class: "rb-small rb-twist", "data-c": "twist", "aria-label": closed ? "Open this group" : "Fold this group away", tabindex: "-1" });
    }

    #toggle(set, id, control) {
        if (!set.delete(id)) set.add(id);
        this.#render({ id, control });
    }

    #grip() {
        return el("span", { class: "rb-grip", draggable: "true", title: "Drag to move; Alt with arrow keys does the same", "aria-hidden": "true" }, "⠿");
    }

    #more(place, scope) {
        const { node, parent, index } = place;
        const { id } = node;
        const act = (words, run, usable = true, control = "") => button(words, run, { disabled: !usable, class: "rb-tool", "data-c": control });
        const inGroup = parent?.kind === "group";
        const above = inGroup ? this.places.get(parent.id).parent : null;
        const out = above?.kind === "group";
        const found = [];
        if (node.kind === "leaf") {
            const variable = this.vocabulary.get(node.said.name, scope);
            const operator = this.vocabulary.operator(variable, node.said.operator);
            if (!variable?.known || "missing" in node.said) found.push(policy(node, operator, (change, options) => this.#edit(id, change, options)));
        }
        found.push(
            act("Move up", () => this.#move(id, "up"), inGroup && (index > 0 || out), "up"),
            act("Move down", () => this.#move(id, "down"), inGroup && (index < parent.children.length - 1 || out), "down"),
            act("Out of the group", () => this.#move(id, "out"), out, "out"),
            act("Into a group", () => this.#move(id, "in"), inGroup && parent.children.length > 1, "in"),
            act("Repeat", () => this.#duplicate(id), true, "repeat"),
            act("Put a group around it", () => this.#wrap(id), true, "wrap"));
        if (model.canUngroup(place)) found.push(act("Take the group away", () => this.#change((root) => model.ungroup(root, id)), true, "ungroup"));
        if (node.kind !== "json") found.push(act("As JSON", () => this.#toJson(id), true, "as-json"));
        return el("div", { class: "rb-more" }, ...found);
    }

    #spoken({ node, items }, scope) {
        if (node.kind === "group") return { all: "All of these", any: "Any of these", none: "None of these", not: "Not this" }[node.how];
        if (node.kind === "json") return "A condition as JSON";
        const { said } = node;
        if (!said.name) return "A new condition";
        const operator = this.vocabulary.operator(this.vocabulary.get(said.name, scope), said.operator);
        const value = said.value === undefined || node.inner ? "" : typeof said.value === "object" ? Object.values(said.value).join(", ") : String(said.value);
        return [this.vocabulary.label(said.name, scope), operator?.words ?? said.operator, value, items && "of one item"].filter(Boolean).join(" ");
    }

    // Focus

    #shown() {
        return [...this.tree.querySelectorAll("[role=treeitem]")];
    }

    #focused() {
        const active = document.activeElement;
        if (!this.tree.contains(active)) return null;
        return { id: active.closest("[data-id]")?.dataset.id, control: active.dataset.c };
    }

    #focus(held) {
        if (!held) return;
        const row = held.id && this.tree.querySelector(`[data-id="${held.id}"]`);
        const within = row ? [...row.querySelectorAll("[data-c]")].find((one) => one.dataset.c === held.control && one.closest("[data-id]") === row) : null;
        const wanted = within ?? row ?? this.tree.querySelector(held.control ? `[data-c="${held.control}"]` : "[role=treeitem]") ?? this.tree.querySelector("[data-c=add]");
        if (row) this.#hold(row);
        wanted?.focus();
    }

    #hold(row) {
        this.#current = row.dataset.id;
        for (const other of this.#shown()) other.tabIndex = other === row ? 0 : -1;
    }

    // Keys, clipboard and dragging

    #handlers() {
        return {
            keydown: (event) => this.#key(event),
            focusin: (event) => event.target.matches("[role=treeitem]") && this.#hold(event.target),
            copy: (event) => this.#copy(event),
            cut: (event) => this.#copy(event) && this.#remove(event.target.dataset.id),
            paste: (event) => this.#paste(event),
            dragstart: (event) => this.#drag(event),
            dragover: (event) => this.#over(event),
            dragleave: () => this.#unmark(),
            drop: (event) => this.#drop(event),
            dragend: () => this.#unmark(),
        };
    }

    #key(event) {
        const row = event.target.closest?.("[role=treeitem]");
        const onRow = row === event.target;
        const command = event.ctrlKey || event.metaKey;
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        const done = (act) => {
            event.preventDefault();
            event.stopPropagation();
            act();
        };
        if (this.asJson) return undefined;
        if (command && (key === "z" || key === "y")) return done(() => (key === "y" || event.shiftKey ? this.redo() : this.undo()));
        if (!row) return undefined;
        const { id } = row.dataset;
        if (event.altKey && key in STEPS) return done(() => this.#move(id, STEPS[key]));
        if (command && key === "d") return done(() => this.#duplicate(id));
        if (event.key === "Escape" && !onRow) return done(() => row.focus());
        if (event.key === "Enter" && event.target.matches("input")) return done(() => row.focus());
        if (!onRow || command || event.altKey) return undefined;
        return this.#walk(event, row, done);
    }

    #walk(event, row, done) {
        const rows = this.#shown();
        const at = rows.indexOf(row);
        const { id } = row.dataset;
        const folds = row.getAttribute("aria-expanded");
        const go = (other) => other && done(() => other.focus());
        switch (event.key) {
            case "ArrowDown": return go(rows[at + 1] ?? row);
            case "ArrowUp": return go(rows[at - 1] ?? row);
            case "Home": return go(rows[0]);
            case "End": return go(rows.at(-1));
            case "ArrowRight": return folds === "false" ? done(() => this.#toggle(this.#closed, id)) : go(folds && rows[at + 1]);
            case "ArrowLeft": return folds === "true" ? done(() => this.#toggle(this.#closed, id)) : go(row.parentElement.closest("[role=treeitem]"));
            case "Delete": case "Backspace": return done(() => this.#remove(id));
            case "Enter": case "F2": return done(() => [...row.querySelectorAll("input, select, textarea, button")].find((one) => one.tabIndex >= 0)?.focus());
            default: return undefined;
        }
    }

    #copy(event) {
        if (!event.target.matches?.("[role=treeitem]")) return false;
        event.preventDefault();
        event.clipboardData.setData("text/plain", JSON.stringify(model.write(model.find(this.#root, event.target.dataset.id).node), null, 2));
        return true;
    }

    // JSON on a row comes after it, whole: a condition of this builder, of a document, or a list of several.
    #paste(event) {
        if (!event.target.matches?.("[role=treeitem], [data-c=add]")) return;
        let pasted;
        try {
            pasted = JSON.parse(event.clipboardData.getData("text/plain"));
        } catch {
            return;
        }
        event.preventDefault();
        const node = model.read(Array.isArray(pasted) ? { all: pasted } : pasted);
        const { id } = event.target.closest("[data-id]")?.dataset ?? {};
        this.#change((root) => (!root ? node : id ? model.insertBeside(root, id, 1, node) : model.add(root, root.id, node)), { focus: { id: node.id } });
    }

    #drag(event) {
        if (!event.target.matches?.(".rb-grip")) return;
        const row = event.target.closest("[data-id]");
        this.#dragged = row.dataset.id;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData(FORMAT, this.#dragged);
        event.dataTransfer.setDragImage(row, 12, 12);
    }

    #target(event) {
        const row = event.target.closest?.("[role=treeitem]");
        if (!row || !this.#dragged) return null;
        const { top, height } = row.querySelector(".rb-line").getBoundingClientRect();
        const share = (event.clientY - top) / height;
        const isGroup = row.matches(".rb-group");
        const where = isGroup && row.dataset.id === this.#root.id ? "into" : share < (isGroup ? 0.3 : 0.5) ? "before" : isGroup ? "into" : "after";
        return { row, where };
    }

    #over(event) {
        const target = this.#target(event);
        this.#unmark();
        if (!target) return;
        event.preventDefault();
        target.row.classList.add(`rb-drop-${target.where}`);
    }

    #unmark() {
        for (const row of this.tree.querySelectorAll(".rb-drop-before, .rb-drop-after, .rb-drop-into")) row.classList.remove("rb-drop-before", "rb-drop-after", "rb-drop-into");
    }

    #drop(event) {
        const target = this.#target(event);
        this.#unmark();
        const id = this.#dragged;
        this.#dragged = null;
        if (!target) return;
        event.preventDefault();
        const moved = model.drop(structuredClone(this.#root), id, target.row.dataset.id, target.where);
        if (moved) this.#change(() => moved, { focus: { id } });
    }

    // What it means, and what is wrong with it

    #check() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#ask(), WAIT);
    }

    async #ask() {
        this.#asked?.abort();
        this.#asked = new AbortController();
        const place = this.scope === "event" ? "event" : this.getAttribute("kind");
        const body = new URLSearchParams({ conditions: this.textarea.value, place, key: this.getAttribute("key") });
        const token = this.closest("form")?.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
        try {
            const answer = await fetch(this.getAttribute("check"), { method: "POST", body, headers: { "X-CSRFToken": token }, signal: this.#asked.signal });
            if (!answer.ok) throw new Error(`the check answered ${answer.status}`);
            const { sentence, problems } = await answer.json();
            this.sentence.textContent = sentence;
            this.#say(problems);
        } catch (error) {
            if (error.name !== "AbortError") this.count.textContent = "This could not be checked just now. You can go on; saving checks it again.";
        }
    }

    #say(problems) {
        this.#problems = problems;
        const wrong = problems.filter(({ tone }) => tone === "problem").length;
        this.count.textContent = wrong ? `${wrong} ${wrong === 1 ? "thing" : "things"} to put right` : "";
        this.#mark();
        this.dispatchEvent(new CustomEvent("checked", { bubbles: true, detail: { problems } }));
    }

    // Each problem at the innermost row that its path leads to.
    #mark() {
        const byPath = [...(this.places?.values() ?? [])].sort((one, other) => other.path.length - one.path.length);
        for (const row of this.#shown()) {
            row.querySelector(":scope > .rb-problems").replaceChildren();
            row.classList.remove("rb-wrong");
        }
        this.querySelector(":scope > .rb-problems")?.remove();
        for (const { path, message, tone } of this.#problems) {
            const leads = ({ path: own }) => path === own || (path.startsWith(own) && ".[".includes(path[own.length]));
            let place = byPath.find(leads);
            let row = null;
            while (place && !(row = this.tree.querySelector(`[data-id="${place.node.id}"]`))) place = this.places.get(place.parent?.id);
            const line = el("p", { class: tone === "advice" ? "advice" : "problem" }, tone === "advice" ? `Worth a look: ${message}` : message);
            if (row && !this.asJson) {
                row.querySelector(":scope > .rb-problems").append(line);
                if (tone === "problem") row.classList.add("rb-wrong");
            } else {
                const whole = this.querySelector(":scope > .rb-problems") ?? this.insertBefore(el("div", { class: "rb-problems" }), this.tree);
                whole.append(line);
            }
        }
    }
}

customElements.define("rule-builder", RuleBuilder);
