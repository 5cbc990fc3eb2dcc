// Takes a picture that came as text into the page, element by element: nothing that is not drawing gets through.

import { svgElement } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const ELEMENTS = new Set(
  "svg g title desc rect line circle ellipse polygon polyline path text tspan".split(" "),
);
const FORBIDDEN = /^(on|style$|href$|src$|xmlns|id$)|:/i;

/** The picture as an element of this page, or null where the text is no SVG. */
export function picture(text) {
  const source = text.includes("xmlns=") ? text : text.replace("<svg", `<svg xmlns="${SVG}"`);
  const parsed = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
  return parsed.localName === "svg" ? copied(parsed) : null;
}

function copied(node) {
  const copy = svgElement(node.localName);
  for (const { name, value } of node.attributes) {
    if (!FORBIDDEN.test(name) && !/url\s*\(/i.test(value)) copy.setAttribute(name, value);
  }
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.nodeValue);
    else if (child.nodeType === Node.ELEMENT_NODE && ELEMENTS.has(child.localName)) copy.append(copied(child));
  }
  return copy;
}
