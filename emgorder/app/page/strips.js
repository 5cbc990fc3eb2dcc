// The strips: the last seconds of each muscle on one time axis, raw under its envelope, with the onsets found.

import { byId, element, keyed } from "./dom.js";
import { hideLens, isCovered, refit, showLens } from "./lens.js";
import { inks, muscle } from "./muscle.js";
import { HEADROOM, makePlot, resize } from "./plot.js";

const SPAN_S = 8;
const KEPT_S = 20; // a lift is judged some seconds after its onsets, and they must still be there
const LEAST_RATIO = 6; // a strip spans at least this multiple of the level at rest, so that noise stays small
const EASE = 0.25; // share of the way to a new scale that each drawing goes

let labels = [];
let strips = [];
let startS = 0;
let stepS = 0.01;
let filled = 0;
let capacity = 0;
let onsets = [];
let lensed = false; // whether the closer look shows these onsets
let dirty = false;
let visible = false;
let wasZoomed = false;

/** Take new columns of the strips. */
export function addTraces(message) {
  const changed = message.labels.join() !== labels.join() || message.step_s !== stepS;
  if (changed || message.replace) reset(message);
  const rows = message.envelope.length;
  const skipped = Math.max(rows - capacity, 0);
  const gap = filled ? Math.round((message.start_s - (startS + filled * stepS)) / stepS) : 0;
  if (gap < 0 || gap >= capacity) filled = 0;
  else if (gap > 0) append(gap, () => null); // steps that never came stay empty
  if (!filled) startS = message.start_s + skipped * stepS;
  append(rows - skipped, (name, row, column) => message[name][row + skipped][column]);
  strips.forEach((strip, column) => {
    const level = Math.max(message.most[column] ?? 0, LEAST_RATIO * (message.rest[column] ?? 0));
    strip.target = level > 0 ? level * HEADROOM : strip.target;
    strip.unit = message.unit[column] ?? "";
  });
  ask();
}

/** Draw these onsets in the strips as long as they are in sight, and a closer look at the last of them beside. */
export function setOnsets(marks) {
  if (JSON.stringify(marks) === JSON.stringify(onsets)) return;
  onsets = marks;
  lensed = false;
  ask();
}

// Onsets of the other side are none of these strips.
const ours = () => onsets.filter((mark) => labels.includes(mark.label));

/** Show or hide the strips. */
export function showStrips(on) {
  visible = on;
  byId("strips").hidden = !on;
  if (on) ask();
}

function reset(message) {
  const same = message.labels.join() === labels.join();
  labels = message.labels;
  stepS = message.step_s;
  capacity = Math.ceil(KEPT_S / stepS) + 1;
  filled = 0;
  if (!same) {
    discard();
    strips = labels.map((label) => ({ label, target: 1, shown: 0, unit: "" }));
  }
  for (const strip of strips) {
    for (const name of ["low", "high", "envelope"]) strip[name] = new Float64Array(capacity);
  }
}

function append(rows, value) {
  const over = Math.max(filled + rows - capacity, 0);
  for (const [column, strip] of strips.entries()) {
    for (const name of ["low", "high", "envelope"]) {
      const kept = strip[name];
      if (over) kept.copyWithin(0, over, filled);
      for (let row = 0; row < rows; row++) kept[filled - over + row] = value(name, row, column) ?? NaN;
    }
  }
  filled += rows - over;
  startS += over * stepS;
}

function ask() {
  if (dirty || !visible) return;
  dirty = true;
  requestAnimationFrame(draw);
}

function draw() {
  dirty = false;
  if (!visible || !filled || !window.uPlot) return;
  if (!strips.every((strip) => strip.plot)) build();
  const rows = Math.min(filled, Math.ceil(SPAN_S / stepS) + 1);
  const times = Array.from({ length: rows }, (_, row) => (row - rows + 1) * stepS);
  let moving = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const strip of strips) {
    const ease = still || !strip.shown ? 1 : EASE;
    strip.shown += (strip.target - strip.shown) * ease;
    moving ||= Math.abs(strip.shown / strip.target - 1) > 0.01;
    strip.plot.setData([times, ...["high", "low", "envelope"].map((name) => newest(strip[name], rows))]);
  }
  if (!lensed) look();
  document.body.dataset.drawn = String(1 + Number(document.body.dataset.drawn ?? 0));
  if (moving) ask();
}

// The samples of a lift leave the strips after seconds; the closer look keeps them until the next lift.
function look() {
  if (!isCovered(ours(), startS + (filled - 1) * stepS)) return; // its samples are still to come
  lensed = true;
  const place = byId("strips");
  const kept = strips.map((strip) => ({ ...strip, startS, stepS, filled }));
  const on = showLens(kept, ours(), (index) => place.children[index].querySelector(".strip-zoom"));
  if (place.classList.toggle("zoomed", on) !== wasZoomed) fit();
  wasZoomed = on;
}

// uPlot leaves a gap where a value is null.
function newest(kept, rows) {
  const shown = new Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = kept[filled - rows + row];
    shown[row] = Number.isNaN(value) ? null : value;
  }
  return shown;
}

function discard() {
  hideLens();
  lensed = false;
  for (const strip of strips) strip.plot?.destroy();
}

function build() {
  discard();
  const place = byId("strips");
  keyed(place, labels.map((label) => ({ label })), ({ label }) => label, stripElement);
  place.hidden = !visible;
  const theme = inks();
  strips.forEach((strip, index) => {
    const body = place.children[index].querySelector(".strip-body");
    strip.last = index === strips.length - 1;
    strip.plot = makePlot(body, strip, theme, {
      range: [-SPAN_S, 0],
      splits: [-8, -6, -4, -2, 0],
      words: (s) => (s ? `${-s} s ago` : "now"),
      scaled: true,
      shown: () => strip.shown,
      marks: ours,
      origin: () => startS + (filled - 1) * stepS,
    });
  });
}

function stripElement({ label }) {
  const { words, role } = muscle(label);
  return element(
    "figure",
    { class: `strip ${role}` },
    element(
      "figcaption",
      {},
      element("strong", {}, words),
      " ",
      element("span", { class: "code" }, label),
      element("span", { class: "zoom-words" }, "Last lift, closer"),
    ),
    element("div", { class: "strip-body", "aria-hidden": "true" }),
    element("div", { class: "strip-zoom", "aria-hidden": "true" }),
  );
}

function fit() {
  if (!visible) return;
  const place = byId("strips");
  strips.forEach((strip, index) => {
    const body = place.children[index]?.querySelector(".strip-body");
    if (strip.plot && body) resize(strip.plot, body);
  });
  refit();
}

function recolour() {
  discard();
  for (const strip of strips) delete strip.plot;
  ask();
}

new ResizeObserver(fit).observe(byId("strips"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
