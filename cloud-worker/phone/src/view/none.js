/** Nothing there yet: the shape of a card with a word and a sentence. */

import { words } from "../words.js";
import { el } from "./dom.js";

/**
 * @param {{ text: string, how: string, fetching: string }} says `fetching`: while nobody here knows yet
 */
export function none({ text, how, fetching }) {
  const [first, second] = [el("p"), el("p", { class: "small quiet" })];
  const element = el("div", { class: "none" }, first, second);
  return {
    element,
    /** @param {import("../view.js").State} state */
    update({ whole, link }) {
      first.textContent = whole ? text : fetching;
      second.textContent = whole ? how : words.fetchingLater;
      second.hidden = !whole && link !== "offline";
    },
  };
}
