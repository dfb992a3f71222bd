/**
 * The own card while a person edits it: the form's text, and the edition it began with.
 * A change that comes from another door meanwhile is taken in, and the person's words are kept.
 *
 * @typedef {import("./card.js").Fields} Fields
 * @typedef {{ edition: number, card: import("./card.js").Card | null }} Own edition zero: none yet
 * @typedef {"no-name" | "changed-elsewhere" | "refused"} Trouble
 *
 * @typedef {object} Draft
 * @property {"edit" | "ask"} stage writing, or the question whether to tell everyone
 * @property {Own} base
 * @property {Fields} fields as the person wrote them
 * @property {Trouble | null} trouble
 * @property {string} text why it was refused
 * @property {Partial<Fields>} theirs what the card says now where the person's words differ
 */

import { cleaned, FIELDS, fieldsOf, withFields } from "./card.js";

/**
 * @param {Own} own
 * @returns {Draft}
 */
export function open(own) {
  const fields = fieldsOf(own.card);
  return { stage: "edit", base: own, fields, trouble: null, text: "", theirs: {} };
}

/**
 * @param {Draft} draft
 * @param {Partial<Fields>} fields
 * @returns {Draft}
 */
export function typed(draft, fields) {
  return { ...draft, fields: { ...draft.fields, ...fields } };
}

/**
 * The person is ready.
 * @param {Draft} draft
 * @returns {Draft | null} null when nothing was changed
 */
export function saved(draft) {
  const fields = cleaned(draft.fields);
  if (!fields.name) return { ...draft, stage: "edit", trouble: "no-name" };
  const was = fieldsOf(draft.base.card);
  if (FIELDS.every((it) => fields[it] === was[it])) return null;
  return { ...draft, stage: "ask", fields, trouble: null, theirs: {} };
}

/**
 * What a finished draft asks of the cloud.
 * @param {Draft} draft
 * @param {boolean} notify
 */
export function task(draft, notify) {
  const { base, fields } = draft;
  return { base: base.edition, card: withFields(base.card, fields), notify };
}

/**
 * The same words on a newer card: where the person changed nothing, the newer card counts.
 * @param {Fields} was what the person began with
 * @param {Fields} mine
 * @param {Own} own the newer card
 * @returns {Draft | null} null when the newer card already says all of it
 */
export function onto(was, mine, own) {
  const now = fieldsOf(own.card);
  const fields = { ...now };
  /** @type {Partial<Fields>} */
  const theirs = {};
  for (const it of FIELDS) {
    if (mine[it] === was[it] || mine[it] === now[it]) continue;
    fields[it] = mine[it];
    if (now[it] !== was[it]) theirs[it] = now[it];
  }
  if (FIELDS.every((it) => fields[it] === now[it])) return null;
  return { stage: "edit", base: own, fields, trouble: "changed-elsewhere", text: "", theirs };
}

/**
 * The form is open and a newer card arrived.
 * @param {Draft} draft
 * @param {Own} own
 * @returns {Draft}
 */
export function rebased(draft, own) {
  const was = fieldsOf(draft.base.card);
  const next = onto(was, draft.fields, own);
  // The person is still writing: an untouched form stays open, with the newer card in it.
  return next ?? { ...open(own), trouble: "changed-elsewhere" };
}
