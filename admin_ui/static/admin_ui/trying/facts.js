// Facts in rows: what is known is chosen by its name in words, and its value by its type.

import { el, select } from "../builder/dom.js";
import { timeWindow } from "../builder/rows.js";
import { inputsOf, plain } from "../builder/values.js";
import { vocabulary } from "../builder/vocabulary.js";
import { NamedRows } from "./lines.js";

const KINDS = { number: "number", many_of: "texts", datetime: "moment", duration: "duration" }; // all others: text
const COMPUTED = "segments."; // it follows from other facts

class FactRows extends NamedRows {
    words = {
        add: "+ Fact", row: "Fact", placeholder: "choose what is known",
        nothing: "Nothing of this name. Traits, signals, tags and scores are added from the menu.",
    };

    async ready() {
        this.vocabulary = await vocabulary(this.getAttribute("names"));
    }

    offers() {
        return this.vocabulary.names("user").filter(({ value }) => !value.startsWith(COMPUTED));
    }

    variable(name) {
        return this.vocabulary.get(name, "user");
    }

    calls(name) {
        return this.vocabulary.label(name, "user");
    }

    keeps(before, after) {
        return this.variable(before)?.type === this.variable(after)?.type;
    }

    inputs(row) {
        return [...this.window(row), el("span", { class: "rb-word" }, "="), ...this.value(row)];
    }

    window(row) {
        const node = { said: { name: row.name } };
        return timeWindow({ node, vocabulary: this.vocabulary }, (change, { anew }) => {
            change(node);
            row.name = node.said.name;
            this.write();
            if (anew) this.focusOn(this.rows.indexOf(row), "[data-c=window]");
        });
    }

    value(row) {
        const variable = this.variable(row.name);
        const kind = KINDS[variable?.type] ?? "text";
        if (variable?.type === "boolean") {
            return [select([["", "choose"], ["yes", "yes"], ["no", "no"]], row.value, (value) => this.put(row, value), { "aria-label": "Value" })];
        }
        if (kind === "text" && !variable?.values) {
            return [plain(row.value, (value) => this.put(row, value), { "aria-label": "Value", class: "rb-text" })];
        }
        const said = { value: parsed(kind, row.value) };
        const of = { said, variable, scope: "user", vocabulary: this.vocabulary, operator: { kinds: [kind] } };
        of.put = (value, anew = false) => {
            said.value = value;
            this.put(row, written(kind, value));
            if (anew) this.focusOn(this.rows.indexOf(row), "[data-c=adder]");
        };
        return inputsOf(of, kind, said.value);
    }
}

function parsed(kind, text) {
    if (kind === "texts") return text.split(",").map((part) => part.trim()).filter(Boolean);
    return text || undefined;
}

function written(kind, value) {
    if (kind === "texts") return value.join(", ");
    const day = /^\d{4}-\d\d-\d\d$/.test(value ?? "");
    if (kind === "moment" && value) return day ? `${value}T00:00Z` : /T[\d:]+$/.test(value) ? `${value}Z` : value;
    return String(value ?? "");
}

customElements.define("fact-rows", FactRows);
