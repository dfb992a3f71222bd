/**
 * The token that opens this page: a JWT in the address's fragment, which no server sees.
 * Its signature is the broker's to check; here only its claims are read.
 */

import { accountId, terminalId } from "./id.js";

/**
 * @typedef {object} Claims
 * @property {import("./id.js").TerminalId} terminal the claim `cid`, also the MQTT client id
 * @property {import("./id.js").AccountId} account the claim `sub`
 * @property {number} exp when it ends, in seconds since 1970
 */

/**
 * The token in an address's fragment.
 * @param {string} hash `#token=…`
 * @returns {string | null}
 */
export function tokenOf(hash) {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token") || null;
}

/**
 * @param {string} token
 * @returns {Claims | null} null when this is no phone's token
 */
export function claimsOf(token) {
  const parts = token.split(".");
  if (parts.length !== 3) return null;
  try {
    const bytes = atob(parts[1].replaceAll("-", "+").replaceAll("_", "/"));
    const claims = JSON.parse(bytes);
    const [terminal, account] = [terminalId(claims.cid), accountId(claims.sub)];
    const sound = terminal && account && claims.kind === "phone" && Number.isFinite(claims.exp);
    return sound ? { terminal, account, exp: claims.exp } : null;
  } catch {
    return null;
  }
}
