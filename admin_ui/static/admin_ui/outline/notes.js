// What was found of the rules of a large workspace: looked for once the outline is there, and put beneath each rule.

const PAUSE = 600; // milliseconds after an act: of several in a row only the last one's outline is looked through

export async function notes(form, acted) {
    const address = form.dataset.notes;
    if (!address) return;
    delete form.dataset.notes;
    if (acted) await new Promise((done) => setTimeout(done, PAUSE));
    if (!form.isConnected) return;
    const said = form.querySelector(".outline-said");
    try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        for (const [key, found] of Object.entries(await answer.json())) {
            const words = form.querySelector(`[data-key="${CSS.escape(key)}"] > .rule-line .rule-words`);
            for (const [tone, text] of words ? found : []) words.append(note(tone, text));
        }
    } catch {
        said.textContent = "What is wrong with these rules could not be loaded. Reload the page to try again.";
    }
}

function note(tone, text) {
    const line = document.createElement("p");
    line.className = `rule-note ${tone}`;
    line.textContent = text;
    return line;
}
