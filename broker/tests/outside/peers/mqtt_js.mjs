// MQTT.js as a client of the broker: the library's path and options as JSON on the command line, lines to
// publish on the input, what happens on the output.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { default: mqtt } = await import(pathToFileURL(process.argv[2]).href);
const options = JSON.parse(process.argv[3]);
const tell = (...words) => process.stdout.write(`${words.join(" ")}\n`);

const client = mqtt.connect(options.url, {
  protocolVersion: 4,
  clientId: options.id,
  username: "tapcard",
  password: options.token,
  clean: true,
  keepalive: 30,
  reconnectPeriod: 200,
  resubscribe: false,
  ...(options.authority ? { ca: readFileSync(options.authority) } : {}),
});
client.on("connect", () => {
  tell("connected");
  if (!options.filter) return;
  client.subscribe(options.filter, { qos: 1 }, (error, granted, suback) => {
    const codes = suback?.granted ?? granted?.map((it) => it.qos) ?? [0x80];
    tell("granted", typeof codes[0] === "number" ? codes[0] : 0x80);
  });
});
client.on("message", (_, payload) => tell("message", payload.toString()));
client.on("error", (error) => {
  // A lost connection is an error too, but has no number.
  if (typeof error.code !== "number") return;
  tell("refused", error.code);
  client.end(true);
});
createInterface({ input: process.stdin }).on("line", (line) => {
  client.publish(options.topic, line, { qos: 1 }, (error) => tell(error ? "failed" : "acknowledged"));
});
