// The inputs of what is compared with: one for each kind of value, and JSON for what none of them can show.

import { combobox } from "./combobox.js";
import { button, el, select } from "./dom.js";
import { choices, converted, DATE, DAYS, DURATION, fits, isName, isThreshold, KIND_WORDS, LISTS, MOMENT, SCALARS, TUPLES } from "./kinds.js";
import { isObject } from "./model.js";

const UNITS = [["s", "seconds"], ["m", "minutes"], ["h", "hours"], ["d", "days"], ["w", "weeks"]];
const DAY_NAMES = { mon: "Mon", tue: "Tue", wed: "Wed", thu: "Thu", fri: "Fri", sat: "Sat", sun: "Sun" };
const ENDS = { division: [null, "leaves"], split: [null, "from %", "to %"] };

// Elements for the value of one comparison. `row`: {said, operator, variable, scope, vocabulary, as, put(value), again()}.
export function valueInputs(row) {
    const { operator, said } = row;
    if (!operator) return "value" in said ? [raw(row, said.value, row.put, "Compared with, as JSON")] : [];
    const { value } = said;
    const declared = row.variable?.values && fits("text", value); // then a number is nothing that it can be
    const kinds = choices(operator.kinds).filter((kind) => kind !== "nothing" && !(declared && kind === "number"));
    if (!kinds.length) return [];
    const modes = [["value", "value"]];
    if (kinds.includes("number") || isThreshold(value)) modes.push(["threshold", "threshold"]);
    if (operator.others.length || isName(value)) modes.push(["name", "other name"]);
    const mode = isThreshold(value) ? "threshold" : isName(value) ? "name" : "value";
    const found = [];
    if (modes.length > 1) {
        const blank = { value: undefined, threshold: { threshold: "" }, name: { name: "" } };
        found.push(select(modes, mode, (chosen) => row.put(blank[chosen], true), { "aria-label": "Compared with", "data-c": "mode", class: "rb-mode" }));
    }
    if (mode === "threshold") return [...found, threshold(row, value, row.put)];
    if (mode === "name") return [...found, otherName(row, value)];
    const usable = kinds.filter((kind) => fits(kind, value));
    const kind = usable.includes(row.as) ? row.as : usable[0];
    if (kinds.length > 1 && kind) {
        const named = kinds.map((one) => [one, KIND_WORDS[one] ?? one]);
        found.push(select(named, kind, (chosen) => row.retype(chosen, converted(value, [chosen])), { "aria-label": "Kind of value", "data-c": "as", class: "rb-mode" }));
    }
    if (!kind) return [...found, raw(row, value, row.put, "Compared with, as JSON")];
    return [...found, ...inputsOf(row, kind, value)];
}

export function inputsOf(row, kind, value) {
    if (kind === "weekdays") return [weekdays(row, value ?? [])];
    if (kind in LISTS) return [list(row, kind, value)];
    if (kind in TUPLES) return tuple(row, kind, value);
    return [scalar(row, kind, value, row.put, "Value", "value")];
}

function scalar(row, kind, value, put, label, control) {
    if (kind === "moment" || kind === "date") return moment(kind, value, put, label, control);
    if (kind === "duration") return duration(value, put, label, control);
    const values = row.variable?.values;
    if (values && kind === "text" && row.operator.kinds.some((one) => ["text", "element"].includes(one))) {
        const words = values.find(([one]) => one === value)?.[1];
        return combobox({
            label, shown: words ?? value ?? "", placeholder: "choose", attributes: { "data-c": control },
            options: () => values.map(([one, said]) => ({ value: one, label: said, hint: one })),
            pick: (chosen) => put(chosen), free: (text) => put(SCALARS.text.parse(text)),
        });
    }
    const numeric = kind === "number" || kind === "hour";
    return plain(SCALARS[kind].show(value), (shown) => put(SCALARS[kind].parse(shown)), {
        "aria-label": label, "data-c": control, class: numeric ? "rb-number" : kind === "pattern" ? "rb-text rb-code" : "rb-text",
        inputmode: kind === "number" ? "decimal" : null, placeholder: kind === "hour" ? "9:00" : kind === "version" ? "2.10" : null,
    });
}

