// Builds and updates the page's elements; text from the server only ever becomes text.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svgElement(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const contents = new WeakMap(); // element -> what it was built from

/** Make the children of `parent` show `items`; an item that did not change keeps its element, its focus and scroll. */
export function keyed(parent, items, keyOf, build) {
  const before = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const content = JSON.stringify(item);
    let node = before.get(key);
    before.delete(key);
    if (!node || contents.get(node) !== content) {
      const fresh = build(item);
      fresh.dataset.key = key;
      contents.set(fresh, content);
      if (node) {
        if (place === node) place = fresh;
        replaceKeepingFocus(node, fresh);
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of before.values()) node.remove();
  parent.hidden = items.length === 0;
}

function replaceKeepingFocus(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const name = focused?.dataset.focus;
  old.replaceWith(fresh);
  if (!focused) return;
  const target = name ? [fresh, ...fresh.querySelectorAll("*")].find((node) => node.dataset.focus === name) : null;
  (target ?? byId("title")).focus({ preventScroll: true });
}

const SIGNS = {
  ok: ["✓", "OK"],
  attention: ["!", "Attention"],
  stop: ["✕", "Stop"],
  info: ["i", "Note"],
  wait: ["…", "Wait"],
  undone: ["–", "Undone"],
};

/** A state as shape, sign and word; the word is heard, and seen where `worded` asks for it. */
export function badge(state, worded = false) {
  const [sign, word] = SIGNS[state] ?? SIGNS.info;
  return element(
    "span",
    { class: `badge ${state in SIGNS ? state : "info"}` },
    element("span", { class: "shape", "aria-hidden": "true" }, sign),
    element("span", { class: worded ? "word" : "unseen" }, `${word}${worded ? "" : ": "}`),
  );
}
