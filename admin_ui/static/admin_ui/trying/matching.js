// Beside a rule's or segment's conditions: how many users they hold for as they stand in the form, saved or not.
const shown = document.getElementById("matching");
const field = document.querySelector("textarea[name=when]");
const token = document.querySelector("[name=csrfmiddlewaretoken]");
const PAUSE = 400; // milliseconds after the last change
let timer, asking;

async function ask() {
    asking?.abort();
    const mine = (asking = new AbortController());
    const body = new FormData();
    for (const name of ["workspace", "kind", "key"]) body.set(name, shown.dataset[name]);
    body.set("when", field.value);
    body.set("csrfmiddlewaretoken", token.value);
    try {
        const got = await fetch(shown.dataset.ask, { method: "POST", body, headers: { "X-Signpost-Part": "line" }, signal: mine.signal });
        if (got.ok && !got.redirected) shown.innerHTML = await got.text();
    } catch {
        // The link to the page stays; a newer question, or leaving the page, is no error.
    }
}

function soon() {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
}

if (shown && field && token) {
    field.addEventListener("input", soon);
    field.addEventListener("change", soon);
    soon();
}
