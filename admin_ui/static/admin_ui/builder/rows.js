// What one comparison and one group look like: the elements of their rows.

import { combobox } from "./combobox.js";
import { button, el, select } from "./dom.js";
import { choices, converted } from "./kinds.js";
import { OF_ITEMS, blank, group } from "./model.js";
import { durationInput, valueInputs } from "./values.js";
import { signalName, withPart } from "./vocabulary.js";

const HOW = [["all", "all of these"], ["any", "any of these"], ["none", "none of these"], ["not", "not this"]];
const USUAL = { number: "greater_than_or_equal_to", boolean: "is_true", many_of: "contains", datetime: "within_last", duration: "greater_than_or_equal_to", objects: "any_item" };
export const JOINS = { all: "and", any: "or", none: "nor", not: "" };

// The controls of a comparison. `at`: {node, scope, vocabulary, as}; `edit(change, {anew, run})` changes the node.
export function comparison(at, edit, retype) {
    const { node, scope, vocabulary } = at;
    const { said } = node;
    const variable = said.name ? vocabulary.get(said.name, scope) : null;
    const operator = vocabulary.operator(variable, said.operator);
    const found = [name(at, variable, edit)];
    if (variable && scope === "user") found.push(...timeWindow(at, edit));
    if (!said.name) return found;
    found.push(operators(at, variable, operator, edit));
    if (node.inner) return found;
    const put = (value, anew = false) => edit((leaf) => setValue(leaf.said, value), { anew, run: anew ? null : `${node.id}-value` });
    const again = (kind, value) => {
        retype(node.id, kind);
        edit((leaf) => setValue(leaf.said, value), { anew: true });
    };
    found.push(...valueInputs({ said, operator, variable, scope, vocabulary, as: at.as, put, retype: again }));
    return found;
}

function setValue(said, value) {
    if (value === undefined) delete said.value;
    else said.value = value;
}

function name({ node, scope, vocabulary }, variable, edit) {
    const typed = (text) => (scope === "user" || /^[a-z]+\./.test(text) || !text ? text : `${scope === "item" ? "item" : "properties"}.${text}`);
    const pick = (chosen) => edit((leaf) => rename(leaf, chosen, vocabulary, scope), { anew: true });
    return combobox({
        label: "What to ask about", kind: "rb-what", shown: variable ? vocabulary.label(node.said.name, scope) : node.said.name,
        placeholder: scope === "item" ? "item.price" : scope === "event" ? "properties.category" : "choose what to ask about",
        options: () => vocabulary.names(scope), pick, free: (text) => pick(typed(text.trim())),
        nothing: scope === "event" || scope === "item" ? "" : "Nothing of this name. Signals, tags, traits and scores are added from the menu.",
        attributes: { "data-c": "name", class: "rb-name", title: node.said.name },
    });
}

// Another name: its operator and value stay where they still fit.
function rename(leaf, chosen, vocabulary, scope) {
    const { said } = leaf;
    const before = signalName(said.name);
    const now = signalName(chosen);
    if (before?.kind === "counts" && now?.kind === "counts") chosen = withPart(chosen, before.part);
    said.name = chosen;
    const variable = vocabulary.get(chosen, scope);
    if (!vocabulary.operator(variable, said.operator)) reoperate(leaf, USUAL[variable?.type] ?? "equal_to", variable, vocabulary);
    else fitValue(leaf, variable, vocabulary);
}

function reoperate(leaf, operator, variable, vocabulary) {
    const items = OF_ITEMS.has(operator);
    if (items && !leaf.inner) {
        leaf.inner = group("all", [blank()]);
        leaf.said.value = {};
    } else if (!items && leaf.inner) {
        leaf.inner = null;
        delete leaf.said.value;
    }
    leaf.said.operator = operator;
    if (!leaf.inner) fitValue(leaf, variable, vocabulary);
}

function fitValue({ said, inner }, variable, vocabulary) {
    const operator = vocabulary.operator(variable, said.operator);
    if (!operator || inner) return;
    const kinds = choices(operator.kinds);
    if (kinds.every((kind) => kind === "nothing")) return setValue(said, undefined);
    const { value } = said;
    const reference = value && typeof value === "object" && !Array.isArray(value);
    if (reference && ((value.threshold !== undefined && kinds.includes("number")) || (value.name !== undefined && operator.others.length))) return;
    const kept = converted(value, kinds);
    const unknown = variable?.values && typeof kept === "string" && !variable.values.some(([one]) => one === kept);
    setValue(said, unknown ? undefined : kept);
}

