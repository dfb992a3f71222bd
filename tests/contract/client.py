"""A phone that was written from docs/asyncapi.yaml alone.

It signs in, asks for its book, exchanges cards with another phone of its kind, edits its card, and checks everything that it
says and hears against the document. It prints what it saw, a line each, and fails loudly.
"""

import argparse
import json
import queue
import secrets
import sys
import time
from datetime import datetime, timezone

import paho.mqtt.client as mqtt

from document import Contract

PATIENCE = 20.0
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class Phone:
    """One connected phone."""

    def __init__(self, contract, host, port, account, terminal, token):
        self.contract, self.account, self.terminal = contract, account, terminal
        self.epoch, self.seq = secrets.token_hex(8), 0
        self.heard = queue.Queue()
        shard = f"{ALPHABET.index(terminal[-1]) & 15:02}"
        self.tasks = contract.topic("tasks", shard=shard, terminal=terminal)
        self.mqtt = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=terminal, clean_session=True)
        self.mqtt.username_pw_set(terminal, token)
        state = contract.topic("state", terminal=terminal)
        self.mqtt.will_set(state, "offline", qos=1)
        topics = [contract.topic("terminal", terminal=terminal), contract.topic("account", account=account)]
        self.mqtt.on_connect = lambda client, *_: client.subscribe([(it, 1) for it in topics])
        self.mqtt.on_subscribe = lambda _client, _data, _id, codes, _: self.heard.put(("ready", codes))
        self.mqtt.on_message = lambda _client, _data, it: self.hear(it)
        self.mqtt.connect(host, port)
        self.mqtt.loop_start()
        codes = self.wait("the subscriptions", lambda kind, it: it if kind == "ready" else None)
        if any(it.is_failure for it in codes):
            raise ValueError("the broker refused a subscription")
        self.mqtt.publish(state, "online", qos=1)

    def hear(self, message):
        """Checks a message and keeps it."""
        try:
            payload = json.loads(message.payload)
            name = self.contract.check(self.contract.channel_of(message.topic), payload)
            self.heard.put((name, payload["data"]))
        except (ValueError, KeyError) as error:
            self.heard.put(("broken", error))

    def wait(self, what, wanted, patience=PATIENCE):
        """Hears until `wanted` returns something."""
        end = time.monotonic() + patience
        while True:
            try:
                kind, content = self.heard.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"{what} did not come") from None
            if kind == "broken":
                raise content
            found = wanted(kind, content)
            if found is not None:
                return found

    def ask(self, name, content):
        """Sends a task, again if need be, and returns what its receipt says."""
        is_counted = name not in ("sync", "applied")
        self.seq += is_counted
        task = f"{self.epoch}-{self.seq if is_counted else 0}"
        event = {
            "specversion": "1.0",
            "id": task,
            "type": f"org.tapcard.task.{name}",
            "source": f"tapcard/terminal/{self.terminal}",
            "time": datetime.now(timezone.utc).isoformat(),
            "datacontenttype": "application/json",
            "data": content,
        }
        assert self.contract.check("tasks", event) == f"task.{name}"
        for _ in range(4):
            self.mqtt.publish(self.tasks, json.dumps(event), qos=1)
            try:
                receipt = self.wait(
                    f"a receipt to {name}",
                    lambda kind, it: it if kind == "receipt" and it["task"] == task else None,
                    PATIENCE / 4,
                )
                print(f"{name}: {receipt['outcome']}", flush=True)
                return receipt
            except TimeoutError:
                continue
        raise TimeoutError(f"no receipt to {name}")

    def notice(self, kind):
        """Waits for a notice of a kind."""
        it = self.wait(f"a notice {kind}", lambda name, it: it if name == "notice" and it["kind"] == kind else None)
        print(f"notice {kind}", flush=True)
        return it


def exchange(number, name, touch):
    """A touch in which both cards went over."""
    return {
        "direction": "both",
        "partner": number,
        "card": {"@type": "Card", "version": "1.0", "name": {"full": name}},
        "touch": touch,
        "at": datetime.now(timezone.utc).isoformat(),
        "clock_synced": True,
        "place": "Hall 3",
        "consent": True,
    }


def meet(one, other, numbers):
    """Two phones whose owners touch, and what follows from that."""
    sync = {"book": 0, "after": None, "upto": None, "have": [], "own": 0, "receipted": 0}
    page = one.ask("sync", sync)["result"]
    assert page["cards"] == [] and page["next"] is None, page
    other.ask("sync", sync)
    asked = one.ask("exchange", exchange(numbers[1], "Bo", "touch-1"))["result"]
    assert asked["state"] == "offered" and asked["owner"] == other.account, asked
    offer = other.notice("offer")
    assert offer["owner"] == one.account, offer
    answer = {"owner": offer["owner"], "verb": "accept", "gives": offer["gives"], "takes": offer["takes"]}
    assert other.ask("link", answer)["result"]["state"] == "live"
    card = one.notice("card")
    assert card["owner"] == other.account and card["edition"] == 1, card
    edited = dict(card["card"], name={"full": "Bo of the Document"})
    settled = other.ask("card-update", {"base": 1, "card": edited, "notify": True})["result"]
    assert settled["edition"] == 2 and settled["counts"]["active"] == 1, settled
    card = one.notice("card")
    assert card["card"]["name"]["full"] == "Bo of the Document", card
    stale = dict(edited, name={"full": "Another"})
    conflict = other.ask("card-update", {"base": 1, "card": stale, "notify": True})
    assert conflict["outcome"] == "refused" and conflict["reason"] == "conflict", conflict
    one.ask("contact-update", {"owner": other.account, "note": "call on Monday", "tags": ["buyer"], "rating": 4})
    other.ask("withdraw", {"partner": one.account})
    assert one.notice("ended")["ended"] == "withdrawn"
    one.ask("contact-delete", {"owner": other.account})
    page = one.ask("sync", sync)["result"]
    assert page["cards"] == [], page


def main():
    """Reads who takes part: a JSON object on standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("document")
    contract = Contract(parser.parse_args().document)
    world = json.load(sys.stdin)
    phones = [
        Phone(contract, "127.0.0.1", world["port"], it["account"], it["terminal"], it["token"])
        for it in world["phones"]
    ]
    meet(*phones, [it["number"] for it in world["phones"]])
    print("done")


if __name__ == "__main__":
    main()
