/**
 * The page's only loop: knows the core and the edges, which do not know one another. Each input makes a
 * new state; the state is shown, stored, and only then are its messages sent.
 */

import { changes } from "./changes.js";
import { readDown, taskId, up } from "./event.js";
import { askWith } from "./media.js";
import { begin, deadline, step } from "./session.js";
import { openStore } from "./store.js";
import { claim } from "./tabs.js";
import { keepConnected } from "./uplink.js";
import { showStop, view } from "./view.js";

/** @typedef {import("./session.js").State} State */
/** @typedef {import("./session.js").Message} Message */

/**
 * @param {string} token
 * @param {import("./token.js").Claims} claims
 */
export async function run(token, claims) {
  const { account, terminal } = claims;
  askWith(token);
  const name = `tapcard-${account}-${terminal}`;
  const store = await openStore(name);
  let state = begin(account, store.saved);
  /** @type {State | null} */
  let kept = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let stopped = false;
  let writing = Promise.resolve();
  const render = view((input) => take(input));

  /** @param {import("./session.js").Input} input */
  function take(input) {
    if (stopped) return;
    const now = performance.now();
    const next = step(state, input, now);
    state = next.state;
    render(state);
    writing = writing.then(() => settle(next.state, next.messages));
    clearTimeout(timer);
    const at = deadline(state, now);
    if (at !== null) timer = setTimeout(() => take({ type: "tick" }), Math.max(at - now, 0));
  }

  /**
   * @param {State} next
   * @param {Message[]} messages
   */
  async function settle(next, messages) {
    const change = changes(kept, next);
    if (change) {
      const written = await store.write(change);
      if (written === "taken") return stop("elsewhere");
      if (written === "kept") kept = next;
      const works = written === "kept";
      if (works !== state.storing) take({ type: "storage", works });
    }
    if (stopped || messages.length === 0) return;
    const now = new Date();
    uplink.publish(
      messages.map((it) => up(taskId(store.epoch, it.seq), terminal, now, it.kind, it.content)),
    );
  }

  /** @param {keyof typeof import("./words.js").stops} reason */
  function stop(reason) {
    if (stopped) return;
    stopped = true;
    clearTimeout(timer);
    uplink.stop();
    showStop(reason);
  }

  const uplink = keepConnected(claims, token, {
    connecting: () => take({ type: "connecting" }),
    opened: () => take({ type: "connected" }),
    closed: () => take({ type: "closed" }),
    down(text) {
      const message = readDown(text);
      if (message) take({ type: "down", message });
    },
    stopped: stop,
  });
  claim(name, () => stop("elsewhere"));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) take({ type: "leaving" });
    else uplink.hurry();
  });
  addEventListener("offline", () => uplink.drop());
  addEventListener("online", () => uplink.hurry());
}
