// The list of workspaces closes when one looks elsewhere. It opens, and a choice is sent, without this.

const switcher = document.querySelector(".switcher");

document.addEventListener("click", ({ target }) => {
    if (!switcher.contains(target)) switcher.open = false;
});

switcher.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !switcher.contains(relatedTarget)) switcher.open = false;
});

switcher.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !switcher.open) return;
    event.stopPropagation();
    switcher.open = false;
    switcher.querySelector("summary").focus();
});