function operators({ node, vocabulary }, variable, operator, edit) {
    const segment = node.said.name.startsWith("segments.");
    const words = (one) => (segment && one.name === "is_true" ? "the user is in it" : segment && one.name === "is_false" ? "the user is not in it" : one.words);
    const offered = vocabulary.operators(variable).filter((one) => !variable?.known || !["is_set", "is_missing"].includes(one.name) || one === operator);
    const groups = new Map(offered.map((one) => [one.group, []]));
    for (const one of offered) groups.get(one.group).push([one.name, words(one)]);
    const options = [...groups].flatMap(([label, entries]) => (label ? { label, options: entries } : entries));
    if (!operator) options.unshift([node.said.operator, node.said.operator || "choose"]);
    return select(options, node.said.operator, (chosen) => edit((leaf) => reoperate(leaf, chosen, variable, vocabulary), { anew: true }), {
        "aria-label": "How to compare", "data-c": "operator", class: "rb-operator",
    });
}

// For names of signals: of which time. `counts.views.7d` is two choices to people, and one name to the engine.
export function timeWindow({ node, vocabulary }, edit) {
    const aggregate = vocabulary.aggregateOf(node.said.name);
    if (!aggregate || aggregate.after === "session") return [];
    const { part } = signalName(node.said.name);
    const put = (next, anew = false) => edit((leaf) => { leaf.said.name = withPart(leaf.said.name, next ?? ""); }, { anew, run: anew ? null : `${node.id}-window` });
    if (aggregate.after === "half_life") return [el("span", { class: "rb-word" }, "half-life"), durationInput(part, put, "Half-life", "window")];
    if (aggregate.after === "number") {
        const input = el("input", { type: "text", inputmode: "numeric", class: "rb-number", "aria-label": "How many of the latest values", "data-c": "window" });
        input.value = part;
        input.addEventListener("input", () => put(input.value.trim()));
        return [el("span", { class: "rb-word" }, "of the latest"), input];
    }
    const whole = vocabulary.offered.windows.some(([one]) => one === part);
    const found = [select([...vocabulary.offered.windows, ["", "in the last"]], whole ? part : "", (chosen) => put(chosen || "7d", true), { "aria-label": "In which time", "data-c": "window", class: "rb-mode" })];
    return whole ? found : [...found, durationInput(part, put, "In the last", "window-length")];
}

export function grouping(node, change) {
    return select(HOW, node.how, change, { "aria-label": "Which of these conditions must hold", "data-c": "how", class: "rb-how" });
}

// The author's own answer for users of whom there is no value.
export function policy(node, operator, edit) {
    const own = operator ? (operator.missing ? "holds" : "does not hold") : "as usual";
    const options = [["", `as usual: it ${own}`], ["true", "it holds"], ["false", "it does not hold"]];
    if (operator === null) options[0][1] = "as usual";
    const { missing } = node.said;
    const now = missing === true || missing === false ? String(missing) : "";
    return el("label", { class: "rb-policy" }, "Where it is not known",
        select(options, now, (chosen) => chosen !== now && edit((leaf) => {
            if (chosen === "") delete leaf.said.missing;
            else leaf.said.missing = chosen === "true";
        }, { anew: true }), { "data-c": "missing" }));
}

export function jsonRow(node, edit, back) {
    const input = el("textarea", { class: "json", rows: Math.min(JSON.stringify(node.value, null, 2).split("\n").length + 1, 14), "aria-label": "The condition as JSON", "data-c": "json", spellcheck: "false" });
    input.value = node.text ?? JSON.stringify(node.value, null, 2);
    const problem = el("p", { class: "problem", hidden: node.text === null }, "This is not JSON yet; the condition stays as it was.");
    input.addEventListener("input", () => edit((one) => {
        try {
            one.value = JSON.parse(input.value);
            one.text = null;
        } catch {
            one.text = input.value;
        }
        problem.hidden = one.text === null;
    }, { run: `${node.id}-json` }));
    return [el("div", { class: "rb-source" }, input, problem, back ? button("Back to fields", back, { class: "small-button", "data-c": "back" }) : null)];
}
