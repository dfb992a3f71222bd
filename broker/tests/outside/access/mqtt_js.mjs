// Asks the broker with MQTT.js: the library's path on the command line, the questions as JSON on the input,
// the answers as JSON on the output.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { default: mqtt } = await import(pathToFileURL(process.argv[2]).href);
const { url, authority, id, token, hears, payload, asks } = JSON.parse(readFileSync(0, "utf8"));
/** How long an answer may take, in milliseconds. */
const PATIENCE = 10_000;

/** A connection that has been let in and hears what it may. */
async function open() {
  const client = mqtt.connect(url, {
    protocolVersion: 4,
    clientId: id,
    username: "tapcard",
    password: token,
    clean: true,
    keepalive: 30,
    reconnectPeriod: 0,
    ...(authority ? { ca: readFileSync(authority) } : {}),
  });
  const link = { client, heard: [], failed: undefined, closed: undefined };
  // A worker also hears what others say meanwhile.
  client.on("message", (topic, said) => said.toString() === payload && link.heard.push(topic));
  client.on("error", (error) => (link.failed = error));
  link.closed = new Promise((resolve) => client.once("close", resolve));
  const connected = new Promise((resolve) => client.once("connect", () => resolve("connected")));
  const first = await inTime([connected, link.closed.then(() => "closed")]);
  if (first !== "connected") throw new Error(`not let in: ${link.failed ?? first}`);
  for (const filter of hears) {
    const answer = await subscribe(link, filter);
    if (answer !== "granted") throw new Error(`${filter}: ${answer}`);
  }
  return link;
}

function inTime(promises) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE, "no answer")));
  return Promise.race([...promises, late]).finally(() => clearTimeout(timer));
}

function subscribe({ client, closed }, filter) {
  const answer = new Promise((resolve) => {
    client.subscribe(filter, { qos: 1 }, (error, granted, suback) => {
      const code = suback?.granted?.[0];
      if (code === 0x80) resolve("refused");
      else if (/invalid topic/i.test(error?.message ?? "")) resolve("kept back");
      else if (!error && code === 1) resolve("granted");
      else resolve(`${error} ${JSON.stringify(granted)} ${code}`);
    });
  });
  return inTime([answer, closed.then(() => "closed")]);
}

async function publish(link, topic) {
  // The library neither sends such a message nor says so.
  if (topic === "") return "kept back";
  const answer = new Promise((resolve) => {
    link.client.publish(topic, payload, { qos: 1 }, (error) => {
      if (!error) resolve("granted");
      // The end of the connection is told there; any other error is the library's own.
      else if (!/connection closed/i.test(error.message)) resolve("kept back");
    });
  });
  const outcome = await inTime([answer, link.closed.then(() => "closed")]);
  return link.heard.length === 0 ? outcome : `heard ${link.heard}`;
}

const answers = [];
let link;
for (const { verb, topic } of asks) {
  link ??= await open();
  const answer = await (verb === "publish" ? publish(link, topic) : subscribe(link, topic));
  answers.push(answer);
  if (!["granted", "refused"].includes(answer)) {
    link.client.end(true);
    link = undefined;
  }
}
link?.client.end(true);
process.stdout.write(JSON.stringify(answers));
