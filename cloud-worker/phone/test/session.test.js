import assert from "node:assert/strict";
import { test } from "node:test";

import { CLIENT } from "../src/client.js";
import { acceptedOffers, openOffers, waitingUpdate } from "../src/session.js";
import { ADA, BO_CARD, CY, ME, named, offer, Page } from "./page.js";

test("a new page registers, then asks what there is", () => {
  const page = new Page();
  page.do({ type: "connecting" });
  assert.deepEqual(page.take(), []);
  page.do({ type: "connected" });
  assert.deepEqual(page.take(), [
    { seq: 1, kind: "register", content: { card: null } },
    { seq: 0, kind: "sync", content: { book: 0, after: null, upto: null, have: [], own: 0, receipted: 0, client: CLIENT } },
  ]);
});

test("a registered page does not register again", () => {
  const page = Page.settled().reloaded();
  page.do({ type: "connected" });
  assert.deepEqual(page.kinds(), ["sync"]);
});

test("nobody claims an empty book before the first answer", () => {
  const page = new Page();
  page.do({ type: "connected" });
  assert.equal(page.state.whole, false);
  page.answerSync({ next: ADA });
  assert.equal(page.state.whole, false);
  page.answerSync({});
  assert.equal(page.state.whole, true);
  assert.equal(page.reloaded().state.whole, true);
});

test("an accepted offer becomes a contact once the card arrives", () => {
  const page = Page.settled();
  page.notice({ kind: "offer", ...offer() });
  assert.deepEqual(openOffers(page.state).map((it) => it.name), ["Ada Lind"]);
  page.do({ type: "answer", owner: ADA, verb: "accept" });
  page.do({ type: "answer", owner: ADA, verb: "decline" });
  assert.deepEqual(page.take(), [{ seq: 2, kind: "link", content: { owner: ADA, verb: "accept", gives: true, takes: true } }]);
  assert.deepEqual(openOffers(page.state), []);
  assert.equal(acceptedOffers(page.state).length, 1);
  page.receipt(2, { outcome: "done", result: { owner: ADA, state: "live" } });
  assert.deepEqual(page.state.coming, [{ owner: ADA, name: "Ada Lind" }]);
  assert.equal(page.state.book.contacts.has(ADA), false);
  page.notice({ kind: "card", owner: ADA, edition: 3, card: named("Ada Lind") });
  assert.deepEqual(page.state.coming, []);
  assert.equal(page.state.book.contacts.get(ADA)?.edition, 3);
  assert.equal(page.state.news.has(ADA), false);
});

test("a card that follows no more is marked until it follows again", () => {
  const page = Page.settled({ cards: [{ owner: ADA, edition: 3, card: named("Ada Lind") }] });
  page.notice({ kind: "ended", owner: ADA, ended: "withdrawn" });
  page.notice({ kind: "card", owner: ADA, edition: 0, card: named("Ada L") });
  assert.equal(page.state.ended.get(ADA), "withdrawn");
  assert.equal(page.reloaded().state.ended.get(ADA), "withdrawn");
  page.notice({ kind: "card", owner: ADA, edition: 4, card: named("Ada Lind") });
  assert.equal(page.state.ended.size, 0);
  page.notice({ kind: "ended", owner: ADA, ended: "cancelled" });
  page.notice({ kind: "gone", owner: ADA });
  assert.equal(page.state.ended.size, 0);
});

test("a check of the book is asked once and says how it stands", () => {
  const page = Page.settled();
  page.do({ type: "check" });
  page.do({ type: "check" });
  assert.deepEqual(page.take(), [{ seq: 2, kind: "check-book", content: {} }]);
  const counts = { active: 2, unclaimed: 0, cancelled: 1 };
  page.receipt(2, { outcome: "done", result: { counts, following: 5, ended: [[CY, "cancelled"]] } });
  assert.deepEqual(page.state.checked, { counts, following: 5 });
  assert.equal(page.state.ended.get(CY), "cancelled");
  assert.equal(page.state.registered, true);
});

test("what a check leaves out for its length stays marked", () => {
  const page = Page.settled();
  page.notice({ kind: "ended", owner: ADA, ended: "withdrawn" });
  page.do({ type: "check" });
  const counts = { active: 0, unclaimed: 0, cancelled: 0 };
  page.receipt(2, { outcome: "done", result: { counts, following: 0, ended: [[CY, "cancelled"]] } });
  assert.deepEqual([...page.state.ended], [[ADA, "withdrawn"], [CY, "cancelled"]]);
});

