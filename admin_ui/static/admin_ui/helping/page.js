// Keys that work on every page, and the dialogs of help.

import { here } from "./here.js";
import { entryOf, listed, register, registered, written } from "./shortcuts.js";
import { Tour } from "./tour.js";

const WAIT = 1500; // milliseconds for the second of two letters
const PAGE = "On this page";
const SWITCH = "signpost.keys";
const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset]), textarea, select, [contenteditable], [role=combobox]";

const dialog = document.querySelector("#keys");
const tour = new Tour(document.querySelector("#tour"));
let first = ""; // of two letters, the one that was pressed
let timer = 0;

const links = [...dialog.querySelectorAll("[data-keys]")];
const places = links.map((link) => ({ keys: [link.dataset.keys], says: link.textContent, act: () => location.assign(link.href) }));
const single = register(PAGE, [...here(), { keys: ["?"], says: "This list", act: open }]);
const letters = [...places, ...single].filter(({ keys }) => !keys[0].includes("Ctrl+"));
const commands = single.filter(({ keys }) => keys[0].includes("Ctrl+"));

function open() {
    const places = dialog.querySelector("[data-places]");
    dialog.querySelectorAll(".keys-group").forEach((old) => old.remove());
    const first = ([name]) => (name === PAGE ? 0 : 1);
    for (const [name, entries] of registered().sort((one, other) => first(one) - first(other))) {
        if (!entries.length) continue;
        const group = document.createElement("section");
        const heading = document.createElement("h3");
        group.className = "keys-group";
        heading.textContent = name;
        group.append(heading, listed(entries));
        places.before(group);
    }
    dialog.showModal();
}

const on = () => localStorage.getItem(SWITCH) !== "off";

function pressed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const command = entryOf(event, commands);
    if (command) {
        event.preventDefault();
        command.act();
        return;
    }
    if (!on() || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(FIELDS)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : "";
    if (!key) return;
    const said = first ? `${first} ${key}` : key;
    first = "";
    clearTimeout(timer);
    const found = letters.find(({ keys }) => keys.includes(said));
    if (found) {
        event.preventDefault();
        found.act();
    } else if (letters.some(({ keys }) => keys.some((one) => one.startsWith(`${key} `)))) {
        first = key;
        timer = setTimeout(() => { first = ""; }, WAIT);
    }
}

for (const link of links) link.after(" ", written([link.dataset.keys]));
document.addEventListener("keydown", pressed);
for (const button of document.querySelectorAll("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", open);
}
for (const button of document.querySelectorAll(".help-dialog [data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
const box = dialog.querySelector("[data-switch]");
box.checked = on();
box.addEventListener("change", () => (box.checked ? localStorage.removeItem(SWITCH) : localStorage.setItem(SWITCH, "off")));
dialog.querySelector("[data-tour]").addEventListener("click", () => {
    dialog.close();
    tour.begin();
});
function addressed() {
    if (location.hash === "#keys") open();
    if (location.hash === "#tour") tour.begin();
}

addEventListener("hashchange", addressed);
addressed();
tour.offer(document.querySelector("[data-tour-offer]"));
