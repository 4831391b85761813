// Who else has the form open, and what was saved meanwhile: asked quietly while the page is looked at.

import { send } from "./asking.js";

export class Others {
    #timer = 0;

    constructor(box, form) {
        Object.assign(this, { box, form });
        this.fields = ["csrfmiddlewaretoken", "_item", "_opened", "token"];
    }

    start() {
        if (!this.form.elements._item.value) return; // something new is nobody else's yet
        document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(this.#timer) : this.#ask()));
        window.addEventListener("pagehide", () => this.#send({ _left: "1" }, true).catch(() => {}));
        this.box.querySelector("[data-save]").addEventListener("click", () => this.form.querySelector("[name=_continue]").click());
        if (!document.hidden) this.#ask();
    }

    #send(more = {}, leaving = false) {
        const fields = this.fields.map((name) => [name, this.form.elements[name]?.value ?? ""]);
        return send(this.box.dataset.here, [...fields, ...Object.entries(more)], { leaving });
    }

    async #ask() {
        clearTimeout(this.#timer);
        try {
            const { others, news, both } = await this.#send();
            this.#say("[data-others]", others.join(" "));
            this.#say("[data-news]", news.length ? `While this was open: ${news.join(" ")} ${both ? "Nothing of yours is lost." : "Open it again: what you typed is offered there."}` : "");
            this.box.querySelector("[data-save]").hidden = !news.length || !both;
            this.box.querySelector(".news").toggleAttribute("data-none", !news.length);
        } catch {
            this.#say("[data-others]", ""); // it is not known any more; the next time says
        }
        if (!document.hidden) this.#timer = setTimeout(() => this.#ask(), Number(this.box.dataset.every) * 1000);
    }

    // Only what changed: a live region that is written anew is read anew.
    #say(where, words) {
        const line = this.box.querySelector(where);
        if (line.textContent !== words) line.textContent = words;
        line.hidden = !words;
    }
}
