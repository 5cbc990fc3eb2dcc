// The lifts so far, the newest first and large, each with its place between "glute first" and "hamstring first".

import { made, say } from "./buttons.js";
import { badge, byId, element, keyed, svgElement } from "./dom.js";

const LEAST_MS = 150; // the axis of differences reaches at least so far to both sides
const HALF = 100;

let spoken = "";

/** Show the lifts; `undo` is the button that takes the last one back, or undefined. */
export function showCards(cards, undo) {
  const reach = Math.max(LEAST_MS, ...cards.flatMap(extent));
  const last = cards.filter((card) => !card.undone && card.state !== "wait").at(-1); // no lift that is still going on
  const items = cards
    .map((card) => ({ card, reach, newest: card === cards.at(-1), undo: card === last ? undo : undefined }))
    .reverse();
  keyed(byId("cards"), items, ({ card }) => card.id, built);
  const newest = cards.at(-1);
  const words = newest ? `${newest.id} ${newest.line}` : "";
  if (newest && words !== spoken) say(newest.line);
  spoken = words;
}

const extent = ({ difference_ms: at, low_ms: low, high_ms: high }) =>
  at === null ? [] : [Math.abs(at), Math.abs(low ?? at), Math.abs(high ?? at)].map((ms) => 50 * Math.ceil(ms / 50));

function built({ card, reach, newest, undo }) {
  const kind = `card ${newest ? "newest" : ""} ${card.counted ? "" : "uncounted"} ${card.undone ? "undone" : ""}`;
  return element(
    "li",
    { class: kind, "data-card": card.id },
    badge(card.undone ? "undone" : card.state),
    element("span", { class: "card-line" }, card.line),
    card.difference_ms === null || card.undone ? null : axis(card, reach),
    undo ? made({ ...undo, do: `undo:${card.id}` }, "undo") : null,
  );
}

function axis({ difference_ms: at, low_ms: low, high_ms: high }, reach) {
  const x = (ms) => (HALF * ms) / reach;
  const role = at < 0 ? "glute" : "hamstring";
  return svgElement(
    "svg",
    { class: `card-axis ${role}`, viewBox: `${-HALF - 8} -12 ${2 * HALF + 16} 24`, "aria-hidden": "true" },
    svgElement("line", { class: "axis-line", x1: -HALF, x2: HALF, y1: 0, y2: 0 }),
    svgElement("line", { class: "axis-zero", x1: 0, x2: 0, y1: -10, y2: 10 }),
    low === null || high === null
      ? null
      : svgElement("line", { class: "axis-range", x1: x(low), x2: x(high), y1: 0, y2: 0 }),
    at < 0
      ? svgElement("rect", { class: "axis-mark", x: x(at) - 6, y: -6, width: 12, height: 12 })
      : svgElement("circle", { class: "axis-mark", cx: x(at), cy: 0, r: 6.5 }),
  );
}
