/**
 * What a store must write so that it holds the later of two states. Compares by identity: what did not
 * change is the same object.
 *
 * @typedef {import("./session.js").State} State
 *
 * @typedef {object} Changes
 * @property {import("./book.js").Contact[]} contacts
 * @property {string[]} gone
 * @property {import("./outbox.js").Row[]} rows
 * @property {number[]} settled
 * @property {[string, unknown][]} facts
 */

/** What is kept besides contacts and tasks, and how to find it in a state. */
const FACTS = /** @type {const} */ ({
  next: (/** @type {State} */ it) => it.outbox.next,
  registered: (/** @type {State} */ it) => it.registered,
  whole: (/** @type {State} */ it) => it.whole,
  failures: (/** @type {State} */ it) => it.failures,
  counter: (/** @type {State} */ it) => it.book.counter,
  offers: (/** @type {State} */ it) => it.book.offers,
  own: (/** @type {State} */ it) => it.own,
  draft: (/** @type {State} */ it) => it.draft,
  ended: (/** @type {State} */ it) => it.ended,
});

/**
 * @param {State | null} before null: the store holds nothing
 * @param {State} after
 * @returns {Changes | null} null when there is nothing to write
 */
export function changes(before, after) {
  const [was, is] = [before?.book.contacts, after.book.contacts];
  const contacts = was === is ? [] : [...is.values()].filter((it) => was?.get(it.owner) !== it);
  const gone = was === is ? [] : [...(was?.keys() ?? [])].filter((it) => !is.has(it));
  const earlier = new Set(before?.outbox.rows);
  const rows = after.outbox.rows.filter((it) => !earlier.delete(it));
  const settled = [...earlier].map((it) => it.seq);
  const facts = Object.entries(FACTS)
    .filter(([, of]) => before === null || of(before) !== of(after))
    .map(([name, of]) => /** @type {[string, unknown]} */ ([name, of(after)]));
  const all = [contacts, gone, rows, settled, facts];
  return all.some((it) => it.length) ? { contacts, gone, rows, settled, facts } : null;
}
