/**
 * One MQTT connection, over WebSocket, from CONNECT to its end. It never comes back by itself and keeps no
 * message: what was not receipted is the outbox's to repeat.
 *
 * @typedef {import("./token.js").Claims} Claims
 *
 * @typedef {object} Ears what a connection tells; after `ended` or `refused` it tells nothing more
 * @property {() => void} opened let in, and both subscriptions granted
 * @property {(text: string) => void} down
 * @property {() => void} ended
 * @property {(code: number) => void} refused with the CONNACK return code
 *
 * @typedef {object} Link
 * @property {(payloads: string[]) => void} publish tasks
 * @property {() => void} drop ends it as if it had been lost
 * @property {() => void} leave says goodbye, so that the last will is not read
 */

import mqtt from "../vendor/mqtt.esm.js";
import * as topic from "./topic.js";

/** In seconds. */
const KEEP_ALIVE = 30;
/** In ms. */
const CONNECT_TIMEOUT = 10_000;
/** The return code for "not authorized" (MQTT 3.1.1 §3.2.2.3), also for a refused subscription. */
const NOT_AUTHORIZED = 5;

const OFFLINE = "offline";
const ONLINE = "online";

/**
 * @param {string} url of the broker
 * @param {Claims} claims
 * @param {string} token
 * @param {Ears} ears
 * @returns {Link}
 */
export function connect(url, claims, token, ears) {
  const { terminal, account } = claims;
  const state = topic.state(terminal);
  const client = mqtt.connect(url, {
    protocolVersion: 4,
    clientId: terminal,
    username: terminal,
    password: token,
    clean: true,
    keepalive: KEEP_ALIVE,
    connectTimeout: CONNECT_TIMEOUT,
    reconnectPeriod: 0,
    resubscribe: false,
    // The library's other clock is a worker made from a blob, which a strict content policy forbids.
    timerVariant: "native",
    will: { topic: state, payload: OFFLINE, qos: 1, retain: false },
  });

  let over = false;
  /** @param {() => void} tell */
  const finish = (tell) => {
    if (over) return;
    over = true;
    client.end(true);
    tell();
  };
  client.on("close", () => finish(ears.ended));
  client.on("error", (/** @type {{ code?: unknown }} */ error) => {
    const { code } = error;
    finish(() => (typeof code === "number" ? ears.refused(code) : ears.ended()));
  });
  client.on("message", (/** @type {string} */ _, /** @type {Uint8Array} */ payload) => {
    if (!over) ears.down(new TextDecoder().decode(payload));
  });
  client.on("connect", () => {
    const filters = [topic.terminal(terminal), topic.notice(account)];
    client.subscribe(filters, { qos: 1 }, subscribed);
  });

  /**
   * @param {unknown} error
   * @param {{ qos: number }[] | undefined} granted one for each filter
   */
  function subscribed(error, granted) {
    if (over) return;
    if (error || granted?.length !== 2 || granted.some((it) => it.qos !== 1)) {
      finish(client.connected ? () => ears.refused(NOT_AUTHORIZED) : ears.ended);
      return;
    }
    client.publish(state, ONLINE, { qos: 1 });
    ears.opened();
  }

  return {
    publish(payloads) {
      if (over) return;
      for (const it of payloads) client.publish(topic.task(terminal), it, { qos: 1 });
    },
    drop: () => finish(ears.ended),
    leave() {
      if (over) return;
      over = true;
      if (client.connected) client.publish(state, OFFLINE, { qos: 1 });
      client.end();
    },
  };
}
