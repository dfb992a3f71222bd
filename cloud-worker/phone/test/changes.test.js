import assert from "node:assert/strict";
import { test } from "node:test";

import { changes } from "../src/changes.js";
import { ADA, BO_CARD, CY, ME, named, offer, Page } from "./page.js";

test("only what changed is written", () => {
  const page = Page.settled({ offers: [offer()], cards: [{ owner: CY, edition: 1, card: named("Cy") }] });
  const before = page.state;
  page.notice({ kind: "card", owner: ADA, edition: 1, card: named("Ada") });
  page.do({ type: "answer", owner: ADA, verb: "accept" });
  assert.deepEqual(changes(before, page.state), {
    contacts: [{ owner: ADA, edition: 1, card: named("Ada") }],
    gone: [],
    rows: [{ seq: 2, kind: "link", content: { owner: ADA, verb: "accept", gives: true, takes: true } }],
    settled: [],
    facts: [["next", 3]],
  });
});

test("a receipted task and a gone contact are taken out", () => {
  const page = Page.settled({ offers: [offer()], cards: [{ owner: CY, edition: 1, card: named("Cy") }] });
  page.do({ type: "answer", owner: ADA, verb: "decline" });
  page.do({ type: "connected" });
  const before = page.state;
  page.receipt(2, { outcome: "done", result: { owner: ADA, state: "none" } });
  page.answerSync({ gone: [CY] });
  const { contacts, gone, rows, settled } = changes(before, page.state) ?? {};
  assert.deepEqual([contacts, gone, rows, settled], [[], [CY], [], [2]]);
});

test("what a connection does alone is not written", () => {
  const page = Page.settled();
  const before = page.state;
  page.do({ type: "closed" });
  page.do({ type: "connected" });
  page.pass(10_000);
  assert.equal(changes(before, page.state), null);
});

test("a reload brings everything back", () => {
  const page = Page.settled({ cards: [{ owner: CY, edition: 1, card: named("Cy") }] });
  page.do({ type: "edit" });
  page.do({ type: "typed", fields: { title: "Half a wo" } });
  const { state } = page.reloaded();
  assert.equal(state.draft?.fields.title, "Half a wo");
  assert.deepEqual(state.own, { edition: 1, card: BO_CARD });
  assert.deepEqual([...state.book.contacts.keys()], [CY]);
  assert.equal(state.account, ME);
});
