import assert from "node:assert/strict";
import { test } from "node:test";

import { ended, NEW, opened, refusal, waitFor } from "../src/reconnect.js";
import { givesWay } from "../src/tabs.js";

test("tries come after 1 s, then twice as late each time, at most every minute", () => {
  let history = NEW;
  const waits = [];
  for (let at = 0; at < 8; at += 1) {
    history = ended(history, at).history;
    waits.push(waitFor(history, 1) / 1000);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
  assert.equal(waitFor(history, 0), 30_000);
});

test("a connection that lasted starts the waits anew", () => {
  let history = NEW;
  for (let at = 0; at < 5; at += 1) history = ended(history, at).history;
  history = ended(opened(history, 10_000), 60_000).history;
  assert.equal(waitFor(history, 1), 1_000);
});

test("of two pages of one terminal the older gives way", () => {
  // The older page has been connected for long when the newer one comes.
  const closed = ended(opened(NEW, 0), 100_000);
  assert.equal(closed.elsewhere, false);
  // It comes back, which closes the newer one for the first time; that one comes back as well.
  const newer = ended(opened(NEW, 100_000), 101_000);
  assert.equal(newer.elsewhere, false);
  assert.equal(ended(opened(closed.history, 101_000), 102_000).elsewhere, true);
});

test("a broker that restarts now and then is no other page", () => {
  let history = NEW;
  const lives = [
    [0, 60_000],
    [62_000, 90_000],
    [91_000, 200_000],
    [202_000, 210_000],
    [260_000, 262_000],
  ];
  for (const [from, to] of lives) {
    const end = ended(opened(history, from), to);
    assert.equal(end.elsewhere, false);
    history = end.history;
  }
});

test("a refused login ends the tries, and the phone's clock chooses only the words", () => {
  assert.equal(refusal(4, true), "ended");
  assert.equal(refusal(4, false), "refused");
  assert.equal(refusal(5, false), "refused");
  assert.equal(refusal(2, false), "refused");
  assert.equal(refusal(3, true), null);
});

test("of two tabs exactly one gives way", () => {
  const tabs = [{ at: 1, draw: 0.5 }, { at: 2, draw: 0.1 }, { at: 2, draw: 0.9 }];
  for (const a of tabs) {
    for (const b of tabs) assert.equal(givesWay(a, b), a !== b && !givesWay(b, a));
  }
});
