// How each kind of value is shown as text and read back. A value fits a kind when what is shown reads back as that very value.

import { isObject, same } from "./model.js";

const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
export const DATE = /^\d{4}-\d\d-\d\d$/;
export const MOMENT = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/;
export const DURATION = /^(\d*)([smhdw])$/;
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const line = (value) => typeof value === "string" && !/[\r\n]/.test(value);
const nothing = (value) => value === undefined || value === null;

const text = {
    show: (value) => (line(value) ? value : nothing(value) ? "" : null),
    parse: (shown) => (shown === "" ? undefined : shown),
};
const number = {
    show: (value) => (typeof value === "number" ? String(value) : text.show(value)),
    parse: (shown) => (NUMBER.test(shown.trim()) ? Number(shown) : shown === "" ? undefined : shown),
};
const hour = {
    show(value) {
        const minutes = Math.round(value * 60);
        if (typeof value !== "number" || Math.abs(value * 60 - minutes) > 1e-9) return number.show(value);
        return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
    },
    parse(shown) {
        const clock = /^(\d{1,2}):([0-5]\d)$/.exec(shown.trim());
        return clock ? Number(clock[1]) + Number(clock[2]) / 60 : number.parse(shown);
    },
};

export const SCALARS = { text, pattern: text, version: text, number, hour, date: text, moment: text, duration: text };
SCALARS.element = text;

// Kinds of several values: what each place is.
export const TUPLES = {
    range: ["number", "number"],
    division: ["number", "number"],
    moments: ["moment", "moment"],
    durations: ["duration", "duration"],
    hours: ["hour", "hour"],
    split: ["text", "number", "number"],
};
export const LISTS = { texts: "text", numbers: "number", elements: "element", elements_or_none: "element", networks: "text" };

export const isThreshold = (value) => isObject(value) && Object.keys(value).length === 1 && typeof value.threshold === "string";
export const isName = (value) => isObject(value) && Object.keys(value).length === 1 && typeof value.name === "string";

export function scalarFits(kind, value) {
    const shown = SCALARS[kind].show(value);
    return shown !== null && same(SCALARS[kind].parse(shown) ?? null, value ?? null);
}

// Whether a value can be edited as this kind; no value can be edited as any.
export function fits(kind, value) {
    if (kind === "nothing") return true;
    if (nothing(value)) return kind === "weekdays" || kind in TUPLES || kind in LISTS || kind in SCALARS;
    if (kind === "weekdays") return Array.isArray(value) && value.every((day, index) => DAYS.includes(day) && value.indexOf(day) === index);
    if (kind in TUPLES) return Array.isArray(value) && value.length === TUPLES[kind].length && value.every((part, index) => partFits(TUPLES[kind][index], part));
    if (kind in LISTS) {
        if (kind === "networks" && line(value)) return true;
        return Array.isArray(value) && (LISTS[kind] === "element" || value.every((part) => isObject(part) || partFits(LISTS[kind], part)));
    }
    return kind in SCALARS && scalarFits(kind, value);
}

const partFits = (kind, part) => isThreshold(part) || (scalarFits(kind, part) && (kind !== "number" || typeof part === "number" || !part));

// The kinds to choose among for a value, from those its operator takes.
export function choices(kinds) {
    return [...new Set(kinds.flatMap((kind) => (kind === "element" ? ["text", "number"] : [kind])))];
}

export const KIND_WORDS = {
    text: "text", number: "number", texts: "texts", numbers: "numbers", range: "numbers", moments: "dates", elements: "values", hours: "hours",
    moment: "date", duration: "time span", durations: "time spans", items: "items", date: "day",
};

// What is left of a value when another operator asks for another kind of it; undefined: nothing.
export function converted(value, kinds) {
    if (kinds.some((kind) => kind !== "nothing" && fits(kind, value))) return value;
    const single = Array.isArray(value) && value.length === 1 ? value[0] : undefined;
    if (single !== undefined && kinds.some((kind) => kind in SCALARS && scalarFits(kind, single))) return single;
    const list = [value];
    if (!nothing(value) && !isObject(value) && kinds.some((kind) => kind in LISTS && fits(kind, list))) return list;
    return undefined;
}
