// Rows moved by their grips: before or after another row, or into a group.

import * as model from "./model.js";

const WHERE = ["before", "after", "into"];

export function dragging(builder) {
    let dragged = null;

    function target(event) {
        const row = event.target.closest?.("[role=treeitem]");
        if (!row || !dragged) return null;
        const { top, height } = row.querySelector(".rb-line").getBoundingClientRect();
        const share = (event.clientY - top) / height;
        const isGroup = row.matches(".rb-group");
        if (isGroup && (row.dataset.id === builder.root.id || share >= 0.3)) return { row, where: "into" };
        return { row, where: share < 0.5 ? "before" : "after" };
    }

    function unmark() {
        for (const row of builder.rows()) row.classList.remove(...WHERE.map((where) => `rb-drop-${where}`));
    }

    return {
        dragstart(event) {
            if (!event.target.matches?.(".rb-grip")) return;
            const row = event.target.closest("[data-id]");
            dragged = row.dataset.id;
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("text/plain", row.getAttribute("aria-label"));
            event.dataTransfer.setDragImage(row, 12, 12);
        },
        dragover(event) {
            const onto = target(event);
            unmark();
            if (!onto) return;
            event.preventDefault();
            onto.row.classList.add(`rb-drop-${onto.where}`);
        },
        dragleave: unmark,
        drop(event) {
            const onto = target(event);
            unmark();
            if (!onto) return;
            event.preventDefault();
            const moved = model.drop(structuredClone(builder.root), dragged, onto.row.dataset.id, onto.where);
            if (moved) builder.change(() => moved, { focus: { id: dragged } });
        },
        dragend() {
            dragged = null;
            unmark();
        },
    };
}
