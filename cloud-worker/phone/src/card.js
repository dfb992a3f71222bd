/**
 * A business card as JSContact (RFC 9553): what the page shows of it, and the fields that a person may
 * change here. Everything else on a card is carried along untouched.
 *
 * @typedef {Record<string, any>} Card
 * @typedef {{ name: string, title: string, organisation: string, mail: string }} Fields
 */

/** The fields in the order of the form. */
export const FIELDS = /** @type {const} */ (["name", "title", "organisation", "mail"]);

/** Most characters of one field. */
export const MAX_FIELD = 200;

/**
 * The name as shown, put together from its parts when no full name is given (RFC 9553 §2.2.1).
 * @param {Card} card
 */
export function nameOf(card) {
  const full = text(card.name?.full).trim();
  if (full) return full;
  /** @type {any[]} */
  const parts = Array.isArray(card.name?.components) ? card.name.components : [];
  return ["title", "given", "given2", "surname", "surname2", "generation"]
    .flatMap((kind) => parts.filter((it) => it?.kind === kind).map((it) => text(it.value)))
    .filter(Boolean)
    .join(" ");
}

/** @param {Card} card */
export function titleOf(card) {
  return first(card, "titles", "name");
}

/** @param {Card} card */
export function organisationOf(card) {
  return first(card, "organizations", "name");
}

/**
 * Every phone number in the card's order, as written.
 * @param {Card} card
 */
export function phonesOf(card) {
  const numbers = entries(card, "phones").map(([, it]) => text(it.number).replace(/^tel:/, ""));
  return numbers.filter(Boolean);
}

/**
 * Every mail address in the card's order.
 * @param {Card} card
 */
export function mailsOf(card) {
  return entries(card, "emails").map(([, it]) => text(it.address)).filter(Boolean);
}

/**
 * The name of the owner's picture in the cloud's store; empty if there is none.
 * @param {Card} card
 */
export function portraitOf(card) {
  return pictureOf(card, "photo");
}

/**
 * The name of the company's sign in the cloud's store; empty if there is none.
 * @param {Card} card
 */
export function logoOf(card) {
  return pictureOf(card, "logo");
}

/**
 * What there is to look at on a card besides its face.
 *
 * @typedef {object} Exhibit
 * @property {string} name in the cloud's store
 * @property {"picture" | "animation" | "film" | "document"} kind
 * @property {string} label what its owner calls it, or empty
 *
 * @param {Card} card
 * @returns {Exhibit[]}
 */
export function exhibitsOf(card) {
  return entries(card, "links")
    .map(([, it]) => ({ name: storedName(it), kind: kindOf(text(it.mediaType)), label: text(it.label) }))
    .filter((it) => it.name);
}

/**
 * @param {string} mediaType
 * @returns {Exhibit["kind"]}
 */
function kindOf(mediaType) {
  if (mediaType === "image/gif") return "animation";
  if (mediaType.startsWith("image/")) return "picture";
  return mediaType.startsWith("video/") ? "film" : "document";
}

/**
 * @param {Card} card
 * @param {string} kind RFC 9553 §2.6.4
 */
function pictureOf(card, kind) {
  return entries(card, "media").filter(([, it]) => it.kind === kind).map(([, it]) => storedName(it)).find(Boolean) ?? "";
}

/** @param {any} entry */
function storedName(entry) {
  return /^tapcard:media\/([0-9a-f]{32})$/.exec(text(entry.uri))?.[1] ?? "";
}

/**
 * What the form shows of a card.
 * @param {Card | null} card
 * @returns {Fields}
 */
export function fieldsOf(card) {
  if (!card) return { name: "", title: "", organisation: "", mail: "" };
  return {
    name: nameOf(card),
    title: titleOf(card),
    organisation: organisationOf(card),
    mail: first(card, "emails", "address"),
  };
}

/**
 * The card with these fields; what did not change stays as it was, with its parts and marks.
 * @param {Card | null} card
 * @param {Fields} fields
 * @returns {Card}
 */
export function withFields(card, fields) {
  const was = fieldsOf(card);
  /** @type {Card} */
  const next = structuredClone(card ?? { "@type": "Card", version: "1.0" });
  // The parts of the old name are dropped, since nobody can tell which of them changed.
  if (fields.name !== was.name) next.name = { full: fields.name };
  if (fields.title !== was.title) setFirst(next, "titles", "name", fields.title);
  if (fields.organisation !== was.organisation) {
    setFirst(next, "organizations", "name", fields.organisation);
  }
  if (fields.mail !== was.mail) setFirst(next, "emails", "address", fields.mail);
  return next;
}

/**
 * What a person typed, without what no card may hold: control characters and halves of characters.
 * @param {Fields} fields
 * @returns {Fields}
 */
export function cleaned(fields) {
  const clean = (/** @type {string} */ it) =>
    it.replaceAll(/\p{Cc}+/gu, " ").replaceAll(/\p{Cs}/gu, "").trim();
  return {
    name: clean(fields.name),
    title: clean(fields.title),
    organisation: clean(fields.organisation),
    mail: clean(fields.mail),
  };
}

/**
 * The letters of a monogram: of the first and the last word; of a Chinese name the family name.
 * @param {string} name
 */
export function monogramOf(name) {
  const words = name.split(/\s+/u).filter((it) => /[\p{L}\p{N}]/u.test(it));
  const letter = (/** @type {string} */ word) => [...word.replace(/^[^\p{L}\p{N}]+/u, "")][0];
  if (words.length === 0) return "";
  if (/^\p{Script=Han}/u.test(words[0])) return letter(words[0]);
  const letters = words.length === 1 ? [words[0]] : [words[0], words[words.length - 1]];
  return letters.map(letter).join("").toUpperCase();
}

/**
 * @param {Card} card
 * @param {string} group
 * @returns {[string, any][]}
 */
function entries(card, group) {
  const all = Object.entries(card[group] ?? {}).filter(([, it]) => it && typeof it === "object");
  // Converted cards number their entries k1, k2, … k10.
  return all.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
}

/**
 * @param {Card} card
 * @param {string} group
 * @param {string} field
 */
function first(card, group, field) {
  return entries(card, group).map(([, it]) => text(it[field])).find(Boolean) ?? "";
}

/**
 * Replaces the first entry's text; an empty one takes the entry away.
 * @param {Card} card
 * @param {string} group
 * @param {string} field
 * @param {string} value
 */
function setFirst(card, group, field, value) {
  const all = entries(card, group);
  const key = (all.find(([, it]) => text(it[field])) ?? all[0])?.[0] ?? "k1";
  if (value) {
    card[group] = { ...card[group], [key]: { ...card[group]?.[key], [field]: value } };
    return;
  }
  delete card[group][key];
  if (Object.keys(card[group]).length === 0) delete card[group];
}

/** @param {unknown} it */
function text(it) {
  return typeof it === "string" ? it : "";
}
