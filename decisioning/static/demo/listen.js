// What the visitor does on the page, as events. The names are Segment's where it has one.
const find = (selector) => document.querySelector(selector);
const product = { product_id: "harbour-coat", name: "The Harbour Coat", price: 285 };
const SETTLE = 150; // milliseconds without scrolling before a depth is told
const TICK = 5; // seconds of attention that one Page Dwelled tells
const ATTENTION = 30_000; // milliseconds since the last sign of life that still count as attention

const REST = 500; // milliseconds over an element that count as a hover

let deepest = 0;
let fastest = 0; // pixels a second, since the last Page Scrolled
let travelled = 0; // pixels of the mouse, since the last Mouse Moved
let active = Date.now();

export function listen({ tell, decide, startOver }) {
  let settled;
  let last = { y: scrollY, at: Date.now() };
  addEventListener("scroll", () => {
    active = Date.now();
    if (active > last.at) fastest = Math.max(fastest, (1000 * Math.abs(scrollY - last.y)) / (active - last.at));
    last = { y: scrollY, at: active };
    clearTimeout(settled);
    settled = setTimeout(() => {
      const depth = Math.min(1, scrollY / (document.documentElement.scrollHeight - innerHeight));
      if (depth < Math.min(deepest + 0.1, 1) || depth === deepest) return;
      deepest = depth;
      tell("Page Scrolled", { depth: Number(depth.toFixed(2)), velocity: Math.round(fastest) });
      fastest = 0;
    }, SETTLE);
  }, { passive: true });

  for (const sign of ["pointermove", "keydown", "pointerdown"]) addEventListener(sign, () => (active = Date.now()), { passive: true });
  setInterval(() => {
    if (document.visibilityState === "visible" && Date.now() - active < ATTENTION) tell("Page Dwelled", { seconds: TICK });
    if (travelled) tell("Mouse Moved", { pixels: Math.round(travelled) });
    travelled = 0;
  }, TICK * 1000);

  addEventListener("pointermove", ({ movementX, movementY }) => (travelled += Math.hypot(movementX, movementY)), { passive: true });
  document.addEventListener("copy", () => tell("Product Shared", { ...product, share_via: "copy" }));
  find("main").addEventListener("click", ({ target }) => {
    const element = target.closest("button, a, label");
    if (element) tell("Element Clicked", { element: element.textContent.trim().slice(0, 40) });
  });
  let rest;
  find("[data-cta]").addEventListener("pointerenter", () => (rest = setTimeout(() => tell("Element Hovered", { element: "cta" }), REST)));
  find("[data-cta]").addEventListener("pointerleave", () => clearTimeout(rest));

  let hover;
  find(".picture").addEventListener("pointerenter", () => (hover = setTimeout(() => tell("Product Image Zoomed"), 600)));
  find(".picture").addEventListener("pointerleave", () => clearTimeout(hover));

  find("[data-size-chart]").addEventListener("click", ({ currentTarget }) => {
    chart(currentTarget.getAttribute("aria-expanded") !== "true");
    if (!chartIsOpen()) return;
    showChart();
    tell("Size Chart Opened", { product_id: product.product_id }).then(showChart); // the answer may have moved it
  });

  const buy = () => {
    bag(0);
    chart(false);
    tell("Order Completed", { order_id: `demo-${Date.now()}`, revenue: product.price });
  };
  find("[data-buy]").addEventListener("click", buy);
  find("[data-cta]").addEventListener("click", ({ currentTarget }) => {
    if (currentTarget.dataset.action === "checkout") return buy();
    if (currentTarget.dataset.action === "none") return scrollTo({ top: document.documentElement.scrollHeight });
    bag(inBag() + 1);
    tell("Product Added", { ...product, size: find("[name=size]:checked").value });
  });

  for (const toggle of ["[data-slow]", "[data-low-trust]"]) find(toggle).addEventListener("change", () => decide());
  find("[data-start-over]").addEventListener("click", () => {
    startOver();
    deepest = 0;
    bag(0);
    chart(false);
    find("[data-sent]").replaceChildren();
    scrollTo({ top: 0, behavior: "instant" });
    tell("Product Viewed", product);
  });

  bag(inBag());
  tell("Product Viewed", product);
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") tell("Back Pressed");
}

function chart(open) {
  find("[data-size-chart]").setAttribute("aria-expanded", open);
}

function chartIsOpen() {
  return find("[data-size-chart]").getAttribute("aria-expanded") === "true";
}

// As fast as the style sheet says: at once where less motion is asked for.
function showChart() {
  if (chartIsOpen()) find("#chart").scrollIntoView({ block: "nearest" });
}

function inBag() {
  return Number(localStorage.getItem("demo-bag") ?? 0);
}

function bag(count) {
  localStorage.setItem("demo-bag", count);
  find("[data-bag]").textContent = count;
}
