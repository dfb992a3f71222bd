/** The page as it mostly is: what is offered, my card, my contacts. */

import { dayAndTime, failure, words } from "../words.js";
import { contacts } from "./contacts.js";
import { button, el, fill, icon } from "./dom.js";
import { mine } from "./mine.js";
import { offers } from "./offers.js";

const CLOUD_OFF =
  "M4 4l16 16M9.6 6.2A6 6 0 0 1 17.4 10a4.3 4.3 0 0 1 3.2 6.6M17 18.5H7.5A4.6 4.6 0 0 1 6.6 9.4";
const ALERT = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M12 7.5v5M12 16v.5";

/** @typedef {{ key: string, text: string, seq?: number, door?: string, press?: () => void }} Note door: where something can be
 *   done about it; press: what does it */

/**
 * @param {import("../view.js").Act} act
 * @returns {import("../view.js").Screen}
 */
export function home(act) {
  const notes = el("div", { class: "notes", role: "status" });
  const parts = [offers(act), mine(act), contacts(act)];
  const footer = el("p", { class: "footer" }, words.footer);
  const element = el("div", { class: "home" }, notes, ...parts.map((it) => it.element), footer);

  /** @param {Note} it */
  const note = ({ key, text, seq, door, press }) => {
    const picture = icon(key === "offline" ? CLOUD_OFF : ALERT);
    const line = el("div", { class: "note" }, picture, el("span", {}, text));
    if (seq !== undefined) line.append(button(words.ok, () => act({ type: "seen", seq }), "small"));
    if (door) line.append(el("a", { class: "button small", href: door }, words.look));
    if (press) line.append(button(words.load, press, "small"));
    return line;
  };

  return {
    element,
    update(state) {
      fill(notes, notesOf(state), (it) => it.key, (a, b) => a.text === b.text, note);
      for (const it of parts) it.update(state);
      footer.hidden = !state.storing;
    },
  };
}

/**
 * @param {import("../view.js").State} state
 * @returns {Note[]}
 */
function notesOf(state) {
  /** @type {Note[]} */
  const notes = state.failures.map((it) => ({ key: `${it.seq}`, text: failure(it), seq: it.seq }));
  notes.unshift(...aheadOf(state));
  if (state.newer) notes.push({ key: "newer", text: words.newer, press: () => location.reload() });
  if (!state.storing) notes.unshift({ key: "unstored", text: words.unstored });
  if (state.link === "offline") notes.unshift({ key: "offline", text: words.offlineNote });
  return notes;
}

/**
 * What its owner should know of the account.
 * @param {import("../view.js").State} state
 * @returns {Note[]}
 */
function aheadOf({ ahead }) {
  /** @type {Note[]} */
  const notes = [];
  const door = "/account";
  if (ahead?.closes) notes.push({ key: "closes", text: words.closes(dayAndTime(ahead.closes)), door });
  if (ahead?.moves) notes.push({ key: "moves", text: words.moves(dayAndTime(ahead.moves)), door });
  if (ahead?.disputed) notes.push({ key: "disputed", text: words.disputed, door });
  if (ahead?.signed_in) notes.push({ key: "signed-in", text: words.signedIn(dayAndTime(ahead.signed_in)), door });
  return notes;
}
