// The tour: one step at a time, by buttons or arrow keys. It is offered once to a person in a browser, and never opens by itself.

export class Tour {
    #at = 0;

    constructor(dialog) {
        this.dialog = dialog;
        this.steps = [...dialog.querySelectorAll("[data-step]")];
        this.seen = `signpost.tour.${dialog.dataset.reader}`;
        this.next = dialog.querySelector("[data-next]");
        this.back = dialog.querySelector("[data-back]");
        this.next.addEventListener("click", () => (this.#at + 1 < this.steps.length ? this.#show(this.#at + 1) : dialog.close()));
        this.back.addEventListener("click", () => this.#show(this.#at - 1));
        dialog.addEventListener("keydown", (event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (step && this.steps[this.#at + step]) this.#show(this.#at + step);
        });
        dialog.addEventListener("close", () => this.#answered());
    }

    begin() {
        this.#show(0);
        this.dialog.showModal();
        this.next.focus();
    }

    offer(panel) {
        if (!panel || localStorage.getItem(this.seen)) return;
        this.panel = panel;
        panel.hidden = false;
        panel.querySelector("[data-yes]").addEventListener("click", () => this.begin());
        panel.querySelector("[data-no]").addEventListener("click", () => {
            this.#answered();
            document.querySelector("#content-start").focus();
        });
    }

    #answered() {
        localStorage.setItem(this.seen, "yes");
        if (this.panel) this.panel.hidden = true;
    }

    #show(at) {
        this.#at = at;
        this.steps.forEach((step, index) => { step.hidden = index !== at; });
        this.dialog.querySelector("[data-at]").textContent = at + 1;
        this.back.disabled = at === 0;
        this.next.textContent = at + 1 < this.steps.length ? "Next" : "Done";
        if (document.activeElement === this.back && this.back.disabled) this.next.focus();
    }
}
