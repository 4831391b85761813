// What may be named and how it may be compared, as the server offers it; one download for all builders of a page.

const downloads = new Map();

export function vocabulary(address) {
    if (!downloads.has(address)) {
        const answer = fetch(address, { headers: { Accept: "application/json" } }).then((response) => {
            if (!response.ok) throw new Error(`the names answered ${response.status}`);
            return response.json();
        });
        downloads.set(address, answer.then((offered) => new Vocabulary(offered)));
    }
    return downloads.get(address);
}

const ROOTS = { event: ["properties.", "context.", "traits."], item: ["item."] };

export class Vocabulary {
    constructor(offered) {
        this.offered = offered;
        this.byName = new Map(offered.names.map((one) => [one.name, one]));
        this.given = new Map(offered.given.map((one) => [one.name, one]));
        this.signals = new Map(offered.signals.map((one) => [one.key, one]));
        this.untyped = { words: "of any type", operators: offered.untyped };
    }

    // The name with its type; null where the scope has no such name.
    get(name, scope) {
        if (scope !== "user") {
            const plain = ROOTS[scope].some((root) => name.startsWith(root) && name.length > root.length);
            return this.given.get(name) ?? (plain ? { name, label: name, type: "untyped" } : null);
        }
        return this.byName.get(name) ?? this.#ofSignal(name);
    }

    #ofSignal(name) {
        const parts = signalName(name);
        const signal = parts && this.signals.get(parts.signal);
        if (!signal) return null;
        if (parts.kind === "counts") return { name, label: signal.label, type: "number", known: true };
        const aggregate = this.offered.aggregates[parts.aggregate];
        if (!aggregate || (signal.text && !aggregate.of_text)) return null;
        return { name, label: aggregate.words.replace("{}", signal.label), type: signal.text && aggregate.same ? "text" : "number" };
    }

    operators(variable) {
        return (this.offered.types[variable?.type] ?? this.untyped).operators;
    }

    operator(variable, name) {
        return this.operators(variable).find((one) => one.name === name) ?? null;
    }

    label(name, scope) {
        const found = this.get(name, scope);
        return found && found.type !== "untyped" ? found.label : name;
    }

    // What to choose a name from. `types`: only names of these.
    names(scope, types = null) {
        const fits = (one) => !types || types.includes(one.type);
        if (scope !== "user") {
            const paths = scope === "event" ? this.offered.events.map((name) => ({ value: name, label: name, group: name.split(".")[0] })) : [];
            return [...paths, ...[...this.given.values()].filter(fits).map(option)];
        }
        return [...this.offered.names.filter(fits).map(option), ...this.#signalNames(types)];
    }

    #signalNames(types) {
        const found = [];
        for (const signal of this.signals.values()) {
            if (!types || types.includes("number")) found.push({ value: `counts.${signal.key}.7d`, label: signal.label, hint: "in a time window", group: "Signals" });
            for (const [word, aggregate] of Object.entries(this.offered.aggregates)) {
                const name = `values.${signal.key}.${word}.${aggregate.usual}`;
                const variable = this.get(name, "user");
                if (variable && (!types || types.includes(variable.type))) found.push({ value: name, label: variable.label, group: "Signals" });
            }
        }
        return found;
    }

    aggregateOf(name) {
        const parts = signalName(name);
        if (!parts || !this.signals.has(parts.signal)) return null;
        return parts.kind === "counts" ? { after: "window" } : this.offered.aggregates[parts.aggregate] ?? null;
    }
}

const option = (one) => ({ value: one.name, label: one.label, hint: one.name, group: one.group });

// `counts.views.7d` and `values.views.average.1h` in their parts.
export function signalName(name) {
    const parts = name.split(".");
    if (parts[0] === "counts" && parts.length === 3) return { kind: "counts", signal: parts[1], aggregate: null, part: parts[2] };
    if (parts[0] === "values" && parts.length === 4) return { kind: "values", signal: parts[1], aggregate: parts[2], part: parts[3] };
    return null;
}

export function withPart(name, part) {
    return `${name.slice(0, name.lastIndexOf(".") + 1)}${part}`;
}
