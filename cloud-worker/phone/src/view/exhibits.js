/** What there is to look at on a card besides its face. Nothing of it is fetched before somebody asks. */

import { exhibitsOf } from "../card.js";
import { mediumOf } from "../media.js";
import { words } from "../words.js";
import { button, el } from "./dom.js";

/**
 * @param {import("../card.js").Card} card
 * @returns {HTMLElement[]}
 */
export function exhibits(card) {
  return exhibitsOf(card).map(exhibit);
}

/** @param {import("../card.js").Exhibit} it */
function exhibit(it) {
  const title = it.label || words.exhibit[it.kind];
  const place = el("div", { class: "exhibit" });
  const show = button(words.show(title), () => void open(), "plain");
  const sorry = el("p", { class: "small quiet", role: "status" });
  place.append(show, sorry);

  async function open() {
    show.disabled = true;
    sorry.textContent = "";
    const src = await mediumOf(it.name);
    show.disabled = false;
    if (src) place.replaceChildren(shown(it, title, src));
    else sorry.textContent = words.notNow;
  }

  return place;
}

/**
 * @param {import("../card.js").Exhibit} it
 * @param {string} title
 * @param {string} src
 */
function shown(it, title, src) {
  if (it.kind === "film") return el("video", { src, controls: "", playsinline: "", "aria-label": title });
  if (it.kind === "document") return el("a", { href: src, download: `${title}.pdf`, class: "reach" }, title);
  return el("img", { src, alt: title });
}
