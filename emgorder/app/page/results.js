// Verdicts with their charts, and the tests of before.

import { made } from "./buttons.js";
import { picture } from "./chart.js";
import { badge, byId, element, keyed } from "./dom.js";

const STATES = {
  finished: ["ok", "Finished"],
  unfinished: ["attention", "Not finished"],
  unreadable: ["stop", "Cannot be read"],
};

/** Show the verdicts of the sides, and a way to the report of `test`. */
export function showSides(sides, test) {
  const place = byId("sides");
  const items = sides.map((side) => ({ side }));
  if (test) items.push({ test });
  keyed(place, items, ({ side }) => (side ? `side-${side.label}` : "report"), ({ side }) => (side ? verdict(side) : link(test)));
}

function verdict({ label, headline, details, verdict: name, chart }) {
  return element(
    "article",
    { class: `side ${name.replaceAll(" ", "-")}` },
    element(
      "div",
      { class: "side-words" },
      label ? element("p", { class: "side-label" }, label) : null,
      element("h2", { class: "headline" }, headline),
      details.length ? element("p", { class: "side-details" }, details.join(" ")) : null,
    ),
    chart ? element("div", { class: "dots", tabindex: "0", role: "group", "aria-label": "Chart" }, picture(chart)) : null,
  );
}

function link(test) {
  return element(
    "a",
    { class: "button report-link", href: `/report/${encodeURIComponent(test)}`, target: "_blank", rel: "noopener" },
    "Open the report (to print or save)",
  );
}

/** Show the tests in the folder. */
export function showPast(past) {
  keyed(byId("past"), past, ({ id }) => id, pastTest);
}

function pastTest({ id, pseudonym, when, lines, state, actions }) {
  const [kind, words] = STATES[state] ?? STATES.unreadable;
  const buttons = actions.map((action) => {
    const command = action.do.includes(":") ? action.do : `${action.do}:${id}`;
    const node = made({ ...action, key: "", do: command }, command);
    node.setAttribute("aria-label", `${action.label}: ${pseudonym}, ${when}`);
    return node;
  });
  return element(
    "article",
    { class: "past-test" },
    element(
      "div",
      { class: "past-words" },
      element("h3", { class: "past-name" }, pseudonym),
      element("p", { class: "past-when" }, when, element("span", { class: "past-state" }, badge(kind), words)),
      ...lines.map((line) => element("p", { class: "past-line" }, line)),
    ),
    element("div", { class: "past-actions" }, ...buttons),
  );
}
