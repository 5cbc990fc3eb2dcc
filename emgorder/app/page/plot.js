// One strip as uPlot draws it: raw as a band, its envelope as a line, onsets as ticks with their intervals.

import { muscle } from "./muscle.js";

export const HEADROOM = 1.6; // raw peaks above the envelope's
const AXIS_REM = 4;
const TIME_REM = 1.9;
const WORDS_REM = 0.875;
const NONE = { show: false };

/**
 * Make the plot of a strip in `body`; its data are times, highest, lowest and envelope.
 *
 * `view` says what it shows: `range`, `splits` and `words` of the time axis, whether the level's axis is written
 * (`scaled`), and as functions the level it is `shown` to, onset `marks`, and the signal's time at 0 (`origin`).
 */
export function makePlot(body, strip, theme, view) {
  const ink = theme[muscle(strip.label).role];
  const grid = { stroke: theme.rule, width: 1 };
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${WORDS_REM * rem}px system-ui, "Segoe UI", sans-serif`;
  const axis = { stroke: theme.muted, font, grid, ticks: NONE };
  const options = {
    ...room(body),
    legend: NONE,
    cursor: NONE,
    padding: [4, 22, strip.last ? 0 : 4, view.scaled ? 0 : 22],
    scales: { x: { time: false, range: view.range }, y: { range: () => [-view.shown(), view.shown()] } },
    series: [
      {},
      { stroke: "transparent", width: 0, points: NONE },
      { stroke: "transparent", width: 0, points: NONE },
      { stroke: ink, width: 2.5, points: NONE },
    ],
    bands: [{ series: [1, 2], fill: faint(ink, 0.3) }],
    axes: [
      {
        ...axis,
        size: strip.last ? TIME_REM * rem : 0,
        gap: 4,
        splits: () => view.splits,
        values: (_, splits) => splits.map((s) => (strip.last ? view.words(s) : "")),
      },
      {
        ...axis,
        size: view.scaled ? AXIS_REM * rem : 0,
        gap: 6,
        splits: () => [0, nice(view.shown() / HEADROOM)],
        values: (_, splits) => splits.map((v) => (view.scaled ? (v ? `${v} ${strip.unit}` : "0") : "")),
      },
    ],
    hooks: { draw: [(plot) => drawMarks(plot, strip.label, theme, view)] },
  };
  return new window.uPlot(options, [[], [], [], []], body);
}

const room = (body) => ({ width: Math.max(body.clientWidth, 60), height: Math.max(body.clientHeight, 60) });

export const resize = (plot, body) => plot.setSize(room(body));

function nice(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  const lead = [5, 2, 1].find((step) => step * power <= value) ?? 1;
  return Number((lead * power).toPrecision(2));
}

function faint(hex, share) {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${parts.join()}, ${share})`;
}

function drawMarks(plot, label, theme, view) {
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio || 1;
  const [from, to] = view.range;
  const at = (second) => plot.valToPos(Math.min(Math.max(second - view.origin(), from - 1), to + 1), "x", true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const mark of view.marks()) {
    if (mark.time_s === null) continue;
    const own = mark.label === label;
    if (muscle(mark.label).side !== muscle(label).side) continue;
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
