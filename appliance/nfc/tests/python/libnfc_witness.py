"""Touches a kiosk through libnfc again and again: reads its card and tries to write another. Prints a
line for each time that it found one: the message in hex and the status word of the first write, or
"lost" if the conversation ended before. At the end it says how often it looked.

Usage: libnfc_witness.py TERMINAL SECONDS
"""

import sys
import time

import libnfc

# NP_ACTIVATE_FIELD: off, a card forgets that it was selected.
ACTIVATE_FIELD = 5
OPENING = ["00a4040007d2760000850101", "00a4000c02e104"]
READ_ALL = bytes.fromhex("00b0000000")
WRITE = bytes.fromhex("00d60000020000")


def main(terminal, seconds):
    reader = libnfc.Reader(terminal)
    looked = 0
    end = time.monotonic() + float(seconds)
    print("ready", flush=True)
    while time.monotonic() < end:
        looked += 1
        if reader.finds():
            print("met", touch(reader), flush=True)
            reader.release()
        reader.set(ACTIVATE_FIELD, False)
        reader.set(ACTIVATE_FIELD, True)
    print("looked", looked)
    reader.close()


def touch(reader):
    for command in OPENING:
        if reader.ask(bytes.fromhex(command)) != b"\x90\x00":
            return "lost"
    file = reader.ask(READ_ALL)
    if not file or len(file) < 4:
        return "lost"
    answer = reader.ask(WRITE)
    if not answer:
        return "lost"
    length = int.from_bytes(file[:2], "big")
    return f"{file[2 : 2 + length].hex()} {answer.hex()}"


main(*sys.argv[1:])
