/**
 * The address book: the newest card of each contact, and the offers that wait for an answer.
 * An older edition never replaces a newer one.
 *
 * @typedef {import("./id.js").AccountId} AccountId
 * @typedef {import("./card.js").Card} Card
 * @typedef {import("./event.js").Offer} Offer
 *
 * @typedef {import("./event.js").Remarks} Remarks
 *
 * @typedef {{ owner: AccountId, edition: number, card: Card, remarks?: Remarks }} Contact edition zero: as somebody
 *   read it
 * @typedef {Offer & { heard: number }} HeardOffer `heard`: when, in ms of the page's clock
 *
 * @typedef {object} Book
 * @property {number} counter the cloud's count of changes, as of the last whole sync
 * @property {ReadonlyMap<AccountId, Contact>} contacts
 * @property {readonly HeardOffer[]} offers in the order they came
 */

/** @type {Book} */
export const EMPTY = { counter: 0, contacts: new Map(), offers: [] };

/**
 * Takes cards in.
 * @param {Book} book
 * @param {readonly Contact[]} cards
 * @returns {{ book: Book, stored: AccountId[], changed: AccountId[] }} `stored`: whose card stands in the
 *   book in just this edition now; `changed`: whose earlier card it replaced
 */
export function put(book, cards) {
  const contacts = new Map(book.contacts);
  const stored = [];
  const changed = [];
  for (const { owner, edition, card, ...more } of cards) {
    const held = contacts.get(owner);
    const remarks = more.remarks ?? held?.remarks;
    if (held && held.edition > edition) {
      if (!same(remarks, held.remarks)) contacts.set(owner, { ...held, remarks });
      continue;
    }
    stored.push(owner);
    const isKnown = held && same(held.card, card);
    if (isKnown && held.edition === edition && same(remarks, held.remarks)) continue;
    if (held && !isKnown) changed.push(owner);
    contacts.set(owner, remarks ? { owner, edition, card, remarks } : { owner, edition, card });
  }
  return { book: { ...book, contacts }, stored, changed };
}

/**
 * Takes contacts out that the cloud says are gone.
 * @param {Book} book
 * @param {readonly AccountId[]} owners
 * @returns {Book}
 */
export function drop(book, owners) {
  if (!owners.some((it) => book.contacts.has(it))) return book;
  const contacts = new Map(book.contacts);
  for (const owner of owners) contacts.delete(owner);
  return { ...book, contacts };
}

/**
 * An offer was heard; one of the same owner replaces the earlier one in its place.
 * @param {Book} book
 * @param {Offer} offer
 * @param {number} now
 * @returns {Book}
 */
export function offered(book, offer, now) {
  const { owner, name, place, at, gives, takes } = offer;
  const heard = { owner, name, place, at, gives, takes, heard: now };
  const known = book.offers.some((it) => it.owner === owner);
  const offers = known
    ? book.offers.map((it) => (it.owner === owner ? heard : it))
    : [...book.offers, heard];
  return { ...book, offers };
}

/**
 * The cloud's list of open offers, asked for at `asked`: what is not on it and was not heard since is gone.
 * @param {Book} book
 * @param {readonly Offer[]} offers
 * @param {number} asked
 * @param {number} now
 * @returns {Book}
 */
export function onlyOffers(book, offers, asked, now) {
  const open = new Set(offers.map((it) => it.owner));
  const kept = book.offers.filter((it) => open.has(it.owner) || it.heard >= asked);
  /** @type {Book} */
  let next = { ...book, offers: kept };
  for (const it of offers) next = offered(next, it, now);
  return next;
}

/**
 * @param {Book} book
 * @param {AccountId} owner
 * @returns {Book}
 */
export function withoutOffer(book, owner) {
  return { ...book, offers: book.offers.filter((it) => it.owner !== owner) };
}

/**
 * Whether two cards say the same, whatever the order of their fields.
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean}
 */
export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  const [left, right] = [Object.entries(a), /** @type {Record<string, unknown>} */ (b)];
  if (left.length !== Object.keys(right).length) return false;
  return left.every(([key, it]) => key in right && same(it, right[key]));
}
