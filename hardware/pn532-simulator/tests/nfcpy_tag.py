"""Reads one tag with nfcpy, writes each message to it and reads it again in the same touch, and
prints what it found, one word and its value a line. Says "ready" when the chip is started, and goes
on at a line or at the end of its input.

Usage: nfcpy_tag.py TERMINAL [MESSAGE IN HEX...]
"""

import sys
import time

import nfc
import nfc.clf.transport

SECONDS_TO_WAIT = 30


def main(terminal, *messages):
    # nfcpy looks for a PN532 on ports of certain names only; this one has another name.
    nfc.clf.transport.TTY.find = classmethod(lambda cls, path: ([terminal], "pn532", False))
    frontend = nfc.ContactlessFrontend()
    if not frontend.open("tty:any:pn532"):
        sys.exit(f"nfcpy finds no PN532 on {terminal}")
    print("ready", flush=True)
    sys.stdin.readline()
    deadline = time.monotonic() + SECONDS_TO_WAIT
    tag = frontend.connect(
        rdwr={"on-connect": lambda tag: False, "targets": ["106A"]},
        terminate=lambda: time.monotonic() > deadline,
    )
    if not tag:
        sys.exit("nfcpy finds no tag")
    print("type", tag.type)
    print("product", tag.product)
    print("identifier", tag.identifier.hex())
    print("message", tag.ndef.octets.hex() if tag.ndef else "none")
    if tag.ndef:
        print("capacity", tag.ndef.capacity)
        print("writable", tag.ndef.is_writeable)
    for message in messages:
        tag.ndef.octets = bytes.fromhex(message)
        print("changed", tag.ndef.has_changed)
        print("after", tag.ndef.octets.hex())
    frontend.close()


main(*sys.argv[1:])