test("a version that is ready is offered", () => {
  const page = Page.settled();
  page.notice({ kind: "client-offer", owner: ME, version: "9.0.0", url: "/" });
  assert.equal(page.state.newer, "9.0.0");
});

test("a declined offer is gone after its receipt", () => {
  const page = Page.settled();
  page.notice({ kind: "offer", ...offer() });
  page.do({ type: "answer", owner: ADA, verb: "decline" });
  page.receipt(2, { outcome: "done", result: { owner: ADA, state: "none" } });
  assert.deepEqual(page.state.book.offers, []);
  assert.deepEqual(page.state.coming, []);
});

test("an answer that came too late is shown until it is seen", () => {
  const page = Page.settled();
  page.notice({ kind: "offer", ...offer() });
  page.do({ type: "answer", owner: ADA, verb: "accept" });
  page.receipt(2, { outcome: "refused", reason: "no-offer", text: "nobody offers that" });
  assert.deepEqual(page.state.book.offers, []);
  const later = page.reloaded();
  assert.deepEqual(later.state.failures, [
    { seq: 2, kind: "link", name: "Ada Lind", text: "nobody offers that" },
  ]);
  later.do({ type: "seen", seq: 2 });
  assert.deepEqual(later.state.failures, []);
});

test("offers stay in the order they came, whatever comes later", () => {
  const page = Page.settled({ offers: [offer(CY, "Cy")] });
  page.notice({ kind: "offer", ...offer(ADA, "Ada") });
  page.notice({ kind: "offer", ...offer(CY, "Cyril") });
  assert.deepEqual(openOffers(page.state).map((it) => it.name), ["Cyril", "Ada"]);
});

test("an offer that is heard while a sync is under way survives its answer", () => {
  const page = Page.settled({ offers: [offer(CY, "Cy")] });
  page.do({ type: "closed" });
  page.now += 1_000;
  page.do({ type: "connected" });
  page.notice({ kind: "offer", ...offer() });
  page.answerSync({ offers: [] });
  assert.deepEqual(openOffers(page.state).map((it) => it.owner), [ADA]);
});

test("an offer kept over a reload goes when the cloud no longer has it", () => {
  const page = Page.settled({ offers: [offer()] }).reloaded();
  assert.equal(openOffers(page.state).length, 1);
  page.do({ type: "connected" });
  page.answerSync({ offers: [] });
  assert.deepEqual(openOffers(page.state), []);
});

test("an older edition never replaces a newer one", () => {
  const page = Page.settled();
  page.notice({ kind: "card", owner: ADA, edition: 4, card: named("Ada new") });
  page.pass(1_000);
  page.take();
  page.notice({ kind: "card", owner: ADA, edition: 3, card: named("Ada old") });
  page.pass(1_000);
  assert.deepEqual(page.state.book.contacts.get(ADA), {
    owner: ADA,
    edition: 4,
    card: named("Ada new"),
  });
  assert.deepEqual(page.take(), []);
});

test("a changed card is marked until the page is opened again", () => {
  const page = Page.settled({ cards: [{ owner: ADA, edition: 1, card: named("Ada") }] });
  page.notice({ kind: "card", owner: ADA, edition: 2, card: named("Ada") });
  assert.equal(page.state.news.has(ADA), false);
  page.notice({ kind: "card", owner: ADA, edition: 3, card: named("Ada Berg") });
  assert.equal(page.state.news.has(ADA), true);
  assert.equal(page.reloaded().state.news.has(ADA), false);
});

test("what is gone leaves the book", () => {
  const page = Page.settled({ cards: [{ owner: ADA, edition: 1, card: named("Ada") }] });
  page.do({ type: "connected" });
  page.answerSync({ gone: [ADA] });
  assert.equal(page.state.book.contacts.size, 0);
});

