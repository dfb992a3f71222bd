/**
 * The page's memory over a reload: IndexedDB, one database per account and terminal. Draws the epoch
 * that names the store. Belongs to the tab that opened it last: an earlier one can write no more, so that
 * two tabs never draw the same task's number. A browser that keeps nothing (private windows, full disks)
 * gets a store that says so.
 *
 * @typedef {import("./changes.js").Changes} Changes
 * @typedef {"kept" | "not-kept" | "taken"} Written `taken`: by a later tab
 *
 * @typedef {object} Store
 * @property {string} epoch 64 random bits, as 16 hexadecimal digits
 * @property {import("./session.js").Saved} saved
 * @property {(changes: Changes) => Promise<Written>} write all of it or nothing
 */

/** @type {Written} */
const NOT_KEPT = "not-kept";
const PARTS = ["contacts", "rows", "facts"];

/**
 * @param {string} name
 * @returns {Promise<Store>}
 */
export async function openStore(name) {
  const tab = drawn();
  try {
    const db = await opened(name);
    const saved = await takeOver(db, tab);
    // A database that was taken away while the page is open (cleared by the person) throws at once.
    const kept = (/** @type {Changes} */ it) => write(db, tab, it).catch(() => NOT_KEPT);
    return { epoch: saved.epoch, saved, write: kept };
  } catch {
    return { epoch: drawn(), saved: {}, write: async () => NOT_KEPT };
  }
}

/** 64 random bits. */
function drawn() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((it) => it.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} name
 * @returns {Promise<IDBDatabase>}
 */
function opened(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("contacts", { keyPath: "owner" });
    request.result.createObjectStore("rows", { keyPath: "seq" });
    request.result.createObjectStore("facts").put(drawn(), "epoch");
  };
  return answer(request);
}

/**
 * Makes the store this tab's, and reads all of it.
 * @param {IDBDatabase} db
 * @param {string} tab
 */
async function takeOver(db, tab) {
  const all = db.transaction(PARTS, "readwrite", { durability: "strict" });
  const [contacts, rows, facts] = PARTS.map((it) => all.objectStore(it));
  facts.put(tab, "tab");
  const [contact, row, names, values] = await Promise.all([
    answer(contacts.getAll()),
    answer(rows.getAll()),
    answer(facts.getAllKeys()),
    answer(facts.getAll()),
  ]);
  const saved = Object.fromEntries(names.map((it, at) => [String(it), values[at]]));
  return { ...saved, epoch: String(saved.epoch), contacts: contact, rows: row };
}

/**
 * @param {IDBDatabase} db
 * @param {string} tab
 * @param {Changes} changes
 * @returns {Promise<Written>}
 */
function write(db, tab, changes) {
  return new Promise((resolve) => {
    let taken = false;
    const all = db.transaction(PARTS, "readwrite", { durability: "strict" });
    all.oncomplete = () => resolve("kept");
    all.onabort = () => resolve(taken ? "taken" : NOT_KEPT);
    const [contacts, rows, facts] = PARTS.map((it) => all.objectStore(it));
    const owner = facts.get("tab");
    owner.onsuccess = () => {
      taken = owner.result !== tab;
      if (taken) {
        all.abort();
        return;
      }
      for (const it of changes.contacts) contacts.put(it);
      for (const it of changes.gone) contacts.delete(it);
      for (const it of changes.rows) rows.put(it);
      for (const it of changes.settled) rows.delete(it);
      for (const [name, it] of changes.facts) facts.put(it, name);
    };
  });
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
