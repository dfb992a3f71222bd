/** A page without a browser: the core with a clock that stands still until it is moved. */

import { changes } from "../src/changes.js";
import { taskId } from "../src/event.js";
import { begin, deadline, step } from "../src/session.js";

export const ME = "0000000000bob";
export const ADA = "00000000000ad";
export const CY = "00000000000cy";
const EPOCH = "0123456789abcdef";

export const BO_CARD = {
  "@type": "Card",
  version: "1.0",
  name: { full: "Bo Okafor", components: [{ kind: "given", value: "Bo" }] },
  titles: { k1: { name: "Buyer", kind: "title" } },
  phones: { k1: { number: "+447700900142", features: { mobile: true } } },
  "example.org:shoe": 42,
};

/** @param {string} full */
export function named(full) {
  return { "@type": "Card", version: "1.0", name: { full } };
}

/** An offer as the cloud tells it. */
export function offer(owner = ADA, name = "Ada Lind") {
  return { owner, name, place: "Hall 3", at: "2026-11-22T09:30:00Z", gives: true, takes: true };
}

export class Page {
  now = 0;
  /** Everything that was sent since it was last looked at. */
  sent = [];

  constructor(saved = {}) {
    this.state = begin(ME, saved);
  }

  /** A page that is online, registered, synced, and has an own card in edition 1. */
  static settled(page = {}) {
    const it = new Page();
    it.do({ type: "connected" });
    it.receipt(1, { outcome: "done", result: { account: ME, edition: 1 } });
    it.answerSync({ own: { edition: 1, card: BO_CARD }, ...page });
    it.pass(1_000);
    it.take();
    return it;
  }

  do(input) {
    const { state, messages } = step(this.state, input, this.now);
    this.state = state;
    this.sent.push(...messages);
  }

  receipt(seq, outcome) {
    this.do({ type: "down", message: { receipt: { task: taskId(EPOCH, seq), ...outcome } } });
  }

  notice(notice) {
    this.do({ type: "down", message: { notice } });
  }

  answerSync(page) {
    const result = { cards: [], gone: [], next: null, book: 1, offers: [], ...page };
    this.receipt(0, { outcome: "done", result });
  }

  /** Lets time pass, with every tick that the page asks for. */
  pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const at = deadline(this.state, this.now);
      if (at === null || at > end) break;
      this.now = Math.max(at, this.now);
      this.do({ type: "tick" });
    }
    this.now = end;
  }

  take() {
    return this.sent.splice(0);
  }

  kinds() {
    return this.take().map((it) => it.kind);
  }

  /** The page as it is after a reload, from what a store would have. */
  reloaded() {
    const { contacts, rows, facts } = changes(null, this.state);
    return new Page(structuredClone({ contacts, rows, ...Object.fromEntries(facts) }));
  }
}
