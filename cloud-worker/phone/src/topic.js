/** The topics of the wire contract that a phone uses: `tapcard/v1/…`. */

import { lowBits } from "./id.js";

/** @typedef {import("./id.js").AccountId} AccountId */
/** @typedef {import("./id.js").TerminalId} TerminalId */

/**
 * Where a terminal asks; the shard is the low four bits of its id.
 * @param {TerminalId} terminal
 */
export function task(terminal) {
  return `tapcard/v1/task/${String(lowBits(terminal, 4)).padStart(2, "0")}/${terminal}`;
}

/**
 * Where a terminal hears its receipts.
 * @param {TerminalId} terminal
 */
export function terminal(terminal) {
  return `tapcard/v1/terminal/${terminal}`;
}

/**
 * Where an account's phones hear the news.
 * @param {AccountId} account
 */
export function notice(account) {
  return `tapcard/v1/notice/${account}`;
}

/**
 * Where a terminal says whether it is online.
 * @param {TerminalId} terminal
 */
export function state(terminal) {
  return `tapcard/v1/state/${terminal}`;
}
