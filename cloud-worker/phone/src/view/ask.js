/** The question after a save: does anybody hear of it? */

import { words } from "../words.js";
import { button, el } from "./dom.js";

/**
 * @param {import("../view.js").Act} act
 * @returns {import("../view.js").Screen}
 */
export function ask(act) {
  const element = el(
    "section",
    { class: "say" },
    el("h1", { tabindex: "-1" }, words.tell),
    el("p", { class: "quiet" }, words.tellHow),
    el(
      "div",
      { class: "choice" },
      button(words.tellNo, () => act({ type: "tell", notify: false })),
      button(words.tellYes, () => act({ type: "tell", notify: true }), "primary"),
    ),
    button(words.back, () => act({ type: "back" }), "plain"),
  );
  return { element, update() {} };
}
