/**
 * Keeps one connection to the broker alive while the page is seen, with waits between the tries.
 *
 * @typedef {object} Ears
 * @property {() => void} connecting
 * @property {() => void} opened
 * @property {(text: string) => void} down
 * @property {() => void} closed
 * @property {(reason: "elsewhere" | "ended" | "refused") => void} stopped for good
 *
 * @typedef {object} Uplink
 * @property {(payloads: string[]) => void} publish
 * @property {() => void} drop the phone has lost its network: does not wait until the connection notices
 * @property {() => void} hurry tries at once, if it only waits
 * @property {() => void} stop
 */

import { connect } from "./link.js";
import { ended, NEW, opened, refusal, waitFor } from "./reconnect.js";

/**
 * @param {import("./token.js").Claims} claims
 * @param {string} token
 * @param {Ears} ears
 * @returns {Uplink}
 */
export function keepConnected(claims, token, ears) {
  let history = NEW;
  /** @type {import("./link.js").Link | null} */
  let link = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let busy = false;
  let stopped = false;

  /** @param {"elsewhere" | "ended" | "refused"} reason */
  function stopFor(reason) {
    stop();
    ears.stopped(reason);
  }

  function lost() {
    const end = ended(history, performance.now());
    history = end.history;
    busy = false;
    link = null;
    ears.closed();
    if (end.elsewhere) stopFor("elsewhere");
    else timer = setTimeout(attempt, waitFor(history, Math.random()));
  }

  async function attempt() {
    clearTimeout(timer);
    // A page that nobody sees is asleep soon anyway; it comes back when it is seen.
    if (busy || stopped || document.hidden) return;
    busy = true;
    ears.connecting();
    const url = await brokerUrl();
    if (stopped) return;
    if (url === null) return lost();
    link = connect(url, claims, token, {
      opened() {
        history = opened(history, performance.now());
        ears.opened();
      },
      down: ears.down,
      ended: lost,
      refused(code) {
        const reason = refusal(code, claims.exp * 1000 <= Date.now());
        if (reason) stopFor(reason);
        else lost();
      },
    });
  }

  function stop() {
    stopped = true;
    clearTimeout(timer);
    link?.leave();
  }

  void attempt();
  return {
    publish: (payloads) => link?.publish(payloads),
    drop: () => link?.drop(),
    hurry: () => void attempt(),
    stop,
  };
}

/**
 * Where the broker is: asked anew each time, since it may have moved.
 * @returns {Promise<string | null>} null when this page's own server does not answer
 */
async function brokerUrl() {
  try {
    const response = await fetch("/config.json", { cache: "no-store" });
    const { broker } = await response.json();
    return typeof broker === "string" ? broker : null;
  } catch {
    return null;
  }
}
