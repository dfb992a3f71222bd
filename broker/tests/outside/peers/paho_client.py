"""Eclipse Paho as a client of the broker: options as JSON on the command line, lines to publish on the
input, what happens on the output."""

import json
import sys

from paho.mqtt import client as mqtt

options = json.loads(sys.argv[1])


def tell(*words):
    print(*words, flush=True)


def connected(client, _userdata, _flags, reason, _properties):
    # The second interface names MQTT 5's reasons; 134 there is 4 in MQTT 3.1.1.
    if reason.is_failure:
        tell("refused", {132: 1, 133: 2, 134: 4, 135: 5}.get(reason.value, reason.value))
        client.disconnect()
        return
    tell("connected")
    if options["filter"]:
        client.subscribe(options["filter"], qos=1)


def subscribed(_client, _userdata, _mid, reasons, _properties):
    tell("granted", reasons[0].value)


def heard(_client, _userdata, message):
    tell("message", message.payload.decode())


def published(_client, _userdata, _mid, _reason, _properties):
    tell("acknowledged")


client = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2,
    client_id=options["id"],
    protocol=mqtt.MQTTv311,
    transport="websockets" if options["websocket"] else "tcp",
)
client.username_pw_set("tapcard", options["token"])
if options["authority"]:
    client.tls_set(ca_certs=options["authority"])
if options["websocket"]:
    client.ws_set_options(path="/mqtt")
client.reconnect_delay_set(min_delay=1, max_delay=1)
client.on_connect = connected
client.on_subscribe = subscribed
client.on_message = heard
client.on_publish = published
client.connect(options["host"], options["port"], keepalive=30)
client.loop_start()
for line in sys.stdin:
    client.publish(options["topic"], line.strip(), qos=1)
