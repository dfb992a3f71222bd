/**
 * Tasks that wait for their receipt. A row dies only on its receipt; what the broker acknowledges means
 * nothing here. Decides what to send and when; sends and stores nothing.
 *
 * @typedef {import("./event.js").TaskKind} TaskKind
 *
 * @typedef {object} Row
 * @property {number} seq
 * @property {TaskKind} kind
 * @property {any} content
 * @property {import("./card.js").Fields} [was] of a card update: what the edit began with
 *
 * @typedef {object} Outbox
 * @property {number} next the next row's number
 * @property {readonly Row[]} rows ascending
 * @property {ReadonlyMap<number, Sent>} sent what this connection has carried
 *
 * @typedef {{ tries: number, again: number }} Sent `again`: when to repeat it, in ms of the page's clock
 */

/** Most unreceipted tasks on the way at once. */
export const MAX_IN_FLIGHT = 32;
/** How long to wait for a receipt the first time, in ms; then twice as long each time. */
export const FIRST_WAIT = 10_000;
/** The longest wait, in ms. */
export const LONGEST_WAIT = 300_000;

/** @type {Outbox} */
export const EMPTY = { next: 1, rows: [], sent: new Map() };

/**
 * The row up to which every task has its receipt.
 * @param {Outbox} outbox
 */
export function receipted(outbox) {
  return (outbox.rows[0]?.seq ?? outbox.next) - 1;
}

/**
 * @param {Outbox} outbox
 * @param {TaskKind} kind
 * @param {unknown} content
 * @param {import("./card.js").Fields} [was]
 * @returns {Outbox}
 */
export function add(outbox, kind, content, was) {
  /** @type {Row} */
  const row = { seq: outbox.next, kind, content, ...(was && { was }) };
  return { ...outbox, next: outbox.next + 1, rows: [...outbox.rows, row] };
}

/**
 * Takes a receipted row out.
 * @param {Outbox} outbox
 * @param {number} seq
 * @returns {{ outbox: Outbox, row: Row | undefined }}
 */
export function settle(outbox, seq) {
  const row = outbox.rows.find((it) => it.seq === seq);
  if (!row) return { outbox, row };
  const sent = new Map(outbox.sent);
  sent.delete(seq);
  return { outbox: { ...outbox, rows: outbox.rows.filter((it) => it !== row), sent }, row };
}

/**
 * A new connection has carried nothing yet.
 * @param {Outbox} outbox
 * @returns {Outbox}
 */
export function unsent(outbox) {
  return { ...outbox, sent: new Map() };
}

/**
 * What to send now, oldest first.
 * @param {Outbox} outbox
 * @param {number} now
 * @returns {{ outbox: Outbox, rows: Row[] }}
 */
export function due(outbox, now) {
  const rows = inFlight(outbox).filter((it) => (outbox.sent.get(it.seq)?.again ?? now) <= now);
  if (rows.length === 0) return { outbox, rows };
  const sent = new Map(outbox.sent);
  for (const { seq } of rows) {
    const tries = sent.get(seq)?.tries ?? 0;
    sent.set(seq, { tries: tries + 1, again: now + waitAfter(tries) });
  }
  return { outbox: { ...outbox, sent }, rows };
}

/**
 * When something is due next.
 * @param {Outbox} outbox
 * @param {number} now
 * @returns {number | null}
 */
export function deadline(outbox, now) {
  const times = inFlight(outbox).map((it) => outbox.sent.get(it.seq)?.again ?? now);
  return times.length ? Math.min(...times) : null;
}

/**
 * How long to wait for an answer after so many earlier tries, in ms.
 * @param {number} tries
 */
export function waitAfter(tries) {
  return Math.min(FIRST_WAIT * 2 ** tries, LONGEST_WAIT);
}

/** @param {Outbox} outbox */
function inFlight(outbox) {
  return outbox.rows.slice(0, MAX_IN_FLIGHT);
}
