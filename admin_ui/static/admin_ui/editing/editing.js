// An open form: what is typed in it is kept by itself, and who else has it open is told.

import { Keeping } from "./keeping.js";
import { Others } from "./others.js";

const box = document.querySelector("[data-editing]");

if (box) {
    const form = box.closest("form");
    new Keeping(box, form).start();
    new Others(box, form).start();
}
