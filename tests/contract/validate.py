"""Checks messages that really passed against docs/asyncapi.yaml.

Reads lines of `topic`, a tab, and the payload in hexadecimal; prints how many of each message there were, as JSON. Fails at the
first message that is not as the document says.
"""

import collections
import json
import sys

from document import Contract


def kind(name, payload):
    """The message, and for what has kinds of its own, which."""
    data = payload.get("data") if isinstance(payload, dict) else None
    if name == "notice":
        return f"notice {data['kind']}"
    if name == "receipt":
        return f"receipt {data.get('reason', data['outcome'])}"
    return name


def main():
    """Checks all lines."""
    contract = Contract(sys.argv[1])
    counts = collections.Counter()
    for line in sys.stdin:
        topic, payload = line.rstrip("\n").split("\t")
        text = bytes.fromhex(payload).decode()
        channel = contract.channel_of(topic)
        is_plain = channel in ("state", "login")
        content = text if is_plain else json.loads(text)
        counts[kind(contract.check(channel, content), content)] += 1
    json.dump(counts, sys.stdout)


if __name__ == "__main__":
    main()
