// The form: what is typed stays when a new screen of the same step comes in.

import { byId, element } from "./dom.js";

const CHIPS = 6; // more choices than this are a list to open
const SEGMENTS = 11; // a whole-number scale of up to so many steps (0-10) is shown as one row to touch

let step = "";
const shown = new Map(); // name -> { field, node, read, touched }

/** Show the fields of a step. */
export function showFields(fields, ofStep) {
  const form = byId("fields");
  if (ofStep !== step) {
    shown.clear();
    form.replaceChildren();
    step = ofStep;
  }
  const names = new Set(fields.map((field) => field.name));
  for (const [name, entry] of shown) {
    if (names.has(name)) continue;
    entry.node.remove();
    shown.delete(name);
  }
  let before = null;
  for (const field of fields) {
    const entry = fresh(field);
    const place = before ? before.nextElementSibling : form.firstElementChild;
    if (entry.node !== place) form.insertBefore(entry.node, place);
    before = entry.node;
  }
  form.hidden = fields.length === 0;
}

/** What is filled in now, by name. */
export function values() {
  return Object.fromEntries([...shown].map(([name, entry]) => [name, entry.read()]));
}

function fresh(field) {
  const content = JSON.stringify({ ...field, value: null });
  const old = shown.get(field.name);
  const value = old?.touched ? old.read() : field.value;
  if (old && old.content === content && (old.touched || same(old.given, field.value))) return old;
  const entry = { content, given: field.value, touched: old?.touched ?? false };
  Object.assign(entry, build({ ...field, value }));
  entry.node.addEventListener("input", () => (entry.touched = true));
  entry.node.addEventListener("change", () => (entry.touched = true));
  if (old) {
    const focused = old.node.contains(document.activeElement) ? document.activeElement.id : "";
    old.node.replaceWith(entry.node);
    if (focused) byId(focused)?.focus({ preventScroll: true });
  }
  shown.set(field.name, entry);
  return entry;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function build(field) {
  const { kind, low, high } = field;
  if (kind === "choice") return field.choices.length > CHIPS ? list(field) : options(field, "radio");
  if (kind === "many") return options(field, "checkbox");
  if (kind === "flag") return flag(field);
  const whole = Number.isInteger(low) && Number.isInteger(high) && high - low < SEGMENTS;
  if (kind === "number" && whole) return scale(field);
  return typed(field);
}

const idOf = (field, value = "") => `field-${field.name}${value === "" ? "" : `-${value}`}`;

function help(field) {
  return field.help ? element("p", { class: "help", id: `${idOf(field)}-help` }, field.help) : null;
}

const described = (field) => (field.help ? `${idOf(field)}-help` : null);

function typed(field) {
  const long = field.kind === "longtext";
  const number = field.kind === "number";
  const input = element(long ? "textarea" : "input", {
    id: idOf(field),
    name: field.name,
    type: long ? null : number ? "number" : "text",
    rows: long ? 3 : null,
    min: field.low,
    max: field.high,
    step: number ? "any" : null,
    inputmode: number ? "decimal" : null,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": described(field),
  });
  input.value = field.value ?? "";
  const read = () => (number ? (input.value === "" ? null : Number(input.value)) : input.value);
  const node = element("div", { class: long ? "field long" : "field" }, element("label", { for: idOf(field) }, field.label), help(field), input);
  return { node, read };
}

function list(field) {
  const choices = field.choices.map(({ value, label }) => element("option", { value }, label));
  const select = element("select", { id: idOf(field), name: field.name, "aria-describedby": described(field) }, ...choices);
  select.value = field.value ?? "";
  const label = element("label", { for: idOf(field) }, field.label);
  return { node: element("div", { class: "field" }, label, help(field), select), read: () => select.value };
}

function options(field, type) {
  const chosen = new Set([field.value ?? ""].flat().map(String));
  const inputs = field.choices.map(({ value }) => {
    const input = element("input", { type, name: field.name, value, id: idOf(field, value) });
    input.checked = chosen.has(value);
    return input;
  });
  const chips = field.choices.map(({ value, label }, index) => chip(inputs[index], idOf(field, value), label));
  const picked = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const read = type === "radio" ? () => picked()[0] ?? "" : picked;
  return { node: group(field, element("div", { class: "chips" }, ...chips)), read };
}

function scale(field) {
  const numbers = Array.from({ length: field.high - field.low + 1 }, (_, index) => String(field.low + index));
  const choices = numbers.map((value) => ({ value, label: value }));
  const value = field.value === null || field.value === "" ? "" : String(field.value);
  const { node, read } = options({ ...field, value, choices }, "radio");
  node.classList.add("scale");
  // Touched again, a number is taken back: not asked is no zero.
  let chosen = value;
  node.addEventListener("click", ({ target }) => {
    if (target.tagName !== "INPUT") return;
    target.checked = target.value !== chosen;
    chosen = target.checked ? target.value : "";
  });
  node.addEventListener("keydown", ({ target, key }) => {
    if (key.startsWith("Arrow")) chosen = "";
  });
  return { node, read: () => (read() === "" ? null : Number(read())) };
}

function flag(field) {
  const input = element("input", { type: "checkbox", name: field.name, id: idOf(field), "aria-describedby": described(field) });
  input.checked = Boolean(field.value);
  const node = element("div", { class: "field flag" }, chip(input, idOf(field), field.label), help(field));
  return { node, read: () => input.checked };
}

const chip = (input, id, label) => element("label", { class: "chip", for: id }, input, element("span", {}, label));

function group(field, ...children) {
  return element(
    "fieldset",
    { class: "field", "aria-describedby": described(field) },
    element("legend", {}, field.label),
    help(field),
    ...children,
  );
}
