import assert from "node:assert/strict";
import { test } from "node:test";

import * as cards from "../src/card.js";

const ADA = {
  "@type": "Card",
  version: "1.0",
  uid: "u",
  name: { components: [{ kind: "surname", value: "Lind" }, { kind: "given", value: "Ada" }] },
  titles: { k10: { name: "Mayor" }, k2: { name: "Buyer", kind: "title" } },
  phones: { k1: { number: "tel:+46701740612", features: { mobile: true } } },
  emails: { k1: { address: "ada@example.org", contexts: { work: true } } },
  "example.org:shoe": 42,
};

test("a name is put together from its parts", () => {
  assert.equal(cards.nameOf(ADA), "Ada Lind");
  assert.equal(cards.nameOf({ "@type": "Card" }), "");
  assert.equal(cards.nameOf({ "@type": "Card", name: { full: " Bo " } }), "Bo");
});

test("entries are read in the card's own order", () => {
  assert.equal(cards.titleOf(ADA), "Buyer");
  assert.deepEqual(cards.phonesOf(ADA), ["+46701740612"]);
});

test("an edit changes its field and nothing else", () => {
  const fields = { ...cards.fieldsOf(ADA), title: "Head of Buying" };
  const next = cards.withFields(ADA, fields);
  assert.deepEqual(next, {
    ...ADA,
    titles: { k10: { name: "Mayor" }, k2: { name: "Head of Buying", kind: "title" } },
  });
  assert.deepEqual(cards.withFields(ADA, cards.fieldsOf(ADA)), ADA);
});

test("a changed name drops the parts of the old one", () => {
  const next = cards.withFields(ADA, { ...cards.fieldsOf(ADA), name: "Ada Berg" });
  assert.deepEqual(next.name, { full: "Ada Berg" });
});

test("an emptied field takes its entry away, and an empty group with it", () => {
  const next = cards.withFields(ADA, { ...cards.fieldsOf(ADA), title: "", mail: "" });
  assert.deepEqual(next.titles, { k10: { name: "Mayor" } });
  assert.equal("emails" in next, false);
});

test("a first card is made from nothing", () => {
  const fields = { name: "Bo", title: "", organisation: "Ltd", mail: "bo@example.org" };
  assert.deepEqual(cards.withFields(null, fields), {
    "@type": "Card",
    version: "1.0",
    name: { full: "Bo" },
    organizations: { k1: { name: "Ltd" } },
    emails: { k1: { address: "bo@example.org" } },
  });
});

test("what no card may hold is cleaned away", () => {
  const dirty = { name: " A\u0000da\n", title: "\ud800Buyer", organisation: "😀", mail: "" };
  const clean = { name: "A da", title: "Buyer", organisation: "😀", mail: "" };
  assert.deepEqual(cards.cleaned(dirty), clean);
});

test("broken cards are shown as far as they go", () => {
  const broken = { "@type": "Card", name: "x", titles: { k1: null }, phones: [7], emails: "no" };
  assert.deepEqual(cards.fieldsOf(broken), { name: "", title: "", organisation: "", mail: "" });
  assert.deepEqual([cards.phonesOf(broken), cards.mailsOf(broken)], [[], []]);
});

test("a monogram has the first letters of the first and the last name", () => {
  const names = ["Ada Lind", "Ada", "王小明", "ada van der berg", "“Bo” (Ltd)", "", "—"];
  assert.deepEqual(names.map(cards.monogramOf), ["AL", "A", "王", "AB", "BL", "", ""]);
});

test("what there is to look at is found among the links, a logo among the pictures", () => {
  const names = ["01", "02", "03", "04"].map((it) => it.repeat(16));
  const types = ["image/gif", "image/png", "video/mp4", "application/pdf"];
  const links = Object.fromEntries(
    names.map((it, at) => [`k${at + 2}`, { uri: `tapcard:media/${it}`, mediaType: types[at], label: at ? "" : "Lift" }]),
  );
  const media = { logo: { kind: "logo", uri: `tapcard:media/${names[1]}` } };
  const card = { ...ADA, media, links: { k1: { uri: "https://halden.example/" }, ...links } };
  const kinds = cards.exhibitsOf(card).map((it) => it.kind);
  assert.deepEqual(kinds, ["animation", "picture", "film", "document"]);
  assert.deepEqual(cards.exhibitsOf(card)[0], { name: names[0], kind: "animation", label: "Lift" });
  assert.deepEqual([cards.logoOf(card), cards.portraitOf(card), cards.logoOf(ADA)], [names[1], "", ""]);
  assert.deepEqual(cards.exhibitsOf({ ...ADA, links: { k1: { uri: "tapcard:media/..", mediaType: 7 } } }), []);
});

test("a picture is one of the cloud's own store, or none", () => {
  const name = "a5".repeat(16);
  const card = (/** @type {string} */ uri, kind = "photo") => ({ ...ADA, media: { k1: { kind, uri } } });
  assert.equal(cards.portraitOf(card(`tapcard:media/${name}`)), name);
  assert.equal(cards.portraitOf(card(`tapcard:media/${name}`, "logo")), "");
  for (const uri of ["https://evil.example/x.png", `tapcard:media/../${name}`, "tapcard:media/", "javascript:1"]) {
    assert.equal(cards.portraitOf(card(uri)), "", uri);
  }
});
