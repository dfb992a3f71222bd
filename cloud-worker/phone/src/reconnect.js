/**
 * When to connect again, and when not: decides from what became of earlier connections.
 *
 * @typedef {object} History
 * @property {number} failures connections in a row that did not last
 * @property {number | null} opened when the last connection was let in, in ms of the page's clock
 * @property {number | null} closed when the last one that had been let in ended
 */

/** The shortest wait, in ms; then twice as long each time. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
/** A connection that ends sooner than this, in ms, was pushed out. */
const PUSHED_OUT = 5_000;
/** Two ends within this time, in ms, belong together. */
const TOGETHER = 15_000;

/** @type {History} */
export const NEW = { failures: 0, opened: null, closed: null };

/**
 * The broker let this page in.
 * @param {History} history
 * @param {number} now
 * @returns {History}
 */
export function opened(history, now) {
  return { ...history, opened: now };
}

/**
 * A connection ended, or did not come about.
 *
 * The broker lets only the newest connection of a terminal live. The page that was there first is closed,
 * comes back, and is closed again at once: then the card is open elsewhere, and this page must give way.
 * @param {History} history
 * @param {number} now
 * @returns {{ history: History, elsewhere: boolean }}
 */
export function ended(history, now) {
  const { opened, closed, failures } = history;
  if (opened === null) {
    return { history: { ...history, failures: failures + 1 }, elsewhere: false };
  }
  const short = now - opened < PUSHED_OUT;
  const elsewhere = short && closed !== null && now - closed < TOGETHER;
  return { history: { failures: short ? failures + 1 : 1, opened: null, closed: now }, elsewhere };
}

/**
 * How long to wait before the next try, in ms.
 * @param {History} history
 * @param {number} chance between 0 and 1, so that a hall full of phones does not come back at once
 */
export function waitFor(history, chance) {
  const wait = Math.min(FIRST_WAIT * 2 ** Math.max(history.failures - 1, 0), LONGEST_WAIT);
  return wait * (0.5 + chance / 2);
}

/**
 * What a refused login means. The phone's clock chooses the words only; the broker decides.
 * @param {number} code the CONNACK return code (MQTT 3.1.1 §3.2.2.3)
 * @param {boolean} over whether the token's time is over by this phone's clock
 * @returns {"ended" | "refused" | null} null: try again later
 */
export function refusal(code, over) {
  if (code === 2 || code === 4 || code === 5) return over ? "ended" : "refused";
  return null;
}
