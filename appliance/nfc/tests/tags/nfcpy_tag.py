"""Reads or writes one tag with nfcpy, and prints what it found, one word and its value a line.

Usage: nfcpy_tag.py TERMINAL [MESSAGE IN HEX]
"""

import sys
import time

import nfc
import nfc.clf.transport

SECONDS_TO_WAIT = 30


def main(terminal, message=None):
    # nfcpy looks for a PN532 on ports of certain names only; this one has another name.
    nfc.clf.transport.TTY.find = classmethod(lambda cls, path: ([terminal], "pn532", False))
    frontend = nfc.ContactlessFrontend()
    if not frontend.open("tty:any:pn532"):
        sys.exit(f"nfcpy finds no PN532 on {terminal}")
    deadline = time.monotonic() + SECONDS_TO_WAIT
    tag = frontend.connect(
        rdwr={"on-connect": lambda tag: False, "targets": ["106A"]},
        terminate=lambda: time.monotonic() > deadline,
    )
    if not tag:
        sys.exit("nfcpy finds no tag")
    if not tag.ndef:
        sys.exit("nfcpy finds no NDEF on the tag")
    if message is not None:
        tag.ndef.octets = bytes.fromhex(message)
    print("type", tag.type)
    print("writable", tag.ndef.is_writeable)
    print("capacity", tag.ndef.capacity)
    print("message", tag.ndef.octets.hex())
    frontend.close()


main(*sys.argv[1:])
