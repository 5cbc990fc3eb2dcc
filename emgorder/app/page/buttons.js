// What can be done now: one large button and quiet ones, each by its key too.

import { byId, element, keyed, setText } from "./dom.js";
import { values } from "./fields.js";

const SURE_MS = 5000;
const KEYS = { space: " ", enter: "Enter" };

let send = () => Promise.resolve("");
let step = "";
let turn = 0;
let offered = [];
let left = null; // what had the focus before the note

/** Commands go out through `sender(command, values, step, turn)`. */
export function start(sender) {
  send = sender;
  byId("fields").addEventListener("submit", (event) => event.preventDefault());
  byId("note-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("note-save").click();
  });
  byId("note").addEventListener("close", noted);
  document.addEventListener("keydown", pressed);
}

/** Show the buttons of a screen; `elsewhere` are commands that have their place outside the bar (undo in a card). */
export function showButtons({ buttons, step: ofStep, turn: ofTurn }, elsewhere) {
  const before = choices();
  step = ofStep;
  turn = ofTurn;
  offered = buttons;
  if (choices() !== before) refuse("");
  const first = buttons.find((button) => button.role === "primary");
  const rest = buttons.filter((button) => button !== first && !elsewhere.has(button.do));
  keyed(byId("primary"), first ? [first] : [], () => "primary", (button) => made(button, "primary"));
  keyed(byId("others"), rest, (button) => button.do, (button) => made(button, button.do));
  byId("actions").classList.toggle("none", !first && !rest.length);
}

/** A button of the page; `focus` is its name when the page must find it again. */
export function made(button, focus = button.do) {
  const strong = focus === "primary" ? "strong large" : button.role === "primary" ? "strong" : button.role;
  const label = element("span", { class: "button-label" }, button.label);
  const key = button.key || (focus === "primary" ? "space" : "");
  const node = element(
    "button",
    {
      type: "button",
      class: `button ${strong}`,
      "data-do": button.do,
      "data-focus": focus,
      "aria-keyshortcuts": key === "space" ? "Space Enter" : key || null,
    },
    label,
    key ? element("kbd", { "aria-hidden": "true" }, key) : null,
  );
  node.addEventListener("click", (event) => {
    // After a mouse or finger, space must mean the large button again, not the one touched last.
    if (event.detail > 0 && focus !== "primary") byId("title").focus({ preventScroll: true });
    if (button.role !== "danger" || sure(node, label, button.label)) choose(button);
  });
  return node;
}

function sure(node, label, words) {
  if (node.classList.contains("armed")) {
    disarm(node, label, words);
    return true;
  }
  node.classList.add("armed");
  setText(label, `Press again: ${words}`);
  say(`Press again: ${words}`);
  node.timer = setTimeout(() => disarm(node, label, words), SURE_MS);
  return false;
}

function disarm(node, label, words) {
  clearTimeout(node.timer);
  node.classList.remove("armed");
  setText(label, words);
}

function choose(button) {
  if (button.do !== "note") {
    press(button.do);
    return;
  }
  setText(byId("note-title"), button.label);
  byId("note-text").value = "";
  byId("note").returnValue = "";
  left = document.activeElement;
  byId("note").showModal();
  byId("note-text").focus();
}

function noted() {
  // Left alone, the focus stays in the hidden text, which would swallow the keys of the buttons.
  const back = left?.isConnected && left !== document.body ? left : byId("title");
  back.focus({ preventScroll: true });
  const note = byId("note-text").value.trim();
  if (byId("note").returnValue === "save" && note) press("note", { note });
}

/** Send a command with what is filled in, and say so where it is refused. */
export async function press(command, extra = {}) {
  refuse("");
  const before = choices();
  const refusal = await send(command, { ...values(), ...extra }, step, turn);
  if (choices() === before) refuse(refusal); // else the test has gone on meanwhile, and so have its buttons
}

const choices = () => [step, ...offered.map((button) => button.do)].join();

function refuse(words) {
  setText(byId("refused"), words);
}

/** Say something to those who listen to the page. */
export function say(words) {
  setText(byId("spoken"), words);
}

function pressed(event) {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (byId("note").open) return;
  const target = event.target;
  const kind = target.type ?? "";
  const field = target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
  const typing = field && !byId("note").contains(target); // which is closed, or we would not be here
  const go = event.key === " " || event.key === "Enter";
  if (typing && !(event.key === "Enter" && target.matches("input"))) return;
  if (go && target.matches("button, a, summary")) return;
  if (event.key === " " && (kind === "radio" || kind === "checkbox")) return;
  const node = go ? byId("primary").firstElementChild : buttonOfKey(event.key);
  if (!node) return;
  event.preventDefault();
  node.click();
}

function buttonOfKey(key) {
  const wanted = key.toLowerCase();
  const button = offered.find((one) => one.key && (KEYS[one.key] ?? one.key).toLowerCase() === wanted);
  if (!button) return null;
  return [...document.querySelectorAll("button[data-do]")].find(
    (node) => node.dataset.do === button.do || node.dataset.do.startsWith(`${button.do}:`),
  );
}
