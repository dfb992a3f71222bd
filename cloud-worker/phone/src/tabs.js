/**
 * Only one tab of a browser may use a terminal: the one that was opened last.
 *
 * @typedef {{ at: number, draw: number }} Claim when a tab was opened, and a random number
 */

/**
 * Whether a tab must give way to another.
 * @param {Claim} mine
 * @param {Claim} theirs
 */
export function givesWay(mine, theirs) {
  return theirs.at > mine.at || (theirs.at === mine.at && theirs.draw > mine.draw);
}

/**
 * Claims a terminal for this tab.
 * @param {string} name
 * @param {() => void} onTaken another tab was opened later
 */
export function claim(name, onTaken) {
  const mine = { at: Date.now(), draw: Math.random() };
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data: theirs }) => {
    if (!givesWay(mine, theirs)) {
      channel.postMessage(mine);
      return;
    }
    channel.close();
    onTaken();
  };
  channel.postMessage(mine);
}
