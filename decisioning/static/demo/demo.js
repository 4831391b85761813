// What an app does with Signpost: say what happened, ask what to show, show it. No library.
import { listen } from "./listen.js";
import { drawPanel, drawSent, notice } from "./panel.js";

const { key, placement } = document.body.dataset;
const find = (selector) => document.querySelector(selector);

let visitor = localStorage.getItem("demo-visitor") ?? newVisitor();
let shown = {}; // the content that is on the page now
let onThePage; // the id of the decision that it came from
const ANSWERS = ["Product Added", "Order Completed"]; // what is counted as an answer to it, on its placement's page of results
let asked = 0; // answers may overtake each other: only that to the latest question is shown
let recent = []; // what was sent in the last two seconds goes along again, in case it is still on its way; its ids make that harmless

function newVisitor() {
  const id = `demo-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;
  localStorage.setItem("demo-visitor", id);
  return id;
}

function context() {
  const slow = find("[data-slow]").checked;
  return {
    device: slow || matchMedia("(max-width: 700px)").matches ? "mobile" : "desktop",
    connection: slow ? "3g" : "wifi",
    device_trust: find("[data-low-trust]").checked ? "low" : "normal",
    page: { path: location.pathname },
  };
}

// Says that something happened, then shows what Signpost decides now that it knows.
function tell(event, properties = {}) {
  const happened = performance.now();
  const messageId = `${visitor}-${Date.now()}-${Math.random().toString(36).slice(2, 10)}`;
  const answered = ANSWERS.includes(event) && onThePage ? { ...properties, decision_id: onThePage } : properties;
  const message = { type: "track", event, properties: answered, anonymousId: visitor, messageId, timestamp: new Date().toISOString() };
  recent = [...recent.filter((one) => one.happened > happened - 2000), { happened, message }];
  drawSent(event, properties);
  return decide(happened);
}

async function decide(happened = performance.now()) {
  const question = ++asked;
  const events = recent.map((one) => one.message);
  const body = JSON.stringify({ anonymous_id: visitor, placements: [placement], context: context(), events });
  try {
    const response = await fetch("/v1/decide", { method: "POST", headers: { Authorization: `Bearer ${key}` }, body });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error.message);
    if (question !== asked) return;
    const [decision] = answer.decisions;
    if (decision.error) throw new Error(decision.error.message);
    onThePage = decision.decision_id;
    const changed = fill(decision.content.fields);
    notice("");
    drawPanel(visitor, decision, changed ? performance.now() - happened : null);
  } catch (error) {
    notice(`The page stays as it is: ${error.message}`); // an app goes on without an answer
  }
}

// Puts the decision's fields into the page's slots. Says whether anything changed.
function fill(fields) {
  const changed = Object.keys(fields).filter((name) => fields[name] !== shown[name]);
  for (const name of changed) {
    const slot = find(`[data-slot="${name}"]`);
    if (name === "image") slot.src = fields.image;
    else if (name === "image_alt") find("[data-alt-slot]").alt = fields.image_alt;
    else if (slot) slot.textContent = fields[name];
    slot?.getAnimations().forEach((animation) => animation.cancel());
    slot?.animate([{ opacity: 0.1 }, { opacity: 1 }], { duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 600 });
  }
  find("#product").dataset.panel = fields.panel;
  find("[data-cta]").dataset.action = fields.cta_action;
  shown = fields;
  return changed.length > 0;
}

function startOver() {
  visitor = newVisitor();
  recent = [];
  onThePage = undefined;
}

if (key) listen({ tell, decide, startOver });
else notice("There is no key for this page yet: reload it when start.py says READY.");
