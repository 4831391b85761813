// Moves rules on an outline by keys and by drag, and shows what came of it without loading the page anew.

import { entryOf, register } from "../helping/shortcuts.js";
import { notes } from "./notes.js";

const KEYS = [
    { keys: ["Alt+ArrowUp"], says: "Move the rule up", act: "up" },
    { keys: ["Alt+ArrowDown"], says: "Move it down", act: "down" },
    { keys: ["Alt+ArrowRight"], says: "Move it beneath the one above", act: "nest" },
    { keys: ["Alt+ArrowLeft"], says: "Move it out of its branch", act: "unnest" },
];
const ELSEWHERE = new Set(["remove", "add"]); // these lead to another page: the browser does them

const outline = () => document.querySelector("[data-outline]");
const rule = (element) => element.closest?.("[data-key]");
let busy = false;
let dragged = null;

/** The keys it is about: all that are ticked if this rule is one of them, else this rule alone. */
function about(row) {
    const ticked = [...outline().querySelectorAll("input[name=chosen]:checked")].map((box) => box.value);
    return ticked.includes(row.dataset.key) ? ticked : [row.dataset.key];
}

/** Sends one act and puts the outline of the page that answers in place of this one. `at`: the rule to stay at; `to`: where it is sent. */
async function send(fields, at, to) {
    const form = outline();
    if (busy) return;
    busy = true;
    form.setAttribute("aria-busy", "true");
    const body = new URLSearchParams(fields);
    for (const name of ["csrfmiddlewaretoken", "workspace", "back"]) body.set(name, form.elements[name].value);
    try {
        const answer = await fetch(to ?? form.action, { method: "POST", body, credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("[data-outline]");
        if (!answer.ok || !fresh) throw new Error(String(answer.status));
        const opened = [...form.querySelectorAll("details")].map((one) => one.open);
        form.replaceWith(document.adoptNode(fresh));
        [...outline().querySelectorAll("details")].forEach((one, index) => (one.open = opened[index] ?? false));
        ready(form);
        say([...page.querySelectorAll(".messagelist li")]);
        stay(at);
    } catch {
        form.removeAttribute("aria-busy");
        tell("That did not arrive. Look whether you are still connected and signed in, and try again.", true);
    } finally {
        busy = false;
    }
}

function say(messages) {
    tell(messages.map((one) => one.textContent.trim()).join(" "), messages.some((one) => one.classList.contains("error")));
}

function tell(words, wrong) {
    const said = outline().querySelector(".outline-said");
    said.classList.toggle("problem", wrong);
    said.textContent = words;
}

/** Puts the focus back to where it was: a button, or a rule wherever it stands now. */
function stay(at) {
    const form = outline();
    const place = at?.act
        ? form.querySelector(`button[name=act][value="${at.act}"]`)
        : form.querySelector(`[data-key="${at?.key}"]`)?.querySelector(at?.link ? ".rule-name" : "input[name=chosen]");
    place?.focus({ preventScroll: true });
    place?.scrollIntoView({ block: "nearest" });
}

function pressed(event) {
    if (event.key === "Enter" && event.target.matches(".outline-more input")) {
        // By itself a form takes Enter for its first button, which moves what is ticked.
        event.preventDefault();
        event.target.parentElement.querySelector("button[name=act]").click();
        return;
    }
    const act = entryOf(event, KEYS)?.act;
    const row = rule(event.target);
    if (!act || !row || !("movable" in row.dataset)) return;
    event.preventDefault();
    const fields = [["act", act], ...about(row).map((key) => ["chosen", key])];
    send(fields, { key: row.dataset.key, link: event.target.matches("a") });
}

function submitted(event) {
    const button = event.submitter;
    if (!button || button.name !== "act" || ELSEWHERE.has(button.value)) return;
    event.preventDefault();
    send([...new FormData(event.target), ["act", button.value]], { act: button.value }, button.getAttribute("formaction"));
}

/** A new rule goes after the rule that was ticked, in its placement, until something else is chosen; last where none is ticked any more. */
function ticked({ target }) {
    const { placement, where } = outline().elements;
    if (where && target.matches("input[name=chosen]") && !outline().querySelector("input[name=chosen]:checked")) where.value = "last";
    const section = target.matches("input[name=chosen]:checked") && target.closest("[data-placement]");
    if (!section || !placement?.options || !section.dataset.placement) return;
    placement.value = section.dataset.placement;
    where.value = "after";
}

/** Where a rule would stand if it were dropped here: {row, where}, {placement}, or nothing. */
function spot(event) {
    const line = event.target.closest?.(".rule-line");
    const row = line && rule(line);
    if (row) {
        if (!("movable" in row.dataset) || dragged.some((one) => one.contains(row))) return null;
        const box = line.getBoundingClientRect();
        const part = (event.clientY - box.top) / box.height;
        return { line, key: row.dataset.key, where: part < 0.3 ? "before" : part > 0.7 ? "after" : "within" };
    }
    const branch = event.target.closest?.(".branch");
    if (branch && !dragged.some((one) => one.contains(branch))) return { line: branch, key: rule(branch).dataset.key, where: "otherwise" };
    const end = event.target.closest?.(".outline-end, .outline-empty");
    const section = end?.closest("[data-placement]");
    return section?.dataset.placement ? { line: end, placement: section.dataset.placement, where: "before" } : null;
}

function unmark() {
    for (const line of document.querySelectorAll("[data-drop]")) delete line.dataset.drop;
}

function ready(before = null) {
    const form = outline();
    form.addEventListener("keydown", pressed);
    form.addEventListener("submit", submitted);
    form.addEventListener("change", ticked);
    for (const grip of form.querySelectorAll(".grip")) grip.draggable = true;
    form.classList.add("is-live");
    notes(form, before);
    form.addEventListener("dragstart", (event) => {
        const row = rule(event.target);
        if (!row || !event.target.matches(".grip")) return;
        dragged = about(row).map((key) => form.querySelector(`[data-key="${key}"]`));
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", row.dataset.key);
        event.dataTransfer.setDragImage(row, 12, 12);
        dragged.forEach((one) => one.classList.add("is-dragged"));
    });
    form.addEventListener("dragover", (event) => {
        const found = dragged && spot(event);
        unmark();
        if (!found) return;
        event.preventDefault();
        found.line.dataset.drop = found.where;
    });
    form.addEventListener("dragend", () => {
        dragged?.forEach((one) => one.classList.remove("is-dragged"));
        dragged = null;
        unmark();
    });
    form.addEventListener("drop", (event) => {
        const found = dragged && spot(event);
        if (!found) return;
        event.preventDefault();
        const where = found.placement ? [["act", "to"], ["to", found.placement]] : [["act", "place"], ["beside", found.key], ["where", found.where]];
        const keys = dragged.map((one) => one.dataset.key);
        send([...where, ...keys.map((key) => ["chosen", key])], { key: keys[0] });
    });
}

if (outline()) {
    ready();
    if (outline().querySelector("[data-movable]")) register("Rules, on a rule", KEYS);
}
