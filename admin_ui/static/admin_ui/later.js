// Puts what takes longer than a page may into it, once the page is there: from the same page, asked for with all that was found.

const place = document.querySelector("[data-later]");

async function fill() {
    const answer = await fetch(place.dataset.later);
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
    document.getElementById("found").replaceChildren(...fresh.childNodes);
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
    place.firstElementChild.textContent = "All of it was looked through.";
    place.classList.add("visually-hidden");
}

if (place) {
    try {
        await fill();
    } catch {
        place.firstElementChild.textContent = "What was found could not be loaded. Reload the page to try again.";
    }
}
