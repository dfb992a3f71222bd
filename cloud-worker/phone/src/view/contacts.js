/** My contacts, sorted by name, each with the newest card. */

import { mailsOf, nameOf, organisationOf, phonesOf, titleOf } from "../card.js";
import { acceptedOffers, isChecking } from "../session.js";
import { checked, LOCALE, words } from "../words.js";
import { button, el, fill } from "./dom.js";
import { exhibits } from "./exhibits.js";
import { monogram } from "./face.js";
import { none } from "./none.js";

/**
 * @typedef {object} Entry
 * @property {import("../id.js").AccountId} owner
 * @property {string} name
 * @property {import("../card.js").Card | null} card null: on its way
 * @property {string} state in words, or empty
 */

const order = new Intl.Collator(LOCALE, { sensitivity: "base", numeric: true });

/**
 * @param {import("../view.js").Act} act
 * @returns {import("../view.js").Screen}
 */
export function contacts(act) {
  const list = el("ul", { class: "contacts" });
  const empty = none({
    text: words.noContacts,
    how: words.noContactsHow,
    fetching: words.fetchingContacts,
  });
  const check = button(words.check, () => act({ type: "check" }), "small");
  const title = el("div", { class: "row" }, el("h2", {}, words.contacts), check);
  const result = el("p", { class: "small quiet", role: "status" });
  const element = el("section", { "aria-label": words.contacts }, title, result, list, empty.element);

  return {
    element,
    update(state) {
      const entries = entriesOf(state);
      list.hidden = entries.length === 0;
      check.hidden = entries.length === 0;
      check.disabled = isChecking(state);
      result.hidden = state.checked === null;
      result.textContent = state.checked ? checked(state.checked, state.ended.size) : "";
      empty.element.hidden = entries.length > 0;
      empty.update(state);
      fill(list, entries, (it) => it.owner, same, entry);
    },
  };
}

/**
 * @param {import("../view.js").State} state
 * @returns {Entry[]}
 */
function entriesOf(state) {
  const { contacts } = state.book;
  const accepted = state.link === "online" ? words.acceptedOnline : words.acceptedOffline;
  const waiting = [
    ...acceptedOffers(state).map(({ owner, name }) => ({ owner, name, card: null, state: accepted })),
    ...state.coming.map(({ owner, name }) => ({ owner, name, card: null, state: words.coming })),
  ].filter((it) => !contacts.has(it.owner));
  const held = [...contacts.values()].map(({ owner, card }) => ({
    owner,
    name: nameOf(card),
    card,
    state: stateOf(state, owner),
  }));
  return [...waiting, ...held].sort((a, b) => order.compare(a.name, b.name));
}

/**
 * @param {import("../view.js").State} state
 * @param {import("../id.js").AccountId} owner
 */
function stateOf(state, owner) {
  const ended = state.ended.get(owner);
  if (ended) return ended === "cancelled" ? words.closed : words.withdrawn;
  return state.news.has(owner) ? words.updated : "";
}

/**
 * @param {Entry} a
 * @param {Entry} b
 */
function same(a, b) {
  return a.card === b.card && a.state === b.state && a.name === b.name;
}

/** @param {Entry} entry */
function entry({ owner, name, card, state }) {
  const what = card ? [titleOf(card), organisationOf(card)].filter(Boolean).join(" · ") : state;
  const head = el("div", { class: "head" }, el("p", { class: "name" }, name || words.noName));
  if (card && state) head.append(el("span", { class: "pill" }, state));
  const lines = el("div", {}, head);
  if (what) lines.append(el("p", { class: "small quiet" }, what));
  const item = el("li", {}, el("div", { class: "top" }, monogram(owner, name, card), lines));
  if (card) {
    item.append(
      ...phonesOf(card).map((it) => reach(`tel:${it.replaceAll(/[^+0-9]/g, "")}`, it)),
      ...mailsOf(card).map((it) => reach(`mailto:${encodeURIComponent(it)}`, it)),
      ...exhibits(card),
    );
  }
  return item;
}

/**
 * @param {string} href
 * @param {string} text
 */
function reach(href, text) {
  return el("a", { href, class: "reach" }, text);
}
