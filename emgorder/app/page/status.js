// What is always in sight: steps, sensors, faults, and whether this is a real person.

import { badge, byId, element, keyed, setText } from "./dom.js";

const STEP_SIGNS = { done: ["✓", "done"], now: ["●", "now"], todo: ["○", "to come"] };

/** Show the rail of steps. */
export function showRail(steps) {
  keyed(byId("steps"), steps, ({ id }) => id, railStep);
  byId("rail").hidden = steps.length === 0;
  document.body.classList.toggle("railed", steps.length > 0);
}

function railStep({ label, status }) {
  const [sign, word] = STEP_SIGNS[status];
  return element(
    "li",
    { class: `step ${status}`, "aria-current": status === "now" ? "step" : null },
    element("span", { class: "step-sign", "aria-hidden": "true" }, sign),
    element("span", { class: "step-label" }, label),
    element("span", { class: "unseen" }, `, ${word}`),
  );
}

/** Show how the sensors do. */
export function showLights(lights) {
  keyed(byId("lights"), lights, ({ sensor }) => sensor, light);
}

function light({ title, state, text, battery, loss }) {
  const figures = [`loss ${(100 * (loss ?? 0)).toFixed(1)} %`];
  if (battery !== null) figures.push(`battery ${battery} %`);
  return element(
    "li",
    { class: `light ${state}`, title: text },
    badge(state),
    element(
      "div",
      { class: "light-words" },
      element("span", { class: "light-title" }, title, text ? element("span", { class: "light-text" }, ` · ${text}`) : null),
      element("span", { class: "light-figures" }, figures.join(" · ")),
    ),
  );
}

/** Show what was looked at. */
export function showChecks(checks) {
  keyed(byId("checks"), numbered(checks), ({ number }) => number, (item) => check(item.check, "li"));
}

/** Show what is wrong now. */
export function showFaults(faults) {
  keyed(byId("faults"), faults.map((fault) => ({ check: fault })), ({ check: { text } }) => text, (item) =>
    check(item.check, "div"),
  );
}

const numbered = (checks) => checks.map((one, number) => ({ number, check: one }));

function check({ state, text, remedy }, name) {
  return element(
    name,
    { class: `check ${state}` },
    badge(state),
    element(
      "div",
      { class: "check-words" },
      element("p", { class: "check-text" }, text),
      remedy ? element("p", { class: "check-remedy" }, remedy) : null,
    ),
  );
}

/** Say when this is no real person, or not live. */
export function showKind({ simulated, replayed, speed }) {
  const words = [];
  if (simulated) words.push("Simulated sensors: no real person");
  if (replayed) words.push(speed === 1 ? "Replay" : `Replay at ${speed}×`);
  setText(byId("kind"), words.join(" · "));
  }
