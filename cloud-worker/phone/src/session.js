/**
 * The page's core: what happens outside goes in, a new state and the messages to send come out.
 * Owns no socket, store, clock or screen; `now` is in ms of a clock that only goes forward.
 *
 * @typedef {import("./id.js").AccountId} AccountId
 * @typedef {import("./book.js").Book} Book
 * @typedef {import("./draft.js").Own} Own
 * @typedef {import("./event.js").TaskKind} TaskKind
 * @typedef {{ owner: AccountId, edition: number, outcome: "applied" | "failed", reason?: string }} Report
 * @typedef {{ seq: number, kind: TaskKind, name: string, text: string }} Failure
 * @typedef {import("./event.js").Ended} Ended
 * @typedef {{ counts: import("./event.js").Counts, following: number }} Checked who has the own card; how many cards follow
 *
 * @typedef {object} State
 * @property {AccountId} account
 * @property {"connecting" | "online" | "offline"} link
 * @property {boolean} storing whether this browser keeps what it is given
 * @property {boolean} registered
 * @property {boolean} whole whether this store has ever had all of the account's cards
 * @property {import("./outbox.js").Outbox} outbox
 * @property {readonly Failure[]} failures tasks that were refused for good and that nobody has seen yet
 * @property {Book} book
 * @property {ReadonlySet<AccountId>} news whose card changed since the page was opened
 * @property {ReadonlyMap<AccountId, Ended>} ended whose card followed, and follows no more
 * @property {Checked | null} checked what the last check of the book said, since the page was opened
 * @property {string | null} newer the version of this page that is ready
 * @property {readonly { owner: AccountId, name: string }[]} coming accepted; their card is on its way
 * @property {Own} own
 * @property {import("./event.js").Counts | null} told how many the own edition goes to
 * @property {import("./event.js").StateNotice | null} ahead what was said of the account since the page was opened
 * @property {import("./draft.js").Draft | null} draft
 * @property {import("./sync.js").Sync | null} sync
 * @property {readonly Report[]} reports
 * @property {number} reportAt when to send them
 *
 * @typedef {{ type: "connecting" | "connected" | "closed" | "tick" | "leaving" }
 *   | { type: "storage", works: boolean }
 *   | { type: "down", message: import("./event.js").Down }
 *   | Said} Input
 *
 * @typedef {{ type: "answer", owner: AccountId, verb: "accept" | "decline" }
 *   | { type: "seen", seq: number }
 *   | { type: "edit" | "save" | "back" | "cancel" | "check" }
 *   | { type: "typed", fields: Partial<import("./card.js").Fields> }
 *   | { type: "tell", notify: boolean }} Said what the person does
 *
 * @typedef {{ seq: number, kind: TaskKind, content: unknown }} Message
 *
 * @typedef {object} Saved what a store has of an earlier page; every part may be missing
 * @property {boolean} [registered]
 * @property {boolean} [whole]
 * @property {number} [next]
 * @property {import("./outbox.js").Row[]} [rows]
 * @property {readonly Failure[]} [failures]
 * @property {number} [counter]
 * @property {import("./book.js").Contact[]} [contacts]
 * @property {readonly import("./book.js").HeardOffer[]} [offers]
 * @property {Own} [own]
 * @property {import("./draft.js").Draft | null} [draft]
 * @property {ReadonlyMap<AccountId, Ended>} [ended]
 */

import * as drafts from "./draft.js";
import { heard } from "./hearing.js";
import * as outboxes from "./outbox.js";
import * as syncs from "./sync.js";

/** Most reports of one message. */
const MAX_REPORTS = 500;

/**
 * The state that a page begins with.
 * @param {AccountId} account
 * @param {Saved} saved
 * @returns {State}
 */
export function begin(account, saved) {
  const contacts = new Map(saved.contacts?.map((it) => [it.owner, it]));
  // The page's clock begins anew with each page: what was heard before it was heard before everything.
  const offers = (saved.offers ?? []).map((it) => ({ ...it, heard: -1 }));
  /** @type {import("./outbox.js").Outbox} */
  let outbox = { ...outboxes.EMPTY, next: saved.next ?? 1, rows: saved.rows ?? [] };
  const registered = saved.registered ?? false;
  if (!registered && !outbox.rows.some((it) => it.kind === "register")) {
    outbox = outboxes.add(outbox, "register", { card: null });
  }
  return {
    account,
    link: "connecting",
    storing: true,
    registered,
    whole: saved.whole ?? false,
    outbox,
    failures: saved.failures ?? [],
    book: { counter: saved.counter ?? 0, contacts, offers },
    news: new Set(),
    ended: saved.ended ?? new Map(),
    checked: null,
    newer: null,
    coming: [],
    own: saved.own ?? { edition: 0, card: null },
    told: null,
    ahead: null,
    draft: saved.draft ?? null,
    sync: null,
    reports: [],
    reportAt: 0,
  };
}

/**
 * The only verb. The messages may go out once the state is stored.
 * @param {State} state
 * @param {Input} input
 * @param {number} now
 * @returns {{ state: State, messages: Message[] }}
 */