test("reports are collected for a second, the newest edition of each card", () => {
  const page = Page.settled();
  page.notice({ kind: "card", owner: ADA, edition: 1, card: named("Ada") });
  page.pass(600);
  page.notice({ kind: "card", owner: ADA, edition: 2, card: named("Ada Berg") });
  page.notice({ kind: "own-card", owner: ME, edition: 2, card: named("Bo") });
  page.notice({ kind: "card", owner: CY, edition: 0, card: named("Cy, as read") });
  assert.deepEqual(page.take(), []);
  page.pass(400);
  assert.deepEqual(page.take(), [
    {
      seq: 0,
      kind: "applied",
      content: [
        { owner: ADA, edition: 2, outcome: "applied" },
        { owner: ME, edition: 2, outcome: "applied" },
      ],
    },
  ]);
});

test("a page that is left sends its reports at once", () => {
  const page = Page.settled();
  page.notice({ kind: "card", owner: ADA, edition: 1, card: named("Ada") });
  page.do({ type: "leaving" });
  assert.deepEqual(page.kinds(), ["applied"]);
});

test("a browser that keeps nothing reports a failure", () => {
  const page = Page.settled();
  page.notice({ kind: "card", owner: ADA, edition: 1, card: named("Ada") });
  page.do({ type: "storage", works: false });
  page.pass(1_000);
  assert.equal(page.take()[0].content[0].outcome, "failed");
});

test("a saved card goes out whole, on the edition it was made from", () => {
  const page = Page.settled();
  page.do({ type: "edit" });
  page.do({ type: "typed", fields: { title: " Head of Buying " } });
  page.do({ type: "save" });
  assert.equal(page.state.draft?.stage, "ask");
  page.do({ type: "tell", notify: true });
  const [{ seq, kind, content }] = page.take();
  assert.deepEqual([seq, kind, content.base, content.notify], [2, "card-update", 1, true]);
  assert.deepEqual(content.card, {
    ...BO_CARD,
    titles: { k1: { name: "Head of Buying", kind: "title" } },
  });
  assert.equal(page.state.own.edition, 1);
  page.do({ type: "edit" });
  assert.equal(page.state.draft, null, "one edit at a time");
  page.receipt(2, {
    outcome: "done",
    result: { edition: 2, counts: { active: 3, unclaimed: 1, cancelled: 0 } },
  });
  assert.equal(waitingUpdate(page.state), null);
  assert.deepEqual([page.state.own.edition, page.state.told?.active], [2, 3]);
  page.notice({ kind: "summary", owner: ME, edition: 2, counts: { active: 2, unclaimed: 1, cancelled: 1 } });
  assert.equal(page.state.told?.active, 2);
});

test("what is ahead of the account is known until it is called off", () => {
  const page = Page.settled();
  page.notice({ kind: "account-state", owner: ME, closes: "2026-12-04T10:00:00Z", disputed: false });
  assert.equal(page.state.ahead?.closes, "2026-12-04T10:00:00Z");
  page.notice({ kind: "account-state", owner: "0000000000009", closes: "2027-01-01T10:00:00Z", disputed: true });
  assert.equal(page.state.ahead?.disputed, false, "another account's");
  page.notice({ kind: "account-state", owner: ME, disputed: false });
  assert.equal(page.state.ahead?.closes, undefined);
});

test("the own card's notice may come before the receipt", () => {
  const page = Page.settled();
  page.do({ type: "edit" });
  page.do({ type: "typed", fields: { name: "Bo Berg" } });
  page.do({ type: "save" });
  page.do({ type: "tell", notify: false });
  page.notice({ kind: "own-card", owner: ME, edition: 2, card: page.take()[0].content.card });
  const counts = { active: 0, unclaimed: 0, cancelled: 0 };
  page.receipt(2, { outcome: "done", result: { edition: 2, counts } });
  assert.equal(page.state.own.edition, 2);
  assert.equal(page.state.own.card?.name.full, "Bo Berg");
  assert.equal(page.state.told, null);
});

test("an edit that met another one brings that along", () => {
  const page = Page.settled();
  page.do({ type: "edit" });
  page.do({ type: "typed", fields: { name: "Bo Berg" } });
  page.do({ type: "save" });
  page.do({ type: "tell", notify: false });
  const [{ content }] = page.take();
  const card = { ...content.card, organizations: { k1: { name: "New Ltd" } } };
  const counts = { active: 0, unclaimed: 0, cancelled: 0 };
  page.receipt(2, { outcome: "done", result: { edition: 3, counts, card } });
  assert.deepEqual(page.state.own, { edition: 3, card });
});

