// In place of a link to a page that takes a moment: what is on that page. Without this script, or an answer, the link stays.
const place = document.querySelector("[data-part]");

if (place) {
    place.setAttribute("aria-busy", "true");
    try {
        const got = await fetch(place.dataset.part, { headers: { "X-Signpost-Part": "answer" } });
        if (got.ok && !got.redirected) place.innerHTML = await got.text();
    } finally {
        place.removeAttribute("aria-busy");
    }
}
