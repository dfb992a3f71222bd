/**
 * What changed while this page was away: one question after another, each about a range of owners.
 *
 * @typedef {import("./id.js").AccountId} AccountId
 * @typedef {import("./book.js").Book} Book
 *
 * @typedef {object} Sync
 * @property {AccountId | null} after the range begins behind this owner
 * @property {AccountId | null} upto and ends with this one, as last asked
 * @property {number} asked when the range was first asked for, in ms of the page's clock
 * @property {number} tries
 * @property {number} again when to ask, or to ask again
 */

import { CLIENT } from "./client.js";
import { waitAfter } from "./outbox.js";

/** Most entries of one question. */
export const MAX_HAVE = 500;

/**
 * From the beginning, at once.
 * @param {number} now
 * @returns {Sync}
 */
export function begin(now) {
  return { after: null, upto: null, asked: now, tries: 0, again: now };
}

/**
 * The question for the sync's range.
 * @param {Sync} sync
 * @param {Book} book
 * @param {number} own the edition of the own card
 * @param {number} receipted the row of the outbox up to which every task has its receipt
 * @param {number} now
 */
export function ask(sync, book, own, receipted, now) {
  const { after } = sync;
  const owners = [...book.contacts.keys()].filter((it) => after === null || it > after).sort();
  const upto = owners.length > MAX_HAVE ? owners[MAX_HAVE - 1] : null;
  const have = owners
    .slice(0, MAX_HAVE)
    .map((it) => [it, /** @type {import("./book.js").Contact} */ (book.contacts.get(it)).edition]);
  const asked = sync.tries === 0 ? now : sync.asked;
  /** @type {Sync} */
  const next = { after, upto, asked, tries: sync.tries + 1, again: now + waitAfter(sync.tries) };
  return { sync: next, content: { book: book.counter, after, upto, have, own, receipted, client: CLIENT } };
}

/**
 * What is left to ask after an answer; null when the book is whole. An answer that comes twice does not
 * lead back.
 * @param {Sync} sync
 * @param {AccountId | null} next where the answer says that the next page begins
 * @param {number} now
 * @returns {Sync | null}
 */
export function proceed(sync, next, now) {
  const after = next ?? sync.upto;
  if (after === null) return null;
  if (sync.after !== null && after <= sync.after) return sync;
  return { ...begin(now), after };
}