export function plain(shown, put, attributes) {
    const input = el("input", { type: "text", autocomplete: "off", ...attributes });
    input.value = shown;
    input.addEventListener("input", () => put(input.value));
    return input;
}

function moment(kind, value, put, label, control) {
    const parts = (kind === "date" ? DATE : MOMENT).exec(value ?? "");
    if (value && !(parts && holds("date", parts[1] ?? parts[0]) && (!parts[2] || holds("time", parts[2])))) return plain(value, (shown) => put(SCALARS.text.parse(shown)), { "aria-label": label, "data-c": control, class: "rb-text" });
    const day = el("input", { type: "date", "aria-label": `${label}: day`, "data-c": control });
    day.value = parts ? parts[1] ?? parts[0] : "";
    if (kind === "date") {
        day.addEventListener("change", () => put(day.value || undefined));
        return day;
    }
    const time = el("input", { type: "time", "aria-label": `${label}: time of day, UTC if no zone is given`, "data-c": `${control}-time`, step: parts?.[2]?.length > 5 ? "1" : null });
    time.value = parts?.[2] ?? "";
    const zone = parts?.[3] ?? "";
    const changed = () => put(day.value ? (time.value ? `${day.value}T${time.value}${zone}` : day.value) : undefined);
    day.addEventListener("change", changed);
    time.addEventListener("change", changed);
    return el("span", { class: "rb-pair" }, day, time, parts?.[2] ? el("span", { class: "rb-word" }, zone && zone !== "Z" ? zone : "UTC") : null);
}

// Whether a browser's own field takes it: of 30 February it makes nothing.
function holds(type, text) {
    const field = el("input", { type, step: "1" });
    field.value = text;
    return field.value === text;
}

function duration(value, put, label, control) {
    const parts = DURATION.exec(value ?? "d");
    if (!parts) return plain(value, (shown) => put(SCALARS.text.parse(shown)), { "aria-label": label, "data-c": control, class: "rb-text" });
    let unit = parts[2];
    const changed = () => put(amount.value.trim() || value !== undefined ? `${amount.value.trim()}${unit}` : undefined);
    const amount = plain(parts[1], changed, { "aria-label": `${label}: how many`, "data-c": control, class: "rb-number", inputmode: "numeric" });
    const units = select(UNITS, unit, (chosen) => {
        unit = chosen;
        if (amount.value.trim()) changed();
    }, { "aria-label": `${label}: unit`, "data-c": `${control}-unit` });
    return el("span", { class: "rb-pair" }, amount, units);
}

export { duration as durationInput };

function tuple(row, kind, value) {
    const places = TUPLES[kind];
    const now = Array.isArray(value) && value.length === places.length ? value : places.map(() => null);
    const found = [];
    for (const [index, place] of places.entries()) {
        const label = (ENDS[kind]?.[index] ?? (index ? (kind === "division" ? "Remainder" : "To") : kind === "division" ? "Divisor" : kind === "split" ? "Name of the split" : "From"));
        const put = (part, anew) => {
            const next = [...(Array.isArray(row.said.value) && row.said.value.length === places.length ? row.said.value : now)];
            next[index] = part ?? null;
            row.put(next, anew);
        };
        if (index) found.push(el("span", { class: "rb-word" }, ENDS[kind]?.[index] ?? "and"));
        const part = now[index];
        if (place === "number" && (kind === "range" || kind === "division" || isThreshold(part))) found.push(numberOrThreshold(row, part, put, label, `value-${index}`));
        else found.push(scalar(row, place, part ?? undefined, put, label, `value-${index}`));
    }
    return found;
}

function numberOrThreshold(row, part, put, label, control) {
    if (isThreshold(part)) {
        return el("span", { class: "rb-pair" }, threshold(row, part, put, label, control),
            button("a number", () => put(null, true), { "aria-label": `${label}: a number instead`, class: "rb-small" }));
    }
    const input = scalar(row, "number", part ?? undefined, put, label, control);
    if (!row.vocabulary.offered.thresholds.length) return input;
    return el("span", { class: "rb-pair" }, input,
        button("a threshold", () => put({ threshold: "" }, true), { "aria-label": `${label}: a threshold instead`, class: "rb-small" }));
}

