/**
 * The envelope: CloudEvents 1.0 in structured JSON.
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md)
 *
 * @typedef {import("./id.js").AccountId} AccountId
 * @typedef {import("./id.js").TerminalId} TerminalId
 * @typedef {import("./card.js").Card} Card
 *
 * @typedef {"register" | "link" | "card-update" | "check-book" | "applied" | "sync"} TaskKind
 * @typedef {{ owner: AccountId, name: string, place: string, at: string, gives: boolean, takes: boolean }} Offer gives:
 *   their card comes here; takes: the own one goes there
 * @typedef {{ active: number, unclaimed: number, cancelled: number }} Counts
 *
 * @typedef {{ note: string, tags: string[], rating: number }} Remarks the holder's own words about a contact
 * @typedef {"withdrawn" | "cancelled"} Ended
 *
 * @typedef {object} Page one page of an answer to a sync
 * @property {{ owner: AccountId, edition: number, card: Card, remarks?: Remarks }[]} cards
 * @property {AccountId[]} gone
 * @property {[AccountId, Ended][]} [ended] whose cards follow no more
 * @property {AccountId | null} next
 * @property {number} book
 * @property {Offer[]} [offers]
 * @property {{ edition: number, card: Card }} [own]
 *
 * @typedef {object} Receipt
 * @property {string} task
 * @property {"done" | "refused"} outcome
 * @property {string} [reason]
 * @property {string} [text]
 * @property {any} [result]
 *
 * @typedef {{ kind: "card" | "own-card", owner: AccountId, edition: number, card: Card, remarks?: Remarks }} CardNotice
 * @typedef {{ kind: "ended", owner: AccountId, ended: Ended }} EndNotice a card follows no more
 * @typedef {{ kind: "gone", owner: AccountId }} GoneNotice a contact was taken out
 * @typedef {{ kind: "client-offer", owner: AccountId, version: string, url: string }} ClientNotice another version of this
 *   page is ready
 * @typedef {Offer & { kind: "offer" }} OfferNotice
 * @typedef {{ kind: "summary", owner: AccountId, edition: number, counts: Counts }} SummaryNotice
 * @typedef {{ kind: "account-state", owner: AccountId, signed_in?: string, closes?: string, moves?: string,
 *   disputed: boolean }} StateNotice what its owner should know of the account
 * @typedef {CardNotice | EndNotice | GoneNotice | ClientNotice | OfferNotice | SummaryNotice | StateNotice} Notice
 * @typedef {{ receipt: Receipt } | { notice: Notice }} Down
 */

const TYPE = "org.tapcard.";

/**
 * The identity of a task: repeated tasks carry the same.
 * @param {string} epoch 16 hexadecimal digits, drawn with the store
 * @param {number} seq the row of the outbox; zero for what is never repeated
 */
export function taskId(epoch, seq) {
  return `${epoch}-${seq}`;
}

/**
 * Writes a task as the payload of its terminal's task topic.
 * @param {string} id
 * @param {TerminalId} terminal
 * @param {Date} at
 * @param {TaskKind} kind
 * @param {unknown} content
 */
export function up(id, terminal, at, kind, content) {
  return JSON.stringify({
    specversion: "1.0",
    id,
    type: `${TYPE}task.${kind}`,
    source: `tapcard/terminal/${terminal}`,
    time: at.toISOString(),
    datacontenttype: "application/json",
    data: content,
  });
}

/**
 * Reads what the cloud says.
 * @param {string} text
 * @returns {Down | null} null for everything that this version does not know
 */
export function readDown(text) {
  let event;
  try {
    event = JSON.parse(text);
  } catch {
    return null;
  }
  const content = event?.data;
  if (typeof content !== "object" || content === null) return null;
  if (event.type === `${TYPE}receipt`) return isReceipt(content) ? { receipt: content } : null;
  if (event.type === `${TYPE}notice`) return isNotice(content) ? { notice: content } : null;
  return null;
}

/**
 * @param {any} it
 * @returns {it is Receipt}
 */
function isReceipt(it) {
  return typeof it.task === "string" && (it.outcome === "done" || it.outcome === "refused");
}

/**
 * @param {any} it
 * @returns {it is Notice}
 */
function isNotice(it) {
  if (typeof it.owner !== "string") return false;
  if (it.kind === "offer") return typeof it.name === "string" && typeof it.at === "string";
  if (it.kind === "ended") return typeof it.ended === "string";
  if (it.kind === "client-offer") return typeof it.version === "string";
  if (it.kind === "gone" || it.kind === "account-state") return true;
  if (!Number.isInteger(it.edition)) return false;
  if (it.kind === "summary") return typeof it.counts === "object";
  return (it.kind === "card" || it.kind === "own-card") && isCard(it.card);
}

/**
 * @param {any} it
 * @returns {it is Page}
 */
export function isPage(it) {
  const held = (/** @type {any} */ entry) => typeof entry.owner === "string" && isCard(entry.card);
  return Array.isArray(it?.cards) && it.cards.every(held) && Array.isArray(it.gone);
}

/**
 * @param {any} it
 * @returns {it is Card}
 */
export function isCard(it) {
  return typeof it === "object" && it !== null && it["@type"] === "Card";
}
