/**
 * What cards name and the cloud has: pictures, animations, films and documents. The bytes come once for each page, with the
 * page's own token. Without the network the letters stay.
 */

/** @type {Map<string, Promise<string | null>>} */
const fetched = new Map();
let token = "";

/**
 * Says with which token they are asked for.
 * @param {string} it
 */
export function askWith(it) {
  token = it;
}

/**
 * Where one can be shown from; null when it cannot be had now.
 * @param {string} name 32 hexadecimal digits
 * @returns {Promise<string | null>}
 */
export function mediumOf(name) {
  const known = fetched.get(name);
  if (known) return known;
  const picture = get(name);
  fetched.set(name, picture);
  // What failed may succeed when it is wanted again.
  void picture.then((it) => it ?? fetched.delete(name));
  return picture;
}

/**
 * @param {string} name
 * @returns {Promise<string | null>}
 */
async function get(name) {
  try {
    const answer = await fetch(`/media/${name}`, { headers: { authorization: `Bearer ${token}` } });
    return answer.ok ? URL.createObjectURL(await answer.blob()) : null;
  } catch {
    return null;
  }
}
