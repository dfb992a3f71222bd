/** The card face and the monogram. */

import {
  logoOf,
  mailsOf,
  monogramOf,
  nameOf,
  organisationOf,
  phonesOf,
  portraitOf,
  titleOf,
} from "../card.js";
import { lowBits } from "../id.js";
import { mediumOf } from "../media.js";
import { words } from "../words.js";
import { el, icon } from "./dom.js";

/** A name longer than this takes two smaller lines. */
const LONG_NAME = 20;
const NOBODY =
  "M12 3a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M4 21a8 8 0 0 1 16 0";

/**
 * The letters; the picture takes their place when the card has one and it has come.
 * @param {import("../id.js").AccountId} owner picks the tint
 * @param {string} name
 * @param {import("../card.js").Card | null} card
 */
export function monogram(owner, name, card) {
  const attributes = { class: `face tint-${lowBits(owner, 3)}`, "aria-hidden": "true" };
  const letters = el("span", attributes, monogramOf(name) || icon(NOBODY));
  const portrait = card ? portraitOf(card) : "";
  if (portrait) {
    void mediumOf(portrait).then((src) => {
      if (src) letters.replaceWith(el("img", { class: "face", src, alt: words.pictureOf(name) }));
    });
  }
  return letters;
}

/**
 * @param {import("../id.js").AccountId} owner
 * @param {import("../card.js").Card} card
 */
export function cardFace(owner, card) {
  const name = nameOf(card);
  const long = [...name].length > LONG_NAME ? " long" : "";
  const line = (/** @type {string} */ kind, /** @type {string} */ text) =>
    text ? [el("p", { class: kind }, text)] : [];
  const reach = [phonesOf(card)[0], mailsOf(card)[0]].filter(Boolean);
  return el(
    "div",
    {},
    ...sign(card, line("organisation", organisationOf(card))),
    monogram(owner, name, card),
    el("p", { class: `name${long}` }, name || words.noName),
    ...line("title", titleOf(card)),
    ...(reach.length ? [el("p", { class: "reach" }, ...reach.map((it) => el("span", {}, it)))] : []),
  );
}

/**
 * The name of the organisation; its logo takes that place when the card has one and it has come.
 * @param {import("../card.js").Card} card
 * @param {HTMLElement[]} name
 */
function sign(card, name) {
  const logo = logoOf(card);
  if (!logo) return name;
  const place = name[0] ?? el("p", { class: "organisation" });
  void mediumOf(logo).then((src) => {
    if (src) place.replaceWith(el("img", { class: "logo", src, alt: organisationOf(card) || words.logo }));
  });
  return [place];
}
