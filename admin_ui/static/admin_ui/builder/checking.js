// What the conditions mean and what is wrong with them: the server is asked, and each problem stands at the row it is about.

import { el } from "./dom.js";

const WAIT = 180; // milliseconds after the last key

export class Checking {
    #builder;
    #problems = [];
    #asked = null;
    #timer = 0;

    constructor(builder) {
        this.#builder = builder;
        this.sentence = el("p", { class: "rb-sentence", "aria-live": "polite" });
        this.count = el("p", { class: "rb-count", role: "status" });
    }

    soon() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#ask(), WAIT);
    }

    async #ask() {
        const builder = this.#builder;
        if (!builder.isConnected) return; // its row was taken away meanwhile
        this.#asked?.abort();
        this.#asked = new AbortController();
        const place = builder.scope === "event" ? "event" : builder.getAttribute("kind");
        const body = new URLSearchParams({ conditions: builder.value, place, key: builder.getAttribute("key") });
        const token = builder.closest("form")?.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
        try {
            const answer = await fetch(builder.getAttribute("check"), { method: "POST", body, headers: { "X-CSRFToken": token }, signal: this.#asked.signal });
            if (!answer.ok) throw new Error(`the check answered ${answer.status}`);
            const { sentence, problems } = await answer.json();
            this.sentence.textContent = sentence;
            this.say(problems);
        } catch (error) {
            if (error.name !== "AbortError") this.count.textContent = "This could not be checked just now. You can go on; saving checks it again.";
        }
    }

    say(problems) {
        this.#problems = problems;
        this.mark();
        this.#builder.dispatchEvent(new CustomEvent("checked", { bubbles: true, detail: { problems } }));
    }

    // Each problem at the innermost row that its path leads to; where that is folded away, at the row around it.
    // What is blank is wrong only once its row was left.
    mark() {
        let wrong = 0;
        this.held = false;
        const { tree, places, asJson } = this.#builder;
        const rows = new Map(this.#builder.rows().map((row) => [row.dataset.id, row]));
        for (const row of rows.values()) {
            row.querySelector(":scope > .rb-problems").replaceChildren();
            row.classList.remove("rb-wrong");
        }
        this.#builder.querySelector(":scope > .rb-problems")?.remove();
        const deepest = [...places.values()].sort((one, other) => other.path.length - one.path.length);
        for (const { path, message, tone, blank } of this.#problems) {
            let place = deepest.find(({ path: own }) => path === own || (path.startsWith(own) && ".[".includes(path[own.length])));
            while (place && !rows.has(place.node.id)) place = places.get(place.parent?.id);
            if (blank && place && rows.get(place.node.id).querySelector(":scope > .rb-line").contains(document.activeElement)) {
                this.held = true;
                continue;
            }
            wrong += tone === "problem";
            const line = el("p", { class: tone }, tone === "advice" ? `Worth a look: ${message}` : message);
            if (place && !asJson) {
                const row = rows.get(place.node.id);
                row.querySelector(":scope > .rb-problems").append(line);
                row.classList.toggle("rb-wrong", tone === "problem" || row.matches(".rb-wrong"));
            } else {
                const whole = this.#builder.querySelector(":scope > .rb-problems") ?? this.#builder.insertBefore(el("div", { class: "rb-problems" }), tree);
                whole.append(line);
            }
        }
        this.count.textContent = wrong ? `${wrong} ${wrong === 1 ? "thing" : "things"} to put right` : "";
        this.#once();
    }

    // What the page says beneath the field as well is hidden there: once is enough.
    #once() {
        for (const note of this.#builder.closest(".form-row")?.querySelectorAll(".help :is(.problem, .advice)") ?? []) {
            note.hidden = this.#problems.some(({ message }) => note.textContent.endsWith(message));
        }
    }
}
