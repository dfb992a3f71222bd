import assert from "node:assert/strict";
import { test } from "node:test";

import { add, deadline, due, EMPTY, MAX_IN_FLIGHT, receipted, settle, unsent } from "../src/outbox.js";

/** @param {number} n */
function filled(n) {
  let outbox = EMPTY;
  for (let at = 0; at < n; at += 1) outbox = add(outbox, "link", at);
  return outbox;
}

test("a task is repeated after 10 s, then twice as late each time, at most every 5 min", () => {
  let outbox = filled(1);
  let now = 0;
  const gaps = [];
  for (let at = 0; at < 8; at += 1) {
    const sent = due(outbox, now);
    assert.equal(sent.rows.length, 1);
    outbox = sent.outbox;
    const next = deadline(outbox, now) ?? 0;
    assert.deepEqual(due(outbox, next - 1).rows, []);
    gaps.push((next - now) / 1000);
    now = next;
  }
  assert.deepEqual(gaps, [10, 20, 40, 80, 160, 300, 300, 300]);
});

test("a new connection carries everything again, oldest first", () => {
  const first = due(filled(3), 0);
  assert.deepEqual(due(first.outbox, 1).rows, []);
  const again = due(unsent(first.outbox), 1);
  assert.deepEqual(again.rows.map((it) => it.seq), [1, 2, 3]);
});

test("no more than 32 tasks are on the way at once", () => {
  const first = due(filled(40), 0);
  assert.equal(first.rows.length, MAX_IN_FLIGHT);
  const { outbox, row } = settle(first.outbox, 1);
  assert.equal(row?.seq, 1);
  assert.deepEqual(due(outbox, 1).rows.map((it) => it.seq), [33]);
});

test("a receipt that comes twice is nothing", () => {
  const { outbox } = settle(filled(2), 1);
  assert.deepEqual(settle(outbox, 1), { outbox, row: undefined });
  assert.deepEqual(outbox.rows.map((it) => it.seq), [2]);
});

test("an empty outbox waits for nothing", () => {
  assert.equal(deadline(EMPTY, 0), null);
});

test("everything before the oldest row that waits has its receipt", () => {
  assert.equal(receipted(EMPTY), 0);
  const second = settle(filled(3), 2).outbox;
  assert.equal(receipted(second), 0);
  const both = settle(second, 1).outbox;
  assert.equal(receipted(both), 2);
  assert.equal(receipted(settle(both, 3).outbox), 3);
});
