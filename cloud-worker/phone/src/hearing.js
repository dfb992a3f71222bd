/**
 * The part of the core that takes in what the cloud says: receipts of tasks, pages of a sync, notices.
 *
 * @typedef {import("./session.js").State} State
 * @typedef {import("./id.js").AccountId} AccountId
 * @typedef {import("./event.js").Receipt} Receipt
 * @typedef {import("./event.js").Page} Page
 * @typedef {import("./outbox.js").Row} Row
 */

import * as books from "./book.js";
import { fieldsOf } from "./card.js";
import * as drafts from "./draft.js";
import { isCard, isPage } from "./event.js";
import * as outboxes from "./outbox.js";
import * as syncs from "./sync.js";

/** How long reports of stored cards are collected, in ms. */
export const COLLECT = 1_000;

/**
 * @param {State} state
 * @param {import("./event.js").Down} message
 * @param {number} now
 * @returns {State}
 */
export function heard(state, message, now) {
  if ("receipt" in message) return receipted(state, message.receipt, now);
  const { notice } = message;
  switch (notice.kind) {
    case "card":
      return stored(state, [notice], now);
    case "own-card":
      return notice.owner === state.account ? ownStored(state, notice, now) : state;
    case "ended":
      return { ...dropped(state, [notice.owner]), ended: marked(state.ended, [[notice.owner, notice.ended]]) };
    case "gone":
      return dropped(state, [notice.owner]);
    case "client-offer":
      return { ...state, newer: notice.version };
    case "account-state":
      return notice.owner === state.account ? { ...state, ahead: notice } : state;
    case "offer":
      return { ...state, book: books.offered(state.book, notice, now) };
    case "summary":
      return notice.edition === state.own.edition ? { ...state, told: notice.counts } : state;
  }
}

/**
 * @param {State} state
 * @param {Receipt} receipt
 * @param {number} now
 * @returns {State}
 */
function receipted(state, receipt, now) {
  const seq = Number(receipt.task.split("-")[1]);
  if (seq === 0) return isPage(receipt.result) ? paged(state, receipt.result, now) : state;
  const { outbox, row } = outboxes.settle(state.outbox, seq);
  if (!row) return state;
  const next = { ...state, outbox };
  if (row.kind === "card-update") return updated(next, row, receipt, now);
  if (row.kind === "link") return answered(next, row, receipt);
  if (row.kind === "check-book" && receipt.outcome === "done") return checked(next, receipt.result);
  return receipt.outcome === "done" ? { ...next, registered: true } : failed(next, row, "", receipt);
}

/**
 * A page of a sync. One that nobody waits for any more may still bring cards, and nothing else. What follows no more
 * leaves before what was read of it comes.
 * @param {State} state
 * @param {Page} page
 * @param {number} now
 * @returns {State}
 */
function paged(state, page, now) {
  const { sync } = state;
  const ended = sync ? (page.ended ?? []) : [];
  const left = dropped(state, ended.map(([owner]) => owner));
  let next = stored({ ...left, ended: marked(left.ended, ended) }, page.cards, now);
  if (page.own && isCard(page.own.card)) next = ownStored(next, page.own, now);
  if (!sync) return next;
  const rest = syncs.proceed(sync, page.next ?? null, now);
  next = dropped(next, page.gone);
  let { book } = next;
  if (rest === null) {
    book = { ...books.onlyOffers(book, page.offers ?? [], sync.asked, now), counter: page.book };
  }
  return { ...next, sync: rest, book, whole: next.whole || rest === null };
}

/**
 * @param {State} state
 * @param {readonly import("./book.js").Contact[]} cards
 * @param {number} now
 * @returns {State}
 */
function stored(state, cards, now) {
  const { book, stored, changed } = books.put(state.book, cards);
  const here = new Set(stored);
  const reports = [...here].map((owner) => ({
    owner,
    edition: book.contacts.get(owner)?.edition ?? 0,
    outcome: /** @type {const} */ ("applied"),
  }));
  const coming = state.coming.filter((it) => !here.has(it.owner));
  const follows = cards.filter((it) => it.edition > 0 && here.has(it.owner)).map((it) => it.owner);
  const ended = unmarked(state.ended, follows);
  const next = { ...state, book, coming, ended, news: new Set([...state.news, ...changed]) };
  // Edition zero is what somebody read: there is no owner who waits to hear of it.
  return reported(next, reports.filter((it) => it.edition > 0), now);
}

