// Rows of inputs: adds, removes and numbers them. Without it one empty row stands ready in each list.
const listOf = (button) => button.closest(".rows-inner, .rows").querySelector(":scope > .rows-list");

function renumber(list) {
    [...list.children].forEach((row, index) => {
        const group = row.getAttribute("aria-label");
        if (group) row.setAttribute("aria-label", `${list.dataset.one} ${index + 1}`);
    });
}

function free(list) {
    const start = `${list.dataset.prefix}-`;
    const used = [...list.querySelectorAll("[name]")].map((input) => parseInt(input.name.slice(start.length), 10));
    return Math.max(-1, ...used.filter(Number.isInteger)) + 1;
}

function changed(list) {
    renumber(list);
    list.dispatchEvent(new Event("input", { bubbles: true }));
}

export function add(list, focus = true) {
    const template = list.parentElement.querySelector(":scope > template");
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll(list.dataset.mark, String(free(list)));
    const row = holder.content.firstElementChild;
    ready(row);
    list.append(row);
    changed(list);
    if (focus) row.querySelector("input, select, textarea")?.focus();
    return row;
}

function ready(within) {
    within.querySelectorAll("[data-spare]").forEach((row) => row.remove());
    within.querySelectorAll(".rows-add, .rows-remove").forEach((button) => { button.hidden = false; });
}

document.addEventListener("click", (event) => {
    const target = event.target.closest(".rows-add, .rows-remove");
    if (!target) return;
    if (target.matches(".rows-add")) {
        add(listOf(target));
        return;
    }
    const row = target.closest(".row-of");
    const list = row.parentElement;
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    changed(list);
    (next?.querySelector("input, select, textarea") || list.parentElement.querySelector(":scope > .rows-add"))?.focus();
});

document.querySelectorAll(".rows").forEach(ready);
