// Lines of `name = value` in a text area, as rows of a name that is chosen and inputs that fit it. What is sent stays the text.

import { combobox } from "../builder/combobox.js";
import { button, el } from "../builder/dom.js";

export class NamedRows extends HTMLElement {
    // `words`: {add, row, placeholder, nothing}. A subclass says what is `ready` before there are rows, which names it `offers`
    // as [{value, label}], what it `calls` one, and the `inputs` of a row {name, value}.
    async connectedCallback() {
        this.text = this.querySelector("textarea");
        if (!this.text || this.list) return;
        try {
            await this.ready();
        } catch {
            return; // the text takes them too
        }
        this.list = el("div", { class: "rb-tree" });
        this.toggle = button("Show as text", () => this.show(this.text.hidden), { class: "small-button" });
        this.add = button(this.words.add, () => this.focusOn(this.rows.push({ name: "", value: "" }) - 1), { class: "small-button" });
        this.list.addEventListener("keydown", (event) => {
            if (event.key !== "Enter" || event.target.localName !== "input") return;
            event.preventDefault(); // it ends the line, and does not send the form
            if (event.target.role !== "combobox") this.add.focus();
        });
        this.prepend(this.list, el("p", { class: "buttons" }, this.add, this.toggle));
        this.show(false);
    }

    // As text, or as rows where every line can be one.
    show(asText) {
        const rows = read(this.text.value);
        this.text.hidden = !(asText || rows === null);
        this.list.hidden = this.add.hidden = !this.text.hidden;
        this.toggle.textContent = this.text.hidden ? "Show as text" : rows ? "Show as rows" : "Show as rows, once each line is “name = value”";
        this.rows = rows ?? [];
        if (this.text.hidden) this.draw();
    }

    draw() {
        this.list.replaceChildren(...this.rows.map((row, index) => this.line(row, index)));
    }

    focusOn(index, control = "input") {
        this.draw();
        (this.list.children[index]?.querySelector(control) ?? this.add).focus();
    }

    line(row, index) {
        const label = row.name && this.calls(row.name);
        const name = combobox({
            label: `${this.words.row} ${index + 1}`, shown: label, placeholder: this.words.placeholder, nothing: this.words.nothing,
            attributes: { class: "rb-name", title: row.name },
            options: () => this.offers(), pick: (chosen) => this.rename(index, chosen), free: (text) => this.rename(index, text.trim()),
        });
        const remove = button("×", () => {
            this.rows.splice(index, 1);
            this.write();
            this.focusOn(index);
        }, { "aria-label": `Remove ${label || "this line"}`, class: "rb-small" });
        const value = row.name ? el("span", { class: "line-value" }, ...this.inputs(row)) : null;
        return el("div", { class: "rb-line", role: "group", "aria-label": label || "A new line" }, name, value, remove);
    }

    rename(index, name) {
        const { name: before, value } = this.rows[index];
        this.rows[index] = { name, value: this.keeps(before, name) ? value : "" };
        this.write();
        this.focusOn(index, name ? ".line-value :is(input, select)" : "input");
    }

    put(row, value) {
        row.value = value;
        this.write();
    }

    // What has no value yet says nothing.
    write() {
        this.text.value = this.rows.filter(({ name, value }) => name && value !== "").map(({ name, value }) => `${name} = ${value}`).join("\n");
        this.text.dispatchEvent(new Event("input", { bubbles: true }));
    }
}

// Null where a line is something else: a comment, or JSON.
function read(text) {
    const parts = text.split("\n").filter((line) => line.trim()).map((line) => /^\s*([^#={\s][^={]*?)\s*=\s*(.*?)\s*$/.exec(line));
    return parts.includes(null) ? null : parts.map(([, name, value]) => ({ name, value }));
}
