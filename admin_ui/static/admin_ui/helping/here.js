// What keys can do on the page that is shown: only what is there is registered.

const seen = (selector) => [...document.querySelectorAll(selector)].find((one) => one.offsetParent);

export function here() {
    const search = seen("#searchbar, #content input[type=search]:not(.insert-search *)") ?? seen("#nav-filter");
    const add = seen(".object-tools .addlink") ?? seen("#nav-sidebar .current-model .addlink"); // the list's own stays in its workspace
    const save = document.querySelector("#content-main form [name=_continue]") ?? document.querySelector("#content-main form [name=_save]");
    return [
        search && { keys: ["/"], says: search.id === "nav-filter" ? "Filter the menu" : "Search", act: () => { search.focus(); search.select(); } },
        add && { keys: ["n"], says: "Add a new one", act: () => location.assign(add.href) },
        save && { keys: ["Ctrl+s"], says: save.name === "_continue" ? "Save the draft and stay" : "Save", act: () => save.click() },
    ].filter(Boolean);
}
