// The ring that fills while something lasts, on the test's clock.

import { byId, element, setText, svgElement } from "./dom.js";

const RADIUS = 88;
const AROUND = 2 * Math.PI * RADIUS;
const COUNTED_DOWN = new Set(["settle", "rest", "work"]); // the foreperiod must not tell when the tone comes

const parts = {};
let shown = null;
let clock = () => 0;
let frame = 0;

function built() {
  const around = { cx: 100, cy: 100, r: RADIUS };
  parts.fill = svgElement("circle", { ...around, class: "ring-fill", transform: "rotate(-90 100 100)" });
  parts.fill.setAttribute("stroke-dasharray", AROUND.toFixed(2));
  parts.count = element("span", { class: "ring-count" });
  parts.left = element("span", { class: "ring-left" });
  parts.label = element("p", { class: "ring-label" });
  byId("ring").append(
    element(
      "div",
      { class: "ring-dial" },
      svgElement(
        "svg",
        { viewBox: "0 0 200 200", "aria-hidden": "true" },
        svgElement("circle", { ...around, class: "ring-ground" }),
        parts.fill,
      ),
      element("div", { class: "ring-middle" }, parts.count, parts.left),
    ),
    parts.label,
  );
}

/** Show a ring, or none; `now` returns the test's time in seconds. */
export function showRing(ring, now) {
  const place = byId("ring");
  if (!parts.fill) built();
  place.hidden = !ring;
  shown = ring;
  clock = now;
  cancelAnimationFrame(frame);
  if (!ring) return;
  place.dataset.phase = ring.phase;
  place.classList.toggle("waiting", ring.length_s === null || ring.start_s === null);
  setText(parts.count, ring.count);
  setText(parts.label, ring.label);
  draw();
}

function draw() {
  const { start_s: start, length_s: length, phase } = shown;
  if (length === null || start === null) {
    parts.fill.setAttribute("stroke-dashoffset", (0.75 * AROUND).toFixed(2));
    setText(parts.left, "");
    return;
  }
  const past = clock() - start;
  const share = length > 0 ? Math.min(Math.max(past / length, 0), 1) : 1;
  parts.fill.setAttribute("stroke-dashoffset", ((1 - share) * AROUND).toFixed(2));
  const left = Math.ceil(Math.max(length - past, 0));
  setText(parts.left, COUNTED_DOWN.has(phase) && left > 0 ? `${left} s` : "");
  if (share < 1) frame = requestAnimationFrame(draw);
}
