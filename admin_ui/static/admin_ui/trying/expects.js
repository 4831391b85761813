// What a sample user should get, in rows: a placement by its name, and the rule that should win there.

import { combobox } from "../builder/combobox.js";
import { el } from "../builder/dom.js";
import { NamedRows } from "./lines.js";

class ExpectRows extends NamedRows {
    words = { add: "+ Placement", row: "Placement", placeholder: "choose a placement", nothing: "There is no placement of this name." };

    // [[key, name, [[what is written, its words]]]]
    ready() {
        this.places = new Map(JSON.parse(this.getAttribute("places")).map(([key, label, rules]) => [key, { label, rules }]));
    }

    offers() {
        return [...this.places].map(([key, { label }]) => ({ value: key, label, hint: key }));
    }

    calls(name) {
        return this.places.get(name)?.label ?? name;
    }

    keeps() {
        return false; // another placement has other rules
    }

    inputs(row) {
        const rules = this.places.get(row.name)?.rules ?? [];
        const words = rules.find(([key]) => key === row.value)?.[1];
        return [el("span", { class: "rb-word" }, "by"), combobox({
            label: "What should win", shown: words ?? row.value, placeholder: "choose a rule", nothing: "It has no rule of this name.",
            options: () => rules.map(([key, label]) => ({ value: key, label, hint: key })),
            pick: (key) => this.put(row, key), free: (text) => this.put(row, text.trim()),
        })];
    }
}

customElements.define("expect-rows", ExpectRows);
