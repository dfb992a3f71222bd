/** Making elements. Text becomes a text node, so that nothing in a card is ever read as markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, it] of Object.entries(attributes)) element.setAttribute(name, it);
  element.append(...children);
  return element;
}

/**
 * @param {string} words also its accessible name
 * @param {() => void} press
 * @param {string} [rank] `primary` for the page's one blue button
 */
export function button(words, press, rank = "") {
  const element = el("button", { type: "button", class: `button ${rank}`.trim() }, words);
  element.addEventListener("click", press);
  return element;
}

/**
 * A drawing of 24 × 24 that says nothing by itself.
 * @param {string} path
 */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/**
 * Makes a list's items match: an item is built anew only when its key or its content changed.
 * @template T
 * @param {Element} list
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(a: T, b: T) => boolean} same
 * @param {(item: T) => Element} build
 */
export function fill(list, items, keyOf, same, build) {
  /** @type {Map<string, { item: T, element: Element }>} */
  const before = filled.get(list) ?? new Map();
  const now = new Map();
  for (const item of items) {
    const held = before.get(keyOf(item));
    now.set(keyOf(item), held && same(held.item, item) ? held : { item, element: build(item) });
  }
  for (const [key, { element }] of before) {
    if (now.get(key)?.element !== element) element.remove();
  }
  let at = list.firstElementChild;
  for (const { element } of now.values()) {
    if (at && element === at) at = at.nextElementSibling;
    else list.insertBefore(element, at);
  }
  filled.set(list, now);
}

/** @type {WeakMap<Element, Map<string, any>>} */
const filled = new WeakMap();
