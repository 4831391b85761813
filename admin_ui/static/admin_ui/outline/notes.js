// What was found of the rules of a large workspace: looked for once the outline is there, and put beneath each rule.

const PAUSE = 600; // milliseconds after an act: of several in a row only the last one's outline is looked through

/** `before`: the outline that this one took the place of, whose notes stand until new ones come. */
export async function notes(form, before) {
    const address = form.dataset.notes;
    if (!address) return;
    delete form.dataset.notes;
    if (before) {
        keep(form, before);
        await new Promise((done) => setTimeout(done, PAUSE));
    }
    if (!form.isConnected) return;
    const said = form.querySelector(".outline-said");
    try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const all = await answer.json();
        forget(form);
        for (const [key, found] of Object.entries(all)) put(form, key, found.map(([tone, text]) => note(tone, text)));
    } catch {
        forget(form);
        said.textContent = "What is wrong with these rules could not be loaded. Reload the page to try again.";
    }
}

function keep(form, before) {
    for (const line of before.querySelectorAll(".rule-note")) {
        line.setAttribute("aria-busy", "true");
        put(form, line.closest("[data-key]").dataset.key, [line]);
    }
}

function forget(form) {
    for (const line of form.querySelectorAll('.rule-note[aria-busy="true"]')) line.remove();
}

function put(form, key, lines) {
    form.querySelector(`[data-key="${CSS.escape(key)}"] > .rule-line .rule-words`)?.append(...lines);
}

function note(tone, text) {
    const line = document.createElement("p");
    line.className = `rule-note ${tone}`;
    line.textContent = text;
    return line;
}