/**
 * Takes contacts out of the book, and what is noted of them.
 * @param {State} state
 * @param {readonly AccountId[]} owners
 * @returns {State}
 */
function dropped(state, owners) {
  return { ...state, book: books.drop(state.book, owners), ended: unmarked(state.ended, owners) };
}

/**
 * Notes whose card follows no more.
 * @param {State["ended"]} ended
 * @param {readonly [AccountId, import("./event.js").Ended][]} entries
 * @returns {State["ended"]}
 */
function marked(ended, entries) {
  return entries.length ? new Map([...ended, ...entries]) : ended;
}

/**
 * @param {State["ended"]} ended
 * @param {readonly AccountId[]} owners
 * @returns {State["ended"]}
 */
function unmarked(ended, owners) {
  if (!owners.some((it) => ended.has(it))) return ended;
  return new Map([...ended].filter(([owner]) => !owners.includes(owner)));
}

/**
 * What a check of the book says. It names no more than fit, so what was marked before stays so.
 * @param {State} state
 * @param {any} result
 * @returns {State}
 */
function checked(state, result) {
  const ended = marked(state.ended, result.ended);
  return { ...state, ended, checked: { counts: result.counts, following: result.following } };
}

/**
 * The own card as it stands in the cloud.
 * @param {State} state
 * @param {import("./draft.js").Own} own
 * @param {number} now
 * @returns {State}
 */
function ownStored(state, { edition, card }, now) {
  if (edition < state.own.edition) return state;
  const own = { edition, card };
  const newer = edition > state.own.edition;
  const draft = newer && state.draft ? drafts.rebased(state.draft, own) : state.draft;
  const next = { ...state, own, draft, told: newer ? null : state.told };
  return reported(next, [{ owner: state.account, edition, outcome: "applied" }], now);
}

/**
 * @param {State} state
 * @param {Row} row
 * @param {Receipt} receipt
 * @param {number} now
 * @returns {State}
 */
function updated(state, row, receipt, now) {
  const { result } = receipt;
  if (receipt.outcome === "done") {
    // What was changed elsewhere meanwhile is in the card that comes back.
    const card = isCard(result?.card) ? result.card : row.content.card;
    const own = { edition: result?.edition ?? state.own.edition, card };
    const next = ownStored(state, own, now);
    const told = row.content.notify && next.own.edition === own.edition;
    return { ...next, told: told ? (result?.counts ?? null) : null };
  }
  const mine = fieldsOf(row.content.card);
  if (receipt.reason === "conflict" && isCard(result?.card)) {
    const next = ownStored(state, result, now);
    return { ...next, draft: drafts.onto(row.was ?? mine, mine, next.own) };
  }
  const draft = { ...drafts.open(state.own), fields: mine };
  return { ...state, draft: { ...draft, trouble: "refused", text: receipt.text ?? "" } };
}

/**
 * @param {State} state
 * @param {Row} row
 * @param {Receipt} receipt
 * @returns {State}
 */
function answered(state, row, receipt) {
  const { owner, verb } = row.content;
  const name = state.book.offers.find((it) => it.owner === owner)?.name ?? "";
  const next = { ...state, book: books.withoutOffer(state.book, owner) };
  if (receipt.outcome === "refused") return failed(next, row, name, receipt);
  const follows = verb === "accept" && receipt.result?.state === "live";
  if (!follows || state.book.contacts.has(owner)) return next;
  return { ...next, coming: [...state.coming, { owner, name }] };
}

/**
 * @param {State} state
 * @param {Row} row
 * @param {string} name
 * @param {Receipt} receipt
 * @returns {State}
 */
function failed(state, row, name, receipt) {
  const failure = { seq: row.seq, kind: row.kind, name, text: receipt.text ?? "" };
  return { ...state, failures: [...state.failures, failure] };
}

/**
 * Notes what to report; a later edition takes the earlier one's place.
 * @param {State} state
 * @param {import("./session.js").Report[]} reports
 * @param {number} now
 * @returns {State}
 */
function reported(state, reports, now) {
  if (reports.length === 0) return state;
  const again = new Set(reports.map((it) => it.owner));
  const earlier = state.reports.filter((it) => !again.has(it.owner));
  const reportAt = state.reports.length ? state.reportAt : now + COLLECT;
  return { ...state, reports: [...earlier, ...reports], reportAt };
}
