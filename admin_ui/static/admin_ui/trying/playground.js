// The playground answers while one types: the form is sent as it stands, and its answer put in place of the one before.
const form = document.getElementById("try-form");
const answer = document.getElementById("answer");
const PAUSE = 120; // milliseconds after the last key
const SLOW = 8000;
let timer, asking;

function showWho() {
    const chosen = form.querySelector("[name=who]:checked")?.value;
    for (const part of form.querySelectorAll("[data-who]")) part.hidden = part.dataset.who !== chosen;
}

async function ask() {
    asking?.abort();
    const mine = (asking = new AbortController());
    const limit = setTimeout(() => mine.abort("slow"), SLOW);
    answer.setAttribute("aria-busy", "true");
    try {
        const got = await fetch(form.action, {
            method: "POST",
            body: new FormData(form),
            headers: { "X-Signpost-Part": "answer" },
            signal: mine.signal,
        });
        if (got.redirected || !got.ok) throw new Error(got.redirected ? "You are signed out. Sign in again." : `The server answered ${got.status}.`);
        answer.innerHTML = await got.text();
    } catch (error) {
        if (mine !== asking) return; // a newer question took over
        const words = document.createElement("p");
        words.className = "problem";
        words.textContent = mine.signal.aborted ? "This takes too long. Press Try." : String(error.message);
        answer.replaceChildren(words);
    } finally {
        clearTimeout(limit);
        if (mine === asking) answer.removeAttribute("aria-busy");
    }
}

function soon(pause) {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
}

form.addEventListener("input", (event) => {
    showWho();
    if (event.target.name !== "workspace") soon(PAUSE);
});
form.addEventListener("change", (event) => {
    if (event.target.name === "workspace") location.search = new URLSearchParams({ workspace: event.target.value });
});
form.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "try") return; // the other buttons lead to a page
    event.preventDefault();
    soon(0);
});

showWho();
