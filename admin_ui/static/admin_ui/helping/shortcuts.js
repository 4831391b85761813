// All keys there are on a page: whoever listens to keys registers them here, acts by them, and `?` lists them. So the list can't lie.
//
// An entry is {keys, says, act}. Keys: "Ctrl+s" (on a Mac Cmd too), "Alt+ArrowUp", "Delete", "?", or letters one after the other: "g r".

const groups = new Map();

export function register(name, entries) {
    groups.set(name, entries);
    return entries;
}

export const registered = () => [...groups];

/** Whether a press is this one key. Shift counts where it is named, and with Ctrl; elsewhere it only makes other signs. */
export function is(event, keys) {
    const parts = keys.split("+");
    const key = parts.pop();
    const wants = (name) => parts.includes(name);
    if (wants("Ctrl") !== (event.ctrlKey || event.metaKey) || wants("Alt") !== event.altKey) return false;
    if ((wants("Ctrl") || wants("Shift")) && wants("Shift") !== event.shiftKey) return false;
    return event.key === key || (key.length === 1 && event.key.toLowerCase() === key);
}

/** The entry that a press is of. */
export const entryOf = (event, entries) => entries.find(({ keys }) => keys.some((one) => is(event, one)));

const SIGNS = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** How keys are written, as elements: <kbd>Alt</kbd> <kbd>↑</kbd>. */
export function written(keys) {
    const made = document.createElement("span");
    made.className = "keys-of";
    keys.forEach((one, index) => {
        if (index) made.append(" or ");
        one.split(" ").forEach((press, step) => {
            if (step) made.append(" then ");
            press.split("+").forEach((part, at) => {
                const key = document.createElement("kbd");
                const letter = part.length === 1 && press.includes("+") ? part.toUpperCase() : part;
                key.textContent = part === "Ctrl" && MAC ? "⌘" : (SIGNS[part] ?? letter);
                if (at) made.append(" ");
                made.append(key);
            });
        });
    });
    return made;
}

/** A list of entries for people. */
export function listed(entries) {
    const list = document.createElement("ul");
    for (const { keys, says } of entries) {
        const line = document.createElement("li");
        const words = document.createElement("span");
        words.textContent = says;
        line.append(words, " ", written(keys));
        list.append(line);
    }
    return list;
}
