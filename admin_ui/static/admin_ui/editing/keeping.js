// Keeps what is typed: a second after a change, and when the page is left. What is kept is no draft until it is saved.

import { Refused, send } from "./asking.js";

const WAIT = 1000; // milliseconds after the first change that is not kept
const UNKEPT = /^(csrfmiddlewaretoken$|way$|_|try[._])/;
const SAVES = new Set(["_save", "_continue", "_addanother"]);

export class Keeping {
    #timer = 0;
    #kept = null; // what the server has, as text; null: nothing of this sitting
    #stopped = false;
    #going = null; // the request under way

    constructor(box, form) {
        Object.assign(this, { box, form });
        this.line = document.querySelector("[data-kept]");
        this.words = this.line.querySelector(".kept-words");
        this.said = this.line.querySelector("[role=status]");
    }

    start() {
        this.before = "typed" in this.box.dataset ? null : this.#text();
        for (const type of ["input", "change"]) this.form.addEventListener(type, () => this.#soon());
        this.form.addEventListener("submit", (event) => this.#submitted(event));
        document.addEventListener("visibilitychange", () => document.hidden && this.#now(true));
        window.addEventListener("pagehide", () => this.#now(true));
        window.addEventListener("pageshow", (event) => event.persisted && location.replace(location.pathname + location.search)); // from memory: it may be saved since
        this.box.querySelector("[data-discard]")?.addEventListener("click", () => this.#discard());
        this.line.querySelector("[data-undo]").addEventListener("click", () => this.#drop());
        if (this.before === null) this.#soon();
    }

    #text() {
        return new URLSearchParams([...new FormData(this.form)].filter(([name]) => !UNKEPT.test(name))).toString();
    }

    #soon() {
        this.#timer ||= setTimeout(() => this.#now(false), WAIT);
    }

    async #now(leaving) {
        clearTimeout(this.#timer);
        this.#timer = 0;
        if (this.#stopped || (this.#going && !leaving)) return;
        const text = this.#text();
        if (text === (this.#kept ?? this.before)) return;
        if (this.box.dataset.offer) {
            this.#tell("What you type here is not kept until you choose above: continue what you typed before, or discard it.", true);
            return;
        }
        const back = text === this.before;
        this.#going = send(back ? this.box.dataset.forget : this.box.dataset.keep, new FormData(this.form), { leaving });
        try {
            const { words } = await this.#going;
            this.#kept = back ? null : text;
            if (back) this.#hide();
            else this.#tell(words, false);
        } catch (error) {
            if (this.#stopped) return;
            this.#stopped = error instanceof Refused && error.code !== "";
            this.#tell(error instanceof Refused ? error.message : "What you typed could not be kept just now. It is tried again with your next change; saving is sure.", true);
        } finally {
            this.#going = null;
            if (!leaving && !this.#stopped && this.#text() !== (this.#kept ?? this.before) && !this.line.classList.contains("kept-not")) this.#soon();
        }
    }

    // A time each second is no news to who listens; that it began, and that it failed, is.
    #tell(words, wrong) {
        const change = this.line.hidden || wrong !== this.line.classList.contains("kept-not");
        this.line.hidden = false;
        this.line.classList.toggle("kept-not", wrong);
        this.words.textContent = words;
        this.line.querySelector("[data-undo]").hidden = wrong;
        if (change) this.said.textContent = wrong ? words : "What you type is kept.";
    }

    #hide() {
        this.line.hidden = true;
        this.said.textContent = "";
    }

    #submitted(event) {
        if (!SAVES.has(event.submitter?.name ?? "_save") || event.defaultPrevented) return;
        clearTimeout(this.#timer);
        this.#stopped = true;
    }

    async #discard() {
        const body = new FormData(this.form);
        body.set("_sitting", this.box.dataset.offer);
        try {
            await send(this.box.dataset.forget, body);
        } catch {
            this.#tell("That did not arrive. Look whether you are still connected and signed in, and try again.", true);
            return;
        }
        delete this.box.dataset.offer;
        this.box.querySelector("[data-choice]").remove();
        this.#hide();
        this.form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
        this.#soon();
    }

    async #drop() {
        this.#stopped = true;
        try {
            await send(this.box.dataset.forget, new FormData(this.form));
            location.replace(location.pathname + location.search.replace(/([?&])typed=continue(&|$)/, "$1"));
        } catch {
            this.#stopped = false;
            this.#tell("That did not arrive, so what you typed is still kept. Try again.", true);
        }
    }
}
