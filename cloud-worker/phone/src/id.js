/**
 * The random numbers that stand for accounts and terminals, as the wire spells them: 13 characters of
 * Crockford's base32 in lower case. In this spelling they sort as texts exactly as they do as numbers.
 *
 * @typedef {string & { readonly account: unique symbol }} AccountId
 * @typedef {string & { readonly terminal: unique symbol }} TerminalId
 */

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
/** 13 characters of at most 63 bits: the first digit stays below 8. */
const PATTERN = /^[0-7][0-9a-hjkmnp-tv-z]{12}$/;

/**
 * Reads an id in any case.
 * @param {unknown} text
 * @returns {string | null} null for everything that is no id
 */
function read(text) {
  if (typeof text !== "string") return null;
  const plain = text.toLowerCase().replaceAll("o", "0").replaceAll(/[il]/g, "1");
  return PATTERN.test(plain) ? plain : null;
}

/**
 * @param {unknown} text
 * @returns {AccountId | null}
 */
export function accountId(text) {
  return /** @type {AccountId | null} */ (read(text));
}

/**
 * @param {unknown} text
 * @returns {TerminalId | null}
 */
export function terminalId(text) {
  return /** @type {TerminalId | null} */ (read(text));
}

/**
 * The low bits of an id, at most five.
 * @param {AccountId | TerminalId} id
 * @param {number} bits
 */
export function lowBits(id, bits) {
  return DIGITS.indexOf(id[12]) & ((1 << bits) - 1);
}