function threshold(row, value, put, label = "Threshold", control = "value") {
    const known = row.vocabulary.offered.thresholds;
    const found = known.find((one) => one.key === value.threshold);
    return combobox({
        label, shown: found?.label ?? value.threshold, placeholder: "choose a threshold", attributes: { "data-c": control },
        options: () => known.map((one) => ({ value: one.key, label: one.label, hint: one.adaptive ? "follows users" : `now ${one.value}` })),
        pick: (key) => put({ threshold: key }), free: (text) => put({ threshold: text }),
    });
}

function otherName(row, value) {
    return combobox({
        label: "The other name", shown: row.vocabulary.label(value.name, row.scope), placeholder: "choose a name", attributes: { "data-c": "value" },
        options: () => row.vocabulary.names(row.scope, row.operator.others),
        pick: (name) => row.put({ name }), free: (text) => row.put({ name: text }),
    });
}

function weekdays(row, chosen) {
    const boxes = DAYS.map((day) => {
        const box = el("input", { type: "checkbox", "data-c": `value-${day}` });
        box.checked = chosen.includes(day);
        box.addEventListener("change", () => {
            const now = Array.isArray(row.said.value) ? row.said.value : [];
            if (box.checked !== now.includes(day)) row.put(box.checked ? [...now, day] : now.filter((one) => one !== day));
        });
        return el("label", { class: "rb-day" }, box, DAY_NAMES[day]);
    });
    return el("span", { class: "rb-days", role: "group", "aria-label": "Days of the week" }, ...boxes);
}

function list(row, kind, value) {
    const now = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
    const put = (next) => row.put(kind === "networks" && typeof value === "string" && next.length === 1 ? next[0] : next, true);
    const values = row.variable?.values ?? [];
    const words = (part) => {
        if (typeof part === "string") return values.find(([one]) => one === part)?.[1] ?? (part || "“”");
        return isThreshold(part) ? `threshold ${part.threshold}` : isObject(part) ? JSON.stringify(part) : String(part);
    };
    const chips = now.map((part, index) =>
        el("span", { class: "rb-chip" }, words(part),
            button("×", () => put(now.filter((_, other) => other !== index)), { "aria-label": `Remove ${words(part)}`, "data-c": `chip-${index}` })));
    const reads = (text) => (kind === "numbers" ? SCALARS.number.parse(text) : text);
    const numeric = (text) => typeof SCALARS.number.parse(text) === "number";
    const thresholds = kind === "numbers" ? row.vocabulary.offered.thresholds.filter((one) => !one.adaptive) : [];
    const adder = combobox({
        label: now.length ? "Another value" : "A value", shown: "", placeholder: now.length ? "and…" : "choose or type", attributes: { "data-c": "adder" },
        options: () => [
            ...values.filter(([one]) => !now.includes(one)).map(([one, said]) => ({ value: one, label: said, hint: one })),
            ...thresholds.map((one) => ({ value: { threshold: one.key }, label: `threshold ${one.label}`, hint: `now ${one.value}` })),
        ],
        extra: (text) => (kind.startsWith("elements") && numeric(text) ? [{ value: Number(text), label: `${text.trim()} (a number)` }] : []),
        pick: (one) => put([...now, one]),
        free: (text) => text.trim() && put([...now, ...several(text).map(reads)]),
    });
    adder.addEventListener("keydown", (event) => {
        if (event.key === "Backspace" && event.target.value === "" && now.length) put(now.slice(0, -1));
    });
    return el("span", { class: "rb-chips" }, ...chips, adder);
}

// A pasted column or list is several values.
const several = (text) => (/[\n\t;]/.test(text) ? text.split(/[\n\t;]+/).map((one) => one.trim()).filter(Boolean) : [text.trim()]);

export function raw(row, value, put, label) {
    const input = el("input", { type: "text", class: "rb-text rb-code", "aria-label": label, title: label, "data-c": "value", spellcheck: "false" });
    input.value = value === undefined ? "" : JSON.stringify(value);
    input.addEventListener("change", () => {
        try {
            put(input.value.trim() ? JSON.parse(input.value) : undefined, true);
            input.setCustomValidity("");
        } catch {
            input.setCustomValidity("This is not JSON, so the value stays as it was.");
            input.reportValidity();
        }
    });
    return input;
}
