// A closer look at the onsets of the last lift, beside the strips: tens of milliseconds cannot be seen in 8 s.

import { inks } from "./muscle.js";
import { makePlot, resize } from "./plot.js";

const BEFORE_S = 0.3;
const AFTER_S = 0.6;

let plots = []; // { plot, body }

/** Whether the samples up to `newest` (s) hold all that is shown of the lift of `marks`. */
export function isCovered(marks, newest) {
  const origin = firstOf(marks);
  return origin === null || newest >= origin + AFTER_S;
}

/** The first onset of the newest lift, s of the signal, or null. */
function firstOf(marks) {
  const times = marks.map((mark) => mark.time_s).filter((time) => time !== null);
  const last = Math.max(...times);
  return times.length ? Math.min(...times.filter((time) => time > last - AFTER_S)) : null;
}

/** Show the onsets `marks` of a lift within these strips; returns whether there is anything to show. */
export function showLens(strips, marks, bodyOf) {
  const origin = firstOf(marks);
  if (origin === null) {
    hideLens();
    return false;
  }
  const [first] = strips;
  const begin = Math.floor((origin - BEFORE_S - first.startS) / first.stepS);
  const end = Math.ceil((origin + AFTER_S - first.startS) / first.stepS) + 1;
  if (end <= 0 || begin >= first.filled) return plots.length > 0; // its samples are gone: what is shown stays
  hideLens();
  const theme = inks();
  plots = strips.map((strip, index) => {
    const body = bodyOf(index);
    const plot = makePlot(body, strip, theme, {
      range: [-BEFORE_S, AFTER_S],
      splits: [-0.2, 0, 0.2, 0.4],
      words: (s) => (s === 0 ? "0" : s === 0.4 ? "400 ms" : ""),
      scaled: false,
      shown: () => strip.target,
      marks: () => marks,
      origin: () => origin,
    });
    plot.setData(cut(strip, Math.max(begin, 0), Math.min(end, strip.filled), origin));
    return { plot, body };
  });
  return true;
}

function cut(strip, begin, end, origin) {
  const rows = Array.from({ length: end - begin }, (_, row) => begin + row);
  const of = (name) => rows.map((row) => (Number.isNaN(strip[name][row]) ? null : strip[name][row]));
  return [rows.map((row) => strip.startS + row * strip.stepS - origin), of("high"), of("low"), of("envelope")];
}

/** Take the closer look away. */
export function hideLens() {
  for (const { plot } of plots) plot.destroy();
  plots = [];
}

/** Fit the closer look into its place again. */
export function refit() {
  for (const { plot, body } of plots) resize(plot, body);
}
