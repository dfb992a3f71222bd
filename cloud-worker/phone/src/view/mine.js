/** My card, its edition, and how far the last edit has come. */

import { waitingUpdate } from "../session.js";
import { told, words } from "../words.js";
import { button, el } from "./dom.js";
import { exhibits } from "./exhibits.js";
import { cardFace } from "./face.js";
import { none } from "./none.js";

/**
 * @param {import("../view.js").Act} act
 * @returns {import("../view.js").Screen}
 */
export function mine(act) {
  const face = el("div", { class: "card" });
  const more = el("div", { class: "exhibits" });
  const empty = none({ text: words.noCard, how: words.noCardHow, fetching: words.fetchingCard });
  const line = el("p", { class: "small quiet", role: "status" });
  const edit = button(words.edit, () => act({ type: "edit" }));
  const title = el("h2", {}, words.card);
  const element = el("section", { "aria-label": words.card }, title, face, more, empty.element, line, edit);
  /** @type {unknown} */
  let shown;

  return {
    element,
    update(state) {
      const waiting = waitingUpdate(state);
      const card = waiting?.content.card ?? state.own.card;
      if (card && card !== shown) {
        face.replaceChildren(cardFace(state.account, card));
        more.replaceChildren(...exhibits(card));
      }
      shown = card;
      face.hidden = !card;
      more.hidden = more.childElementCount === 0;
      empty.element.hidden = Boolean(card);
      empty.update(state);
      line.textContent = standing(state, Boolean(waiting));
      line.hidden = !line.textContent;
      line.classList.toggle("amber", Boolean(waiting));
      edit.hidden = Boolean(waiting) || !(card || state.whole);
      edit.textContent = card ? words.edit : words.makeCard;
    },
  };
}

/**
 * @param {import("../view.js").State} state
 * @param {boolean} waiting
 */
function standing(state, waiting) {
  if (waiting) return state.link === "online" ? words.unconfirmed : words.unsent;
  if (state.own.edition === 0) return "";
  const edition = words.edition(state.own.edition);
  return state.told ? `${edition}. ${told(state.told)}` : edition;
}
