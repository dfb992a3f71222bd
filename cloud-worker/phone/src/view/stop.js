/** The pages that end everything: no link, an ended one, or a card that is open in another tab. */

import { stops } from "../words.js";
import { button, el, icon } from "./dom.js";

const CLOCK = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M12 7v5l3.5 2";
const CHAIN = "M9.5 14.5l5-5M11 7l2-2a4.2 4.2 0 0 1 6 6l-2 2M13 17l-2 2a4.2 4.2 0 0 1-6-6l2-2";
const TWO_PAGES = "M9 9h11v11H9zM15 9V4H4v11h5";
const ICONS = { elsewhere: TWO_PAGES, ended: CLOCK, refused: CHAIN, missing: CHAIN };

/** @param {keyof typeof stops} reason */
export function stop(reason) {
  const { title, text, button: word } = stops[reason];
  const badge = el("div", { class: "badge amber" }, icon(ICONS[reason]));
  const main = el("main", { class: "say stop" }, badge, el("h1", { tabindex: "-1" }, title));
  main.append(el("p", { class: "quiet", role: "status" }, text));
  if (word) main.append(el("div", { class: "actions" }, button(word, () => location.reload(), "primary")));
  return main;
}
