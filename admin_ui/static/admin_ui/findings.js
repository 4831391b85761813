// What was found of the thing that a form is about, where the workspace is so large that the form is shown before: put beneath its fields.

const place = document.querySelector("[data-findings]");

if (place) {
    try {
        const answer = await fetch(place.dataset.findings, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        for (const { field, tone, words } of (await answer.json()).findings) {
            const line = document.createElement("div");
            line.className = "help";
            line.append(Object.assign(document.createElement("span"), { className: tone, textContent: words }));
            (document.querySelector(`.form-row.field-${CSS.escape(field)}`) ?? place).append(line);
        }
        for (const builder of document.querySelectorAll("rule-builder")) builder.checking?.mark();
        place.removeAttribute("aria-busy");
    } catch {
        place.textContent = "What is wrong with this could not be loaded. Reload the page to try again.";
    }
}
