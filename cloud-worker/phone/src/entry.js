/** The token that a tab was opened with, kept over a reload of that tab and no longer. */

import { tokenOf } from "./token.js";

const KEY = "token";

/** Takes the token out of the address, where a screenshot or a shared link would show it. */
export function takeToken() {
  const token = tokenOf(location.hash);
  if (token === null) return kept();
  keep(token);
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/** A browser without storage for pages forgets it at the next reload. */
function kept() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @param {string} token */
function keep(token) {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // The page works without, until it is loaded again.
  }
}
