// <rule-builder>: a text area of conditions as a tree of rows. The text area stays the one thing that is saved.

import { listed, register } from "../helping/shortcuts.js";
import { Checking } from "./checking.js";
import { button, el } from "./dom.js";
import { dragging } from "./dragging.js";
import { drawn } from "./draw.js";
import { keys, LISTED } from "./keys.js";
import * as model from "./model.js";
import { redraw } from "./redraw.js";
import { vocabulary } from "./vocabulary.js";

register("Conditions, on a row", LISTED);

class RuleBuilder extends HTMLElement {
    root = null; // the tree of model.js; null: no conditions
    places = new Map(); // of the tree as it is drawn, by id
    opened = new Set(); // rows that show more
    closed = new Set(); // groups that are folded away
    as = new Map(); // the kind of value that was chosen for a row
    current = null; // the row that the Tab key comes to
    asJson = false;
    #history = new model.History();
    #pressed = false;
    #late = null;

    async connectedCallback() {
        this.textarea = this.querySelector("textarea");
        if (!this.textarea || this.tree) return;
        this.scope = this.getAttribute("scope");
        this.label = this.getAttribute("label");
        this.tree = el("div", { class: "rb-tree" });
        try {
            this.vocabulary = await vocabulary(this.getAttribute("names"));
        } catch {
            this.prepend(el("p", { class: "problem" }, "The names could not be loaded, so here is the JSON. Reload the page to try again."));
            this.tree = null;
            return;
        }
        this.checking = new Checking(this);
        this.undoButton = button("Undo", () => this.undo(), { title: "Ctrl+Z", class: "small-button rb-tool" });
        this.redoButton = button("Redo", () => this.redo(), { title: "Ctrl+Shift+Z", class: "small-button rb-tool" });
        this.jsonButton = button("Show as JSON", () => this.showJson(!this.asJson), { class: "small-button rb-tool", "data-c": "view" });
        const help = el("details", { class: "rb-help" }, el("summary", {}, "Keys"), listed(LISTED));
        this.prepend(this.checking.sentence, this.checking.count, this.tree, el("div", { class: "rb-tools" }, this.undoButton, this.redoButton, this.jsonButton, help));
        this.classList.add("rb-ready");
        this.textarea.addEventListener("input", () => this.asJson && this.checking.soon());
        for (const [type, handler] of Object.entries({ ...keys(this), ...dragging(this) })) this.addEventListener(type, handler);
        this.addEventListener("focusout", () => this.checking.held && this.checking.soon());
        this.#waitForClicks();
        const readable = this.#take(this.textarea.value);
        this.draw();
        if (!readable) this.showJson(true);
        this.checking.soon();
    }

    // What other scripts may do: give it other conditions, and read what it holds.
    get value() {
        return this.textarea.value;
    }

    set value(text) {
        this.textarea.value = text;
        if (!this.checking) return;
        this.#history.keep(this.root);
        const readable = this.#take(text);
        this.draw();
        this.#view(!readable);
        this.checking.soon();
    }

