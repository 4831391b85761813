// Draws the panel "Behind the page" from what /demo/panel tells of this visitor.
const find = (selector) => document.querySelector(selector);
const all = (selector) => document.querySelectorAll(selector);
const FULL = 1.2; // the score at the bar's right end
let latest = 0;

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

// `took`: milliseconds from the event to the changed page, null where nothing changed.
export async function drawPanel(visitor, decision, took) {
  if (took !== null) all("[data-took]").forEach((slot) => (slot.textContent = Math.round(took)));
  const turn = ++latest;
  await drawState(visitor, decision, turn);
  // The workers apply an event some milliseconds after the page has its answer.
  setTimeout(() => drawState(visitor, decision, turn), 400);
}

async function drawState(visitor, decision, turn) {
  const response = await fetch(`/demo/panel?anonymous_id=${encodeURIComponent(visitor)}`);
  if (!response.ok || turn !== latest) return;
  const { tags, score, rules } = await response.json();
  drawScore(score ?? { value: 0, band: "low" });
  drawTags(tags);
  drawRules(rules, decision);
}

function drawScore({ value, band }) {
  all("[data-score]").forEach((slot) => (slot.textContent = value.toFixed(2)));
  all("[data-band]").forEach((slot) => {
    slot.textContent = band;
    slot.dataset.band = band;
  });
  const bar = find("[data-bar]");
  bar.setAttribute("aria-valuenow", value.toFixed(2));
  bar.dataset.level = band;
  bar.style.setProperty("--filled", Math.min(1, value / FULL));
}

function drawTags(tags) {
  const chips = tags.map(({ key, because, expires }) => {
    const chip = element("li", key);
    if (because) chip.title = because;
    if (expires) chip.append(element("small", left(new Date(expires) - Date.now())));
    return chip;
  });
  find("[data-tags]").replaceChildren(...(chips.length ? chips : [element("li", "none yet", "quiet")]));
}

function left(milliseconds) {
  const hours = milliseconds / 3_600_000;
  return hours < 36 ? `${Math.ceil(hours)} h` : `${Math.round(hours / 24)} days`;
}

// The placement's tree in the order it is tried; the path to the rule that decided is lit.
function drawRules(rules, { rule, path, outcome, template }) {
  const lines = rules.map(({ key, name, depth }) => {
    const line = element("li", name, path.includes(key) ? "on" : "");
    if (key === rule?.key) line.setAttribute("aria-current", "true");
    line.dataset.depth = depth;
    return line;
  });
  find("[data-rules]").replaceChildren(...lines);
  find("[data-outcome]").textContent = rule ? `${outcome}: ${template?.key}` : outcome;
}

export function drawSent(event, properties) {
  const list = find("[data-sent]");
  const detail = ["depth", "seconds", "size", "revenue"].filter((name) => name in properties).map((name) => `${name} ${properties[name]}`);
  const line = element("li", event);
  line.append(element("small", detail.join(", ")));
  list.prepend(line);
  while (list.children.length > 4) list.lastChild.remove();
}

export function notice(text) {
  find("[data-notice]").hidden = !text;
  find("[data-notice]").textContent = text;
}
