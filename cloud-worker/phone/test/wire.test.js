import assert from "node:assert/strict";
import { test } from "node:test";

import { readDown, taskId, up } from "../src/event.js";
import { accountId, lowBits, terminalId } from "../src/id.js";
import { claimsOf, tokenOf } from "../src/token.js";
import * as topic from "../src/topic.js";

const TERMINAL = terminalId("000000000002Y");

/** @param {object} claims */
function token(claims) {
  const part = (/** @type {object} */ it) => Buffer.from(JSON.stringify(it)).toString("base64url");
  return `${part({ alg: "EdDSA", kid: "web" })}.${part(claims)}.c2lnbmF0dXJl`;
}

test("ids are read in any case, and nothing else is an id", () => {
  assert.equal(TERMINAL, "000000000002y");
  assert.equal(accountId("ooooooooooIL1"), "0000000000111");
  for (const it of ["", "7zzzzzzzzzzz", "8000000000000", "000000000000u", 7, null]) {
    assert.equal(accountId(it), null, String(it));
  }
  assert.equal(lowBits(terminalId("000000000001z"), 3), 7);
});

test("topics are spelled as the contract says", () => {
  assert.equal(topic.task(TERMINAL), "tapcard/v1/task/14/000000000002y");
  assert.equal(topic.terminal(TERMINAL), "tapcard/v1/terminal/000000000002y");
  assert.equal(topic.notice(accountId("0000000000007")), "tapcard/v1/notice/0000000000007");
  assert.equal(topic.state(TERMINAL), "tapcard/v1/state/000000000002y");
});

test("a task is a CloudEvent", () => {
  const content = { owner: "0000000000009", verb: "accept" };
  const at = new Date("2026-11-22T09:30:00Z");
  assert.deepEqual(JSON.parse(up(taskId("0123456789abcdef", 7), TERMINAL, at, "link", content)), {
    data: { owner: "0000000000009", verb: "accept" },
    datacontenttype: "application/json",
    id: "0123456789abcdef-7",
    source: "tapcard/terminal/000000000002y",
    specversion: "1.0",
    time: "2026-11-22T09:30:00.000Z",
    type: "org.tapcard.task.link",
  });
});

test("a receipt and a notice are read", () => {
  const receipt = `{"data":{"outcome":"done",
    "result":{"owner":"0000000000009","state":"offered"},"task":"0123456789abcdef-7"},
    "datacontenttype":"application/json","id":"0123456789abcdef-7","source":"tapcard/worker",
    "specversion":"1.0","time":"2026-11-22T09:30:00Z","type":"org.tapcard.receipt"}`;
  assert.deepEqual(readDown(receipt), {
    receipt: {
      outcome: "done",
      result: { owner: "0000000000009", state: "offered" },
      task: "0123456789abcdef-7",
    },
  });
  const card = { kind: "card", owner: "0000000000009", edition: 2, card: { "@type": "Card" } };
  const notice = JSON.stringify({ type: "org.tapcard.notice", data: card });
  assert.deepEqual(readDown(notice), { notice: card });
});

test("what this version does not know is passed over", () => {
  const event = (/** @type {unknown} */ data, type = "org.tapcard.notice") =>
    JSON.stringify({ type, data });
  for (const text of [
    "",
    "[]",
    "null",
    event(null),
    event({ kind: "wipe", owner: "0000000000009" }),
    event({ kind: "card", owner: "0000000000009", edition: 2 }),
    event({ kind: "card", owner: "0000000000009", edition: "2", card: { "@type": "Card" } }),
    event({ outcome: "maybe", task: "0123456789abcdef-7" }, "org.tapcard.receipt"),
    event({ outcome: "done" }, "org.tapcard.receipt"),
    event({}, "org.tapcard.other"),
  ]) {
    assert.equal(readDown(text), null, text);
  }
});

test("a token is found in the address and its claims are read", () => {
  const claims = { sub: "0000000000007", cid: "000000000002y", exp: 1_800_000_000, kind: "phone" };
  const jwt = token(claims);
  assert.equal(tokenOf(`#token=${jwt}`), jwt);
  assert.equal(tokenOf("#other"), null);
  const read = { account: "0000000000007", terminal: "000000000002y", exp: 1_800_000_000 };
  assert.deepEqual(claimsOf(jwt), read);
  assert.equal(claimsOf(token({ ...claims, kind: "kiosk" })), null);
  assert.equal(claimsOf(token({ ...claims, sub: "worker" })), null);
  for (const it of ["", "a.b.c", "a.b", `${jwt}.x`]) assert.equal(claimsOf(it), null, it);
});
