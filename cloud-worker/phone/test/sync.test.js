import assert from "node:assert/strict";
import { test } from "node:test";

import { Page, named } from "./page.js";

/** @param {number} n */
function owner(n) {
  return String(n).padStart(13, "0");
}

/** A page with this many contacts, whose sync has just begun. */
function pageWith(n) {
  const contacts = Array.from({ length: n }, (_, at) => ({
    owner: owner(n - at),
    edition: 1,
    card: named(`N${at}`),
  }));
  const page = new Page({ contacts, registered: true, counter: 7 });
  page.do({ type: "connected" });
  return page;
}

test("a large book is asked for in ranges of 500, in order", () => {
  const page = pageWith(1_200);
  const asked = [];
  for (let at = 0; at < 3; at += 1) {
    const [{ content }] = page.take();
    asked.push([content.after, content.upto, content.have.length, content.book]);
    assert.deepEqual(content.have, [...content.have].sort());
    page.answerSync({ book: 9 });
  }
  assert.deepEqual(asked, [
    [null, owner(500), 500, 7],
    [owner(500), owner(1_000), 500, 7],
    [owner(1_000), null, 200, 7],
  ]);
  assert.deepEqual(page.take(), []);
  assert.equal(page.state.book.counter, 9);
});

test("an answer that did not fit goes on where it says", () => {
  const page = pageWith(3);
  page.take();
  page.answerSync({ next: owner(2) });
  const [{ content }] = page.take();
  assert.deepEqual([content.after, content.have], [owner(2), [[owner(3), 1]]]);
});

test("an answer that comes twice does not lead back", () => {
  const page = pageWith(3);
  page.answerSync({ next: owner(2) });
  page.take();
  page.answerSync({ next: owner(2) });
  page.answerSync({ next: owner(1) });
  assert.deepEqual(page.take(), []);
  assert.equal(page.state.sync?.after, owner(2));
});

test("a lost answer is asked for again", () => {
  const page = pageWith(3);
  page.take();
  page.pass(9_999);
  assert.deepEqual(page.take(), []);
  page.pass(1);
  assert.deepEqual(page.kinds(), ["sync"]);
});

test("an answer that comes after the end still brings its cards, and takes none away", () => {
  const page = pageWith(1);
  page.answerSync({});
  page.answerSync({ cards: [{ owner: owner(1), edition: 2, card: named("New") }], gone: [owner(1)] });
  assert.equal(page.state.book.contacts.get(owner(1))?.edition, 2);
});

test("five hundred reports go into one message, more into several", () => {
  const page = pageWith(0);
  const cards = Array.from({ length: 501 }, (_, at) => ({ owner: owner(at), edition: 1, card: named("N") }));
  page.answerSync({ cards });
  page.take();
  page.pass(1_000);
  assert.deepEqual(page.take().map((it) => it.content.length), [500, 1]);
});

test("a card that follows no more gives way to what was read", () => {
  const page = pageWith(2);
  page.take();
  const cards = [{ owner: owner(1), edition: 0, card: named("As read") }];
  page.answerSync({ cards, ended: [[owner(1), "withdrawn"], [owner(2), "cancelled"]] });
  const contacts = [...page.state.book.contacts.values()];
  assert.deepEqual(contacts, [{ owner: owner(1), edition: 0, card: named("As read") }]);
});

test("what ends or is taken out elsewhere leaves the book at once", () => {
  const page = pageWith(3);
  page.notice({ kind: "ended", owner: owner(1), ended: "withdrawn" });
  page.notice({ kind: "gone", owner: owner(2) });
  assert.deepEqual([...page.state.book.contacts.keys()], [owner(3)]);
});

test("the holder's own words stay with a contact until newer ones come", () => {
  const page = pageWith(1);
  const remarks = { note: "wants 500 units", tags: [], rating: 0 };
  page.notice({ kind: "card", owner: owner(1), edition: 1, card: named("N0"), remarks });
  page.notice({ kind: "card", owner: owner(1), edition: 2, card: named("N1") });
  const of = () => page.state.book.contacts.get(owner(1));
  assert.deepEqual([of()?.edition, of()?.remarks], [2, remarks]);
  const newer = { ...remarks, rating: 5 };
  page.notice({ kind: "card", owner: owner(1), edition: 1, card: named("old"), remarks: newer });
  assert.deepEqual([of()?.card, of()?.remarks], [named("N1"), newer]);
});