export function step(state, input, now) {
  return flush(after(state, input, now), now);
}

/**
 * When to call {@link step} with a tick; null when nothing waits.
 * @param {State} state
 * @param {number} now
 */
export function deadline(state, now) {
  if (state.link !== "online") return null;
  const times = [outboxes.deadline(state.outbox, now), state.sync && state.sync.again];
  if (state.reports.length) times.push(state.reportAt);
  const set = times.filter((it) => it !== null);
  return set.length ? Math.min(...set) : null;
}

/**
 * Offers that the person has not answered.
 * @param {State} state
 */
export function openOffers(state) {
  return state.book.offers.filter((it) => !answerTo(state, it.owner));
}

/**
 * Offers that were accepted here, without a receipt yet.
 * @param {State} state
 */
export function acceptedOffers(state) {
  return state.book.offers.filter((it) => answerTo(state, it.owner)?.content.verb === "accept");
}

/**
 * The own card's edit that waits for its receipt.
 * @param {State} state
 */
export function waitingUpdate(state) {
  return state.outbox.rows.find((it) => it.kind === "card-update") ?? null;
}

/**
 * A check of the book that waits for its receipt.
 * @param {State} state
 */
export function isChecking(state) {
  return state.outbox.rows.some((it) => it.kind === "check-book");
}

/**
 * @param {State} state
 * @param {AccountId} owner
 */
function answerTo(state, owner) {
  return state.outbox.rows.find((it) => it.kind === "link" && it.content.owner === owner);
}

/**
 * @param {State} state
 * @param {Input} input
 * @param {number} now
 * @returns {State}
 */
function after(state, input, now) {
  switch (input.type) {
    case "connecting":
      return { ...state, link: state.link === "offline" ? "offline" : "connecting" };
    case "connected":
      return {
        ...state,
        link: "online",
        outbox: outboxes.unsent(state.outbox),
        sync: syncs.begin(now),
      };
    case "closed":
      return { ...state, link: "offline", sync: null };
    case "down":
      return heard(state, input.message, now);
    case "storage":
      return { ...state, storing: input.works };
    case "leaving":
      return { ...state, reportAt: now };
    case "tick":
      return state;
    default:
      return said(state, input);
  }
}

/**
 * @param {State} state
 * @param {Said} input
 * @returns {State}
 */
function said(state, input) {
  const { draft } = state;
  if (input.type === "answer") {
    const { owner, verb } = input;
    const offer = openOffers(state).find((it) => it.owner === owner);
    if (!offer) return state;
    // What was shown is what is agreed to, whatever the offer has become meanwhile.
    const { gives, takes } = offer;
    return { ...state, outbox: outboxes.add(state.outbox, "link", { owner, verb, gives, takes }) };
  }
  if (input.type === "check") {
    if (isChecking(state)) return state;
    return { ...state, checked: null, outbox: outboxes.add(state.outbox, "check-book", {}) };
  }
  if (input.type === "seen") {
    return { ...state, failures: state.failures.filter((it) => it.seq !== input.seq) };
  }
  if (input.type === "edit") {
    return waitingUpdate(state) ? state : { ...state, draft: drafts.open(state.own) };
  }
  if (!draft) return state;
  if (input.type === "typed") return { ...state, draft: drafts.typed(draft, input.fields) };
  if (input.type === "save") return { ...state, draft: drafts.saved(draft) };
  if (input.type === "back") return { ...state, draft: { ...draft, stage: "edit" } };
  if (input.type === "cancel") return { ...state, draft: null };
  if (input.type !== "tell" || draft.stage !== "ask") return state;
  const content = drafts.task(draft, input.notify);
  const was = drafts.open(draft.base).fields;
  return { ...state, draft: null, outbox: outboxes.add(state.outbox, "card-update", content, was) };
}

/**
 * Everything that is due: tasks, oldest first; then the question of the sync; then the reports.
 * @param {State} state
 * @param {number} now
 * @returns {{ state: State, messages: Message[] }}
 */
function flush(state, now) {
  if (state.link !== "online") return { state, messages: [] };
  const { outbox, rows } = outboxes.due(state.outbox, now);
  /** @type {Message[]} */
  const messages = rows.map(({ seq, kind, content }) => ({ seq, kind, content }));
  let { sync, reports } = state;
  if (sync && sync.again <= now) {
    const asked = syncs.ask(sync, state.book, state.own.edition, outboxes.receipted(outbox), now);
    sync = asked.sync;
    messages.push({ seq: 0, kind: "sync", content: asked.content });
  }
  if (reports.length && state.reportAt <= now) {
    const told = reports.map((it) => (state.storing ? it : unstored(it)));
    for (let at = 0; at < told.length; at += MAX_REPORTS) {
      messages.push({ seq: 0, kind: "applied", content: told.slice(at, at + MAX_REPORTS) });
    }
    reports = [];
  }
  return { state: { ...state, outbox, sync, reports }, messages };
}

/**
 * @param {Report} report
 * @returns {Report}
 */
function unstored(report) {
  return { ...report, outcome: "failed", reason: "the browser could not store it" };
}
