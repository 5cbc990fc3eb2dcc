// Lays out a whole screen of the test; what did not change is not touched.

import { say, showButtons } from "./buttons.js";
import { showCards } from "./cards.js";
import { byId, element, keyed, setText } from "./dom.js";
import { showFields } from "./fields.js";
import { showPlacement } from "./placement.js";
import { showPast, showSides } from "./results.js";
import { showRing } from "./ring.js";
import { setOnsets, showStrips } from "./strips.js";
import { showChecks, showFaults, showKind, showLights, showRail } from "./status.js";

let step = null;
let phase = "";
let problems = "";

/** Show `screen`, that came in at `receivedMs` of this page's clock. */
export function show(screen, receivedMs) {
  const now = () => screen.now_s + ((performance.now() - receivedMs) / 1000) * screen.speed;
  const undo = screen.cards.length ? screen.buttons.find((button) => button.do === "undo") : undefined;
  const body = document.body;
  setText(byId("title"), screen.title);
  setText(byId("header"), screen.header);
  setText(byId("instruction"), screen.instruction);
  document.title = `${screen.title} · emgorder`;
  showKind(screen);
  showRail(screen.steps);
  showLights(screen.lights);
  showFaults(screen.faults);
  paragraphs("lines", screen.lines);
  showPlacement(screen.picture);
  showRing(screen.ring, now);
  showStrips(screen.traces);
  setOnsets(screen.onsets);
  showFields(screen.fields, screen.step);
  showChecks(screen.checks);
  showSides(screen.sides, screen.report);
  showCards(screen.cards, undo);
  showPast(screen.past);
  keyed(byId("files"), screen.files, (file) => file, (file) => element("li", {}, file));
  paragraphs("unfolded", screen.details);
  byId("details").hidden = screen.details.length === 0;
  showButtons(screen, new Set(undo ? ["undo"] : []));
  byId("stage").dataset.shows = [screen.ring && "ring", screen.traces && "strips"].filter(Boolean).join(" ");
  byId("stage").hidden = !screen.ring && !screen.traces;
  byId("content").classList.toggle("pictured", screen.picture.length > 0);
  body.dataset.number = screen.number;
  speakPhase(screen.ring);
  pointOut(screen);
  if (screen.step !== step) arrive(screen);
}

function centreRail() {
  const rail = byId("rail");
  const item = byId("steps").querySelector("[aria-current]");
  if (!item) return;
  // What scrolls must be within reach of the keyboard.
  if (rail.scrollWidth > rail.clientWidth || rail.scrollHeight > rail.clientHeight) rail.tabIndex = 0;
  else rail.removeAttribute("tabindex");
  rail.scrollLeft = item.offsetLeft - (rail.clientWidth - item.clientWidth) / 2;
  rail.scrollTop = item.offsetTop - (rail.clientHeight - item.clientHeight) / 2;
}

// A tablet that is turned shows another part of the rail.
window.addEventListener("resize", centreRail);

function paragraphs(id, lines) {
  keyed(byId(id), lines.map((line, number) => ({ line, number })), ({ number }) => number, ({ line }) => element("p", {}, line));
}

function speakPhase(ring) {
  const now = ring ? `${ring.phase} ${ring.label}` : "";
  if (ring && now !== phase) say(ring.label);
  phase = now;
}

// What keeps the test from going on may stand above what is in sight.
function pointOut({ step: now, checks }) {
  const wrong = checks.filter(({ state }) => state === "stop" || state === "attention").map(({ text }) => text);
  const words = wrong.join(" ");
  if (words && words !== problems) {
    say(words);
    if (now === step) byId("checks").scrollIntoView({ block: "nearest" });
  }
  problems = words;
}

function arrive(screen) {
  const first = step === null;
  step = screen.step;
  document.body.dataset.step = step;
  const main = byId("main");
  const actions = byId("actions");
  if (step === "home") byId("words").after(actions);
  else main.append(actions);
  byId("details").open = false;
  main.scrollTop = 0;
  centreRail();
  // Letters typed at once belong to a name to fill in, not to the keys of buttons.
  const [field] = screen.fields;
  const named = field?.kind === "text" && !field.value && matchMedia("(pointer: fine)").matches;
  const target = (named && byId("fields").querySelector("input")) || byId("title");
  if (!first || named) target.focus({ preventScroll: true });
}
