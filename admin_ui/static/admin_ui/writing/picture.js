// Scores and thresholds: the picture follows what is typed, and every number has a slider to ask "what if" with.
const page = document.querySelector(".pictured");
if (page) {
    const form = page.closest("form");
    const picture = page.querySelector(".picture");
    const NUMBERS = ".cell-number input:not([type='range']), #id_value, #id_adaptive__k, #id_adaptive__percentile";
    let asked = 0;
    let timer;

    async function draw() {
        const mine = ++asked;
        const data = new FormData(form);
        for (const name of ["_save", "_continue", "_addanother"]) data.delete(name);
        try {
            const answer = await fetch(page.dataset.picture, { method: "POST", body: data });
            if (!answer.ok) throw new Error(String(answer.status));
            const html = await answer.text();
            if (mine === asked) picture.innerHTML = html;
        } catch {
            if (mine === asked) picture.insertAdjacentHTML("afterbegin", '<p class="problem">The picture did not come; what you typed is still here.</p>');
        }
    }

    function range(input) {
        const value = Number(input.value || input.placeholder) || 0;
        const size = Math.max(Math.abs(value) * 2, 1);
        return { min: value < 0 ? -size : 0, max: size, step: 10 ** Math.floor(Math.log10(size / 40)) };
    }

    function slide(input) {
        if (input.dataset.slides || input.closest("template")) return;
        input.dataset.slides = "yes";
        const slider = document.createElement("input");
        Object.assign(slider, { type: "range", ...range(input) });
        slider.value = input.value || input.placeholder || "0";
        const label = input.closest("label")?.querySelector("span")?.textContent || form.querySelector(`label[for="${input.id}"]`)?.textContent || "Value";
        slider.setAttribute("aria-label", `${label.replace(":", "")}, as a slider`);
        slider.className = "what-if";
        slider.addEventListener("input", () => {
            input.value = String(Number(Number(slider.value).toPrecision(6)));
            input.dispatchEvent(new Event("input", { bubbles: true }));
        });
        input.addEventListener("input", () => {
            if (document.activeElement === slider) return;
            if (Number(input.value) > Number(slider.max) || Number(input.value) < Number(slider.min)) Object.assign(slider, range(input));
            slider.value = input.value || input.placeholder || "0";
        });
        // Else the slider would be part of what the label calls the number.
        if (input.closest("label")) input.setAttribute("aria-label", label);
        input.after(slider);
    }

    function sliders() {
        if ("sliders" in page.dataset) form.querySelectorAll(NUMBERS).forEach(slide);
    }

    form.addEventListener("input", () => {
        sliders();
        clearTimeout(timer);
        timer = setTimeout(draw, 150);
    });
    form.addEventListener("change", (event) => { if (event.target.matches("select, rule-builder > textarea")) event.target.dispatchEvent(new Event("input", { bubbles: true })); });
    sliders();
}