    #take(text) {
        if (!text.trim()) {
            this.root = null;
            return true;
        }
        try {
            this.root = model.read(JSON.parse(text));
            return true;
        } catch {
            return false;
        }
    }

    // JSON and back. What is typed there comes into the rows when it can be read.

    showJson(wanted) {
        if (!wanted && this.asJson) {
            const before = this.root;
            if (!this.#take(this.textarea.value)) {
                this.checking.say([{ path: "$", message: "This is not JSON yet: correct it first.", tone: "problem" }]);
                return;
            }
            this.#history.keep(before);
        }
        this.#view(wanted);
        this.draw();
        if (wanted) this.textarea.focus();
        else this.checking.soon();
    }

    #view(asJson) {
        this.asJson = asJson;
        this.classList.toggle("rb-as-json", asJson);
        this.jsonButton.textContent = asJson ? "Back to rows" : "Show as JSON";
        this.textarea.rows = Math.min(Math.max(this.textarea.value.split("\n").length + 1, 6), 30);
    }

    // Changes. `change` takes the tree and gives the tree; `run`: one step back for all that is typed in a row; `anew`: the rows change too.

    change(change, { anew = true, run = null, focus = null } = {}) {
        this.#history.keep(this.root, run);
        this.root = change(this.root);
        this.#written();
        if (anew) this.draw(focus);
        this.checking.soon();
    }

    edit(id, change, { anew = false, run = null } = {}) {
        const place = model.find(this.root, id);
        if (!place) return; // its row is gone
        this.change((root) => {
            change(place.node);
            return root;
        }, { anew, run });
    }

    undo() {
        this.#turn(this.#history.undo(this.root));
    }

    redo() {
        this.#turn(this.#history.redo(this.root));
    }

    #turn({ root, done }) {
        if (!done) return;
        this.root = root;
        this.#written();
        this.draw();
        this.checking.soon();
    }

    #written() {
        this.textarea.value = this.root ? JSON.stringify(model.write(this.root), null, 2) : "";
        this.textarea.dispatchEvent(new Event("change", { bubbles: true }));
        this.#turnable();
    }

    #turnable() {
        this.undoButton.disabled = !this.#history.back.length;
        this.redoButton.disabled = !this.#history.forward.length;
        this.classList.toggle("rb-blank", !this.root && this.undoButton.disabled && this.redoButton.disabled);
    }

    add(parentId, node) {
        if (parentId) this.closed.delete(parentId);
        const focus = { id: node.kind === "group" ? node.children[0].id : node.id, control: "name" };
        this.change((root) => model.add(root, parentId ?? root?.id, node), { focus });
    }

    remove(id) {
        const all = this.rows();
        const at = all.findIndex((row) => row.dataset.id === id);
        const next = all.slice(at + 1).find((row) => !all[at].contains(row)) ?? all[at - 1];
        this.change((root) => model.remove(root, id), { focus: next ? { id: next.dataset.id } : { control: "add" } });
    }

    move(id, direction) {
        this.change((root) => model.step(root, id, direction), { focus: { id } });
    }

    duplicate(id) {
        const focus = { id: null };
        this.change((root) => {
            const { root: next, id: copy } = model.duplicate(root, id);
            focus.id = copy;
            return next;
        }, { focus });
    }

    wrap(id) {
        this.change((root) => model.wrap(root, id, "any").root, { focus: { id } });
    }

    toJson(id) {
        this.change((root) => model.replace(root, id, model.asJson(model.write(model.find(root, id).node))), { focus: { control: "json" } });
    }

    toFields(id) {
        this.change((root) => model.replace(root, id, model.read(model.find(root, id).node.value)));
    }

    toggle(set, id, control) {
        if (!set.delete(id)) set.add(id);
        this.draw({ id, control });
    }

    // Drawing, with the focus where it was

    draw(focus = null) {
        if (this.#pressed) {
            this.#late = { focus: focus ?? this.#late?.focus };
            return;
        }
        const held = focus ?? this.#late?.focus ?? this.#focused();
        this.#late = null;
        this.places = new Map(model.places(this.root).map((place) => [place.node.id, place]));
        if (!this.places.has(this.current)) this.current = this.root?.id ?? null;
        redraw(this.tree, drawn(this));
        this.#turnable();
        this.checking.mark();
        if (held) this.#focus(held);
    }

    // A field that is left by a press on a button must not take that button away before it is released.
    #waitForClicks() {
        this.addEventListener("pointerdown", (event) => { this.#pressed = event.target.closest("button") !== null; });
        const catchUp = () => {
            this.#pressed = false;
            if (this.#late) this.draw();
        };
        // The button acts first, at once; what waited is drawn after it, or after a press that came to nothing.
        this.addEventListener("click", () => { this.#pressed = false; }, true);
        this.addEventListener("click", catchUp);
        for (const type of ["pointerup", "pointercancel", "dragend"]) document.addEventListener(type, () => setTimeout(catchUp));
    }

    rows() {
        return [...this.tree.querySelectorAll("[role=treeitem]")];
    }

    hold(row) {
        this.current = row.dataset.id;
        for (const other of this.rows()) other.tabIndex = other === row ? 0 : -1;
    }

    #focused() {
        const active = document.activeElement;
        if (!this.tree.contains(active)) return null;
        return { id: active.closest("[data-id]")?.dataset.id, control: active.dataset.c };
    }

    #focus({ id, control }) {
        const row = id && this.tree.querySelector(`[data-id="${id}"]`);
        const within = row ? [...row.querySelectorAll("[data-c]")].find((one) => one.dataset.c === control && one.closest("[data-id]") === row) : null;
        if (row) this.hold(row);
        const other = control ? this.tree.querySelector(`[data-c="${control}"]`) : this.rows()[0];
        (within ?? row ?? other ?? this.tree.querySelector("[data-c=add]"))?.focus();
    }
}

customElements.define("rule-builder", RuleBuilder);
