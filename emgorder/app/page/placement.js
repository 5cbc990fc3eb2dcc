// Where the electrodes go, drawn: the back of pelvis and thighs of a person who lies on the front, seen from above.

import { byId, element, svgElement } from "./dom.js";
import { muscle } from "./muscle.js";

const MIDDLE = 210;
const APART = 9; // half the distance of the two electrodes

// Places on the right side, from the middle outwards and down (SENIAM); the left side is their mirror image.
const AT = {
  sacrum: [8, 118],
  psis: [26, 92],
  trochanter: [100, 196],
  thigh: [58, 400],
  sit_bone: [42, 252],
  outer_knee: [98, 522],
  inner_knee: [22, 522],
  crest: [84, 58],
  spine: [6, 24],
  loin: [34, 24],
};
const LANDMARKS = {
  trochanter: "hip bone",
  sit_bone: "sit bone",
  outer_knee: "outer knee",
  inner_knee: "inner knee",
  crest: "iliac crest",
};
const CENTRAL = { sacrum: "sacrum", spine: "L3" }; // named once, in the middle, for both sides
const SITES = {
  GMAX: { ends: ["sacrum", "trochanter"], along: ["psis", "thigh"] },
  BF: { ends: ["sit_bone", "outer_knee"], along: ["sit_bone", "outer_knee"] },
  ST: { ends: ["sit_bone", "inner_knee"], along: ["sit_bone", "inner_knee"] },
  HAM: { ends: ["sit_bone", "outer_knee"], along: ["sit_bone", "outer_knee"] },
  GMED: { ends: ["crest", "trochanter"], along: ["crest", "trochanter"] },
  ES: { ends: ["spine", "loin"], along: ["loin", "psis"], share: 1 },
};
// Half of the outline: waist, hip, outer thigh, knee, calf, and back up the inner side.
const HALF =
  "M0 -20 L77 -20 C72 20 78 48 96 92 C112 130 124 172 122 214 C120 290 112 372 104 452 C101 486 105 508 104 530 " +
  "C104 556 108 574 108 596 L24 596 C20 574 16 552 17 530 C18 500 17 470 14 440 C10 384 6 330 3 282 L0 268 Z";
const FOLD = "M6 270 C30 286 70 282 94 258";
const KNEE = "M30 524 C48 532 74 532 92 524";
const BUTTOCK = "M12 150 C48 138 92 160 104 206";

let drawn = "";

/** Draw the places of these channels; an empty list hides the picture. */
export function showPlacement(labels) {
  const place = byId("placement");
  const wanted = labels.join();
  place.hidden = labels.length === 0;
  if (wanted === drawn) return;
  drawn = wanted;
  const sites = labels.map((label) => ({ label, ...muscle(label) })).filter(({ code }) => code in SITES);
  const key = element("figcaption", { class: "placement-key" });
  for (const { label, words, role } of sites) {
    key.append(
      element("span", { class: `placement-name ${role}` }, words, " ", element("span", { class: "code" }, label)),
    );
  }
  place.replaceChildren(body(sites), key);
}

function body(sites) {
  const named = sites.map(({ words }) => words).join(", ");
  const marks = new Map();
  for (const { code, side } of sites) {
    for (const end of SITES[code].ends) marks.set(`${side}${end}`, [side, end]);
  }
  return svgElement(
    "svg",
    { viewBox: "0 -18 420 614", role: "img", "aria-label": `Places of the electrodes, seen from behind: ${named}` },
    half(1),
    half(-1),
    svgElement("path", { class: "body-line", d: `M${MIDDLE} 132 C${MIDDLE - 2} 176 ${MIDDLE + 2} 226 ${MIDDLE} 268` }),
    sideName("Left", 22),
    sideName("Right", 398, "end"),
    ...sites.map(guide),
    ...[...marks.values()].map(([side, end]) => landmark(side, end)),
    ...[...new Set([...marks.values()].map(([, end]) => end))].filter((end) => end in CENTRAL).map(central),
    ...sites.map(pair),
  );
}

function half(way) {
  const paths = [
    ["body-skin", HALF],
    ["body-line", FOLD],
    ["body-line", KNEE],
    ["body-line soft", BUTTOCK],
  ];
  return svgElement(
    "g",
    { transform: `translate(${MIDDLE} 0) scale(${way} 1)` },
    ...paths.map(([kind, d]) => svgElement("path", { class: kind, d })),
  );
}

const sideName = (words, x, anchor = "start") =>
  svgElement("text", { class: "body-side", x, y: 30, "text-anchor": anchor }, words);

// Seen from behind, the person's right is on the right of the picture.
const point = (side, name) => [MIDDLE + (side === "L" ? -1 : 1) * AT[name][0], AT[name][1]];

function guide({ code, side, role }) {
  const [[x1, y1], [x2, y2]] = SITES[code].ends.map((end) => point(side, end));
  return svgElement("line", { class: `guide ${role}`, x1, y1, x2, y2 });
}

function landmark(side, end) {
  const [x, y] = point(side, end);
  const way = side === "L" ? -1 : 1;
  const below = end === "inner_knee";
  const above = end === "sit_bone";
  const [dx, dy] = below ? [0, 24] : above ? [way * 8, -12] : [way * 12, 5];
  const anchor = below || above ? "middle" : way > 0 ? "start" : "end";
  return svgElement(
    "g",
    {},
    svgElement("circle", { class: "landmark", cx: x, cy: y, r: 4 }),
    end in LANDMARKS ? name(x + dx, y + dy, anchor, LANDMARKS[end]) : null,
  );
}

const central = (end) => name(MIDDLE, AT[end][1] - 12, "middle", CENTRAL[end]);

const name = (x, y, anchor, words) => svgElement("text", { class: "landmark-name", x, y, "text-anchor": anchor }, words);

function pair({ code, side, role, words }) {
  const { ends, along, share = 0.5 } = SITES[code];
  const [[x1, y1], [x2, y2]] = ends.map((end) => point(side, end));
  const [[ax, ay], [bx, by]] = along.map((end) => point(side, end));
  const [x, y] = [x1 + share * (x2 - x1), y1 + share * (y2 - y1)];
  const length = Math.hypot(bx - ax, by - ay);
  const [dx, dy] = [((bx - ax) / length) * APART, ((by - ay) / length) * APART];
  const disc = (way) => [
    svgElement("circle", { class: "electrode", cx: x + way * dx, cy: y + way * dy, r: 8 }),
    svgElement("circle", { class: "electrode-core", cx: x + way * dx, cy: y + way * dy, r: 2.5 }),
  ];
  return svgElement(
    "g",
    { class: `pair ${role}` },
    svgElement("title", {}, words),
    svgElement("circle", { class: "halo", cx: x, cy: y, r: 26 }),
    ...disc(-1),
    ...disc(1),
  );
}
