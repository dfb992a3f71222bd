import assert from "node:assert/strict";
import { test } from "node:test";

import { consequence, failure, met, told } from "../src/words.js";

const AT = new Date(2026, 4, 3, 14, 5);
const OFFER = { owner: "00000000000ad", name: "Ada Lind", place: "Hall 4, B12", at: AT.toISOString(), gives: true, takes: true };

/** @param {string} text */
function plain(text) {
  return text.replaceAll(/[\u00a0\u202f]/g, " ");
}

test("an offer says who, where and when", () => {
  assert.equal(plain(met(OFFER, new Date(2026, 4, 3, 18))), "Ada Lind, at Hall 4, B12, 14:05");
  assert.match(plain(met(OFFER, new Date(2026, 4, 4, 9))), /^Ada Lind, at Hall 4, B12, 3 May.* 14:05$/);
  assert.equal(met({ ...OFFER, name: "", place: "", at: "no time" }, AT), "Somebody");
});

test("an offer says what a yes does, one way and both", () => {
  assert.match(consequence(OFFER), /you follow each other’s card/);
  assert.match(consequence({ ...OFFER, takes: false }), /Yours stays with you/);
  assert.match(consequence({ ...OFFER, gives: false }), /Ada Lind follows your card. You get none/);
});

test("counts are told in words", () => {
  assert.equal(told({ active: 1, unclaimed: 0, cancelled: 0 }), "On its way to 1 person.");
  assert.equal(
    told({ active: 3, unclaimed: 1, cancelled: 1 }),
    "On its way to 3 people. 2 people can’t be told.",
  );
  assert.equal(told({ active: 0, unclaimed: 0, cancelled: 0 }), "Nobody to tell yet.");
});

test("a refused answer says whose offer it was", () => {
  const it = { seq: 2, kind: /** @type {const} */ ("link"), name: "Ada", text: "nobody offers that" };
  assert.equal(failure(it), "Your answer to Ada did not count: nobody offers that.");
});