test("a conflict takes the current card and keeps the person's words", () => {
  const page = Page.settled();
  page.do({ type: "edit" });
  page.do({ type: "typed", fields: { title: "Mine", mail: "bo@example.org" } });
  page.do({ type: "save" });
  page.do({ type: "tell", notify: true });
  const theirs = {
    ...BO_CARD,
    titles: { k1: { name: "Theirs" } },
    organizations: { k1: { name: "New Ltd" } },
  };
  const result = { edition: 5, card: theirs };
  page.receipt(2, { outcome: "refused", reason: "conflict", text: "", result });
  const { own, draft } = page.reloaded().state;
  assert.deepEqual(own, { edition: 5, card: theirs });
  assert.equal(draft?.trouble, "changed-elsewhere");
  assert.deepEqual(draft?.fields, {
    name: "Bo Okafor",
    title: "Mine",
    organisation: "New Ltd",
    mail: "bo@example.org",
  });
  assert.deepEqual(draft?.theirs, { title: "Theirs" });
  page.take();
  page.do({ type: "save" });
  page.do({ type: "tell", notify: true });
  const [{ seq, content }] = page.take();
  assert.deepEqual([seq, content.base, content.card.titles.k1.name], [3, 5, "Mine"]);
});

test("a refused edit comes back into the form with the reason", () => {
  const page = Page.settled();
  page.do({ type: "edit" });
  page.do({ type: "typed", fields: { name: "Bo Berg" } });
  page.do({ type: "save" });
  page.do({ type: "tell", notify: false });
  page.receipt(2, { outcome: "refused", reason: "forbidden", text: "not from here" });
  const { draft } = page.state;
  const { trouble, text, fields } = draft ?? {};
  assert.deepEqual([trouble, text, fields?.name], ["refused", "not from here", "Bo Berg"]);
});

test("a newer card that arrives while the form is open does not take the words away", () => {
  const page = Page.settled();
  page.do({ type: "edit" });
  page.do({ type: "typed", fields: { title: "Mine" } });
  page.notice({ kind: "own-card", owner: ME, edition: 2, card: named("Bo Berg") });
  const { draft } = page.state;
  assert.deepEqual([draft?.fields.name, draft?.fields.title], ["Bo Berg", "Mine"]);
  assert.equal(draft?.base.edition, 2);
});

test("a nameless or unchanged card is not sent", () => {
  const page = Page.settled();
  page.do({ type: "edit" });
  page.do({ type: "typed", fields: { name: " \u0000 " } });
  page.do({ type: "save" });
  assert.deepEqual([page.state.draft?.stage, page.state.draft?.trouble], ["edit", "no-name"]);
  page.do({ type: "typed", fields: { name: "Bo Okafor" } });
  page.do({ type: "save" });
  assert.equal(page.state.draft, null);
  assert.deepEqual(page.take(), []);
});

test("what was decided offline goes out after a reload, oldest first, before the sync", () => {
  const page = Page.settled({ offers: [offer()] });
  page.do({ type: "closed" });
  page.do({ type: "answer", owner: ADA, verb: "accept" });
  page.do({ type: "edit" });
  page.do({ type: "typed", fields: { name: "Bo Berg" } });
  page.do({ type: "save" });
  page.do({ type: "tell", notify: true });
  assert.deepEqual(page.take(), []);
  const later = page.reloaded();
  later.do({ type: "connected" });
  assert.deepEqual(later.take().map((it) => [it.seq, it.kind]), [
    [2, "link"],
    [3, "card-update"],
    [0, "sync"],
  ]);
});

test("a number is never drawn twice, even when every task was receipted", () => {
  const page = Page.settled({ offers: [offer()] }).reloaded();
  page.do({ type: "answer", owner: ADA, verb: "accept" });
  assert.deepEqual(page.state.outbox.rows.map((it) => it.seq), [2]);
});

test("strange receipts change nothing", () => {
  const page = Page.settled();
  const before = page.state;
  for (const seq of [0, 99, Number.NaN]) page.receipt(seq, { outcome: "done", result: { what: 1 } });
  page.receipt(0, { outcome: "refused", reason: "forbidden", text: "" });
  page.notice({ kind: "own-card", owner: ADA, edition: 9, card: named("Not me") });
  assert.deepEqual(page.state, before);
});
