/** Offers, one at a time, the first to come first: a later one never moves under the finger. */

import { openOffers } from "../session.js";
import { consequence, met, words } from "../words.js";
import { button, el } from "./dom.js";

/** How long the next offer's buttons do not answer, in ms: a double press is meant for one offer. */
const PAUSE = 500;

/**
 * @param {import("../view.js").Act} act
 * @returns {import("../view.js").Screen}
 */
export function offers(act) {
  const who = el("p", { class: "who" });
  const what = el("p", { class: "quiet" });
  const more = el("p", { class: "small quiet" });
  const choice = el("div", { class: "choice" });
  const title = el("h1", { tabindex: "-1" }, words.swap);
  const element = el("section", { "aria-label": words.offers, hidden: "" }, title, who, what, choice, more);
  let shown = "";

  return {
    element,
    update(state) {
      const [offer, ...rest] = openOffers(state);
      element.hidden = !offer;
      if (!offer) {
        shown = "";
        return;
      }
      who.textContent = met(offer, new Date());
      what.textContent = consequence(offer);
      more.textContent = words.more(rest.length);
      more.hidden = rest.length === 0;
      if (shown === offer.owner) return;
      const answer = (/** @type {"accept" | "decline"} */ verb) => () =>
        act({ type: "answer", owner: offer.owner, verb });
      const buttons = [
        button(words.decline, answer("decline")),
        button(words.accept, answer("accept"), "primary"),
      ];
      if (shown) pause(buttons);
      choice.replaceChildren(...buttons);
      shown = offer.owner;
    },
  };
}

/** @param {HTMLButtonElement[]} buttons */
function pause(buttons) {
  for (const it of buttons) it.disabled = true;
  setTimeout(() => {
    for (const it of buttons) it.disabled = false;
  }, PAUSE);
}
