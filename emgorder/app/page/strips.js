// The strips: the last seconds of each muscle on one time axis, raw under its envelope, with the onsets found.

import { byId, element, keyed } from "./dom.js";
import { inks, muscle } from "./muscle.js";

const SPAN_S = 8;
const AXIS_PX = 64;
const TIME_PX = 30;
const LEAST_RATIO = 6; // a strip spans at least this multiple of the level at rest, so that noise stays small
const HEADROOM = 1.6; // raw peaks above the envelope's
const EASE = 0.25; // share of the way to a new scale that each drawing goes

let labels = [];
let strips = [];
let times = []; // s before the newest step, for uPlot
let startS = 0;
let stepS = 0.01;
let filled = 0;
let capacity = 0;
let onsets = [];
let dirty = false;
let visible = false;

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

/** Draw these onsets in the strips, as long as they are in sight. */
export function setOnsets(marks) {
  onsets = marks;
  ask();
}

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
  capacity = Math.ceil(SPAN_S / stepS) + 1;
  filled = 0;
  const levels = new Map(strips.map((strip) => [strip.label, strip.shown]));
  if (!same) discard();
  strips = labels.map((label, column) => ({
    label,
    ...(same ? { plot: strips[column].plot } : {}),
    low: new Float64Array(capacity),
    high: new Float64Array(capacity),
    envelope: new Float64Array(capacity),
    target: levels.get(label) ?? 1,
    shown: levels.get(label) ?? 0,
    unit: "",
  }));
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
  times = Array.from({ length: filled }, (_, row) => (row - filled + 1) * stepS);
  let moving = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const strip of strips) {
    const ease = still || !strip.shown ? 1 : EASE;
    strip.shown += (strip.target - strip.shown) * ease;
    moving ||= Math.abs(strip.shown / strip.target - 1) > 0.01;
    strip.plot.setData([times, columns(strip.high), columns(strip.low), columns(strip.envelope)]);
  }
  document.body.dataset.drawn = String(1 + Number(document.body.dataset.drawn ?? 0));
  if (moving) ask();
}

// uPlot leaves a gap where a value is null.
function columns(kept) {
  const shown = new Array(filled);
  for (let row = 0; row < filled; row++) shown[row] = Number.isNaN(kept[row]) ? null : kept[row];
  return shown;
}

function discard() {
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
    strip.plot = new window.uPlot(options(strip, theme, size(body)), [[], [], [], []], body);
  });
}

function stripElement({ label }) {
  const { words, role } = muscle(label);
  return element(
    "figure",
    { class: `strip ${role}` },
    element("figcaption", {}, element("strong", {}, words), " ", element("span", { class: "code" }, label)),
    element("div", { class: "strip-body", "aria-hidden": "true" }),
  );
}

const size = (body) => ({ width: Math.max(body.clientWidth, 120), height: Math.max(body.clientHeight, 60) });

function options(strip, theme, room) {
  const ink = theme[muscle(strip.label).role];
  const font = '14px system-ui, "Segoe UI", sans-serif';
  const none = { show: false };
  return {
    ...room,
    legend: none,
    cursor: none,
    padding: [4, 22, strip.last ? 0 : 4, 0],
    scales: { x: { time: false, range: [-SPAN_S, 0] }, y: { range: () => [-strip.shown, strip.shown] } },
    series: [
      {},
      { stroke: "transparent", width: 0, points: none },
      { stroke: "transparent", width: 0, points: none },
      { stroke: ink, width: 2.5, points: none },
    ],
    bands: [{ series: [1, 2], fill: faint(ink, 0.3) }],
    axes: [
      {
        show: true,
        stroke: theme.muted,
        font,
        size: strip.last ? TIME_PX : 0,
        gap: 4,
        grid: { stroke: theme.rule, width: 1 },
        ticks: none,
        splits: () => [-8, -6, -4, -2, 0],
        values: (_, splits) => splits.map((s) => (strip.last ? (s ? `${-s} s ago` : "now") : "")),
      },
      {
        stroke: theme.muted,
        font,
        size: AXIS_PX,
        gap: 6,
        grid: { stroke: theme.rule, width: 1 },
        ticks: none,
        splits: () => [0, nice(strip.shown / HEADROOM)],
        values: (_, splits) => splits.map((v) => (v ? `${v} ${strip.unit}` : "0")),
      },
    ],
    hooks: { draw: [(plot) => drawOnsets(plot, strip, theme)] },
  };
}

function nice(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  const lead = [5, 2, 1].find((step) => step * power <= value) ?? 1;
  return Number((lead * power).toPrecision(2));
}

function faint(hex, share) {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${parts.join()}, ${share})`;
}

function drawOnsets(plot, strip, theme) {
  const newest = startS + (filled - 1) * stepS;
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio || 1;
  const at = (second) => plot.valToPos(second - newest, "x", true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const mark of onsets) {
    const own = mark.label === strip.label;
    if (mark.time_s === null || mark.time_s < newest - SPAN_S - 1) continue;
    const ink = theme[muscle(mark.label).role];
    const x = at(mark.time_s);
    if (own && mark.low_s !== null && mark.high_s !== null) {
      const [left, right] = [at(mark.low_s), at(mark.high_s)];
      const width = Math.max(right - left, 2 * ratio);
      ctx.fillStyle = faint(ink, 0.18);
      ctx.fillRect(left, bbox.top, width, bbox.height);
      ctx.fillStyle = ink;
      ctx.fillRect(left, bbox.top, width, 8 * ratio);
    }
    // The other muscle's onset, thin and dashed: which came first is seen in either strip.
    ctx.strokeStyle = ink;
    ctx.lineWidth = (own ? 3 : 1.5) * ratio;
    ctx.setLineDash(own ? [] : [4 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

function fit() {
  if (!visible) return;
  const place = byId("strips");
  strips.forEach((strip, index) => {
    const body = place.children[index]?.querySelector(".strip-body");
    if (strip.plot && body) strip.plot.setSize(size(body));
  });
}

function recolour() {
  discard();
  for (const strip of strips) delete strip.plot;
  ask();
}

new ResizeObserver(fit).observe(byId("strips"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
