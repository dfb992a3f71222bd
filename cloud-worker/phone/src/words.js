/** Every word that the page shows. */

/** @typedef {import("./event.js").Offer} Offer */
/** @typedef {import("./event.js").Counts} Counts */

export const LOCALE = "en-GB";

export const words = {
  contacts: "My contacts",
  card: "My card",
  offers: "Offers",
  connecting: "Connecting",
  online: "Online",
  offline: "Offline",
  offlineNote: "You’re offline. Nothing is lost.",
  unstored: "This browser can’t keep anything. Leave this page open.",

  signedIn: (/** @type {string} */ at) => `A browser signed in to your account on ${at}.`,
  closes: (/** @type {string} */ at) => `Your account closes on ${at}.`,
  moves: (/** @type {string} */ at) => `Your account gets another number on ${at}.`,
  disputed: "Your number may be another person’s by now.",
  look: "Look",

  swap: "Swap cards?",
  accept: "Accept",
  decline: "No thanks",
  somebody: "Somebody",
  more: (/** @type {number} */ it) => (it === 1 ? "1 more after this one." : `${it} more after this one.`),

  edition: (/** @type {number} */ it) => `Edition ${it}`,
  fetchingCard: "Fetching your card",
  fetchingContacts: "Fetching your contacts",
  fetchingLater: "You’ll see it here once you’re online.",
  noCard: "You have no card yet",
  noCardHow: "Write one, and you can give it to others.",
  makeCard: "Write my card",
  edit: "Edit my card",
  unsent: "Not sent yet. It goes out when this page is open and you’re online.",
  unconfirmed: "On its way. Not confirmed yet.",

  noContacts: "No cards yet",
  noContactsHow: "The first card you accept will appear here.",
  updated: "Updated",
  withdrawn: "Follows no more",
  closed: "Account closed",
  check: "Check",
  load: "Load it",
  newer: "A newer version of this page is ready.",
  noName: "No name",
  pictureOf: (/** @type {string} */ name) => `Picture of ${name}`,
  logo: "Logo",
  exhibit: { picture: "Picture", animation: "Animation", film: "Film", document: "Document" },
  show: (/** @type {string} */ title) => `Show: ${title}`,
  notNow: "It can’t be fetched now. Please try again later.",
  acceptedOnline: "Accepted. Not confirmed yet.",
  acceptedOffline: "Accepted. It goes out when this page is open and you’re online.",
  coming: "Accepted. The card is on its way.",

  yourCard: "Your card",
  name: "Name",
  title: "Job title",
  organisation: "Organisation",
  mail: "Mail",
  titleHow: "People see this under your name.",
  mailHow: "You can leave this empty.",
  phonesStay: "Your phone numbers stay as they are.",
  cancel: "Cancel",
  save: "Save",
  noNameYet: "Your name is missing.",
  changedElsewhere: "Your card was changed elsewhere meanwhile. Your words are still here.",
  theirs: (/** @type {string} */ it) => (it ? `Your card now says “${it}”.` : "Empty on your card now."),
  refused: (/** @type {string} */ why) => `Not saved${because(why)}. Your words are still here.`,

  tell: "Tell everyone who has it?",
  tellHow: "Your card is saved either way. Say yes, and those who follow it are told now.",
  tellYes: "Tell everyone",
  tellNo: "Not now",
  back: "Back to the form",

  ok: "OK",
  footer: "Your contacts are kept in your account and on this phone.",
};

/** The pages that end everything: title, sentence, and the one button's word. */
export const stops = {
  elsewhere: {
    title: "Open elsewhere",
    text: "This card is open in another tab or on another device.",
    button: "Use it here",
  },
  ended: {
    title: "This link has ended",
    text: "Ask for a new link. Nothing is lost.",
    button: "",
  },
  refused: {
    title: "This link doesn’t work",
    text: "Ask for a new link.",
    button: "",
  },
  missing: {
    title: "No link",
    text: "Open this page with the link that you were given.",
    button: "",
  },
};

/**
 * Who offers, and where and when they met.
 * @param {Offer} offer
 * @param {Date} now
 */
export function met(offer, now) {
  const place = offer.place ? `at ${offer.place}` : "";
  return [offer.name || words.somebody, place, moment(offer.at, now)].filter(Boolean).join(", ");
}

/** @param {Offer} offer */
export function consequence(offer) {
  const name = offer.name || words.somebody;
  const no = `Say no, and ${name} is not told.`;
  if (offer.gives && offer.takes) return `Say yes, and you follow each other’s card. ${no}`;
  return offer.gives
    ? `Say yes, and you follow ${name}’s card. Yours stays with you. ${no}`
    : `Say yes, and ${name} follows your card. You get none. ${no}`;
}

/** @param {Counts} counts */
export function told({ active, unclaimed, cancelled }) {
  const away = unclaimed + cancelled;
  const going = active === 0 ? "Nobody to tell yet" : `On its way to ${people(active)}`;
  return away === 0 ? `${going}.` : `${going}. ${people(away)} can’t be told.`;
}

/**
 * What a check of the address book says.
 * @param {import("./session.js").Checked} it
 * @param {number} ended how many cards follow no more
 */
export function checked({ counts, following }, ended) {
  const away = counts.unclaimed + counts.cancelled;
  const have = `${people(counts.active)} ${counts.active === 1 ? "has" : "have"} your card`;
  const gone = away === 0 ? "" : `, and ${people(away)} can’t be told of changes`;
  const follows = `${cards(following)} here ${following === 1 ? "stays" : "stay"} up to date`;
  const stale = ended === 0 ? "" : `, ${ended} ${ended === 1 ? "does" : "do"} no more`;
  return `${have}${gone}. ${follows}${stale}.`;
}

/** @param {import("./session.js").Failure} failure */
export function failure({ kind, name, text }) {
  if (kind === "check-book") return `Your address book could not be checked${because(text)}.`;
  if (kind === "register") return `This phone was not let in${because(text)}.`;
  return `Your answer to ${name || words.somebody} did not count${because(text)}.`;
}

/**
 * @param {string} at
 * @param {Date} now
 */
function moment(at, now) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const today = date.toDateString() === now.toDateString();
  const day = /** @type {const} */ ({ day: "numeric", month: "long" });
  const time = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit" });
  const text = new Intl.DateTimeFormat(LOCALE, today ? time : { ...day, ...time }).format(date);
  return text.replaceAll(" ", "\u00a0");
}

/** @param {number} n */
function people(n) {
  return n === 1 ? "1 person" : `${n} people`;
}

/** @param {number} n */
function cards(n) {
  return n === 1 ? "1 card" : `${n} cards`;
}

/** @param {string} why */
function because(why) {
  return why ? `: ${why}` : "";
}

/**
 * A day and a time, where the phone is.
 * @param {string} at as the cloud writes it
 */
export function dayAndTime(at) {
  const form = /** @type {const} */ ({ day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  return new Intl.DateTimeFormat(LOCALE, form).format(new Date(at));
}
