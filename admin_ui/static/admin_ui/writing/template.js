// The template's page: problems and the preview follow what is typed; values are inserted where the cursor stands.
const writing = document.querySelector(".writing");
if (writing) {
    const form = writing.closest("form");
    const WAIT = 250;
    const notes = writing.querySelector(".preview-notes");
    const engine = () => form.elements.engine?.value || "liquid";
    let asked = 0;
    let last = form.querySelector("#id_body");

    // Checks and preview

    function fields() {
        const data = new FormData(form);
        for (const name of ["_save", "_continue", "_addanother"]) data.delete(name);
        return data;
    }

    async function check() {
        const mine = ++asked;
        let said;
        try {
            const answer = await fetch(writing.dataset.check, { method: "POST", body: fields(), headers: { Accept: "application/json" } });
            if (!answer.ok) throw new Error(String(answer.status));
            said = await answer.json();
        } catch {
            if (mine === asked) tell([["problem", "The check did not answer. What you typed is still here; save it or try again."]]);
            return;
        }
        if (mine !== asked) return;
        show(said);
        if (!said.problems.length) preview();
    }

    function show(said) {
        tell([
            ...said.problems.map((note) => ["problem", `${note.place}, line ${note.line}, column ${note.column}: ${note.words}`, note]),
            ...Object.entries(said.refused).map(([name, words]) => ["problem", `${name}: ${words}`]),
            ...said.warnings.map((note) => ["advice", `${note.place}, line ${note.line}, column ${note.column}: ${note.words}`, note]),
            ...said.missing.map((words) => ["advice", words]),
            ...(said.note ? [["quiet", said.note]] : []),
        ]);
        if (!said.problems.length) values(said.reads);
        languages(said.languages);
    }

    function tell(lines) {
        const list = document.createElement("ul");
        for (const [tone, words, note] of lines) {
            const line = document.createElement("li");
            line.className = tone;
            if (note) {
                const button = document.createElement("button");
                button.type = "button";
                button.textContent = words;
                button.addEventListener("click", () => go(note));
                line.append(button);
            } else line.textContent = words;
            list.append(line);
        }
        if (!lines.length) list.innerHTML = '<li class="good">Nothing wrong, nothing missing.</li>';
        if (notes.innerHTML !== list.outerHTML) notes.replaceChildren(list);
    }

    function area(path) {
        if (path === "body") return form.querySelector("#id_body");
        const [root, ...rest] = path.split(".");
        const rows = [...form.querySelectorAll(`[data-rows="${root}"] > .rows-list > .row-of`)];
        const keyed = (among, key) => among.find((row) => row.querySelector("input").value.trim() === key);
        if (root === "fields") return keyed(rows, rest.join("."))?.querySelector("textarea");
        const language = keyed(rows, rest[0]);
        if (rest[1] === "body") return language?.querySelector("textarea");
        return keyed([...(language?.querySelectorAll(".rows-inner .row-of") || [])], rest.slice(2).join("."))?.querySelector("textarea");
    }

    function go({ path, line, column }) {
        const text = area(path);
        if (!text) return;
        const before = text.value.split("\n").slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
        const at = Math.min(before + column - 1, text.value.length);
        text.focus();
        text.setSelectionRange(at, Math.min(at + 2, text.value.length));
        text.scrollIntoView({ block: "center" });
    }

    function preview() {
        const old = writing.querySelector(".preview-stage iframe:last-of-type");
        const frame = old.cloneNode();
        frame.name = `preview-${asked}`;
        frame.classList.add("waiting");
        old.after(frame);
        const copy = document.createElement("form");
        Object.assign(copy, { method: "post", action: writing.dataset.preview, target: frame.name, hidden: true });
        for (const [name, value] of fields()) {
            const input = document.createElement("textarea");
            input.name = name;
            input.value = value;
            copy.append(input);
        }
        document.body.append(copy);
        // A frame's first document leaves no step to go back to, so every preview is a frame of its own.
        frame.addEventListener("load", () => {
            frame.classList.remove("waiting");
            writing.querySelectorAll(".preview-stage iframe").forEach((other) => { if (other !== frame && !other.classList.contains("waiting")) other.remove(); });
        });
        copy.submit();
        copy.remove();
    }

    // Values to try with, one for each name that is read

    function values(names) {
        const list = writing.querySelector(".values-list");
        const known = new Map([...list.querySelectorAll("input")].map((input) => [input.name.slice(4), input.closest("label")]));
        if ([...known.keys()].join("\n") === names.join("\n")) return;
        const kept = list.contains(document.activeElement) ? document.activeElement : null;
        list.replaceChildren(...names.map((name) => known.get(name) || value(name)));
        kept?.focus();
        writing.querySelector(".values-none").hidden = names.length > 0;
    }

    function value(name) {
        const label = document.createElement("label");
        const code = document.createElement("code");
        const input = document.createElement("input");
        code.textContent = name;
        Object.assign(input, { name: `try.${name}`, autocomplete: "off" });
        label.append(code, input);
        return label;
    }

    function languages(found) {
        const select = form.elements.try_locale;
        const now = [...select.options].slice(1).map((option) => option.value);
        if (now.join() === found.join()) return;
        const chosen = select.value;
        while (select.options.length > 1) select.remove(1);
        found.forEach((language) => select.add(new Option(language, language, false, language === chosen)));
    }

    // Inserting

    form.addEventListener("focusin", (event) => {
        if (event.target.matches("#id_body, .cell-long textarea")) last = event.target;
    });
    writing.querySelector(".insert-names").addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button || !last?.isConnected) return;
        last.focus();
        const text = button.dataset[engine()];
        // This way the browser's own undo takes it back.
        if (!document.execCommand("insertText", false, text)) last.setRangeText(text, last.selectionStart, last.selectionEnd, "end");
        last.dispatchEvent(new Event("input", { bubbles: true }));
    });
    // All of them are one stop of the Tab key, or saving would be hundreds of stops away; arrow keys go from one to the next.
    const names = writing.querySelector(".insert-names");
    const offered = () => [...names.querySelectorAll(".insert-group:not([hidden]) li:not([hidden]) button")];
    const stopAt = (button) => names.querySelectorAll("button").forEach((one) => { one.tabIndex = one === button ? 0 : -1; });
    names.addEventListener("focusin", (event) => stopAt(event.target));
    names.addEventListener("keydown", (event) => {
        const all = offered();
        const at = all.indexOf(event.target);
        const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
        if (at < 0 || next === undefined) return;
        event.preventDefault();
        all[Math.min(Math.max(next, 0), all.length - 1)].focus();
    });
    stopAt(offered()[0]);
    writing.querySelector(".insert-search input").addEventListener("input", (event) => {
        const wanted = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
        let shown = 0;
        writing.querySelectorAll(".insert-group").forEach((group) => {
            let any = 0;
            group.querySelectorAll("li").forEach((line) => {
                const words = `${group.querySelector("h3").textContent} ${line.textContent}`.toLowerCase();
                line.hidden = !wanted.every((word) => words.includes(word));
                any += line.hidden ? 0 : 1;
            });
            group.hidden = !any;
            shown += any;
        });
        writing.querySelector(".insert-none").hidden = shown > 0;
        stopAt(offered()[0]);
    });
    writing.querySelector(".insert-search input").addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        offered()[0]?.click();
    });
    writing.querySelector(".values-list").addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });

    let timer;
    form.addEventListener("input", (event) => {
        if (event.target.closest(".insert-search, .widths")) return;
        clearTimeout(timer);
        timer = setTimeout(check, WAIT);
    });
    form.addEventListener("change", (event) => { if (event.target.matches("select")) event.target.dispatchEvent(new Event("input", { bubbles: true })); });
    writing.querySelector(".preview-now").hidden = true;
    check();
}
