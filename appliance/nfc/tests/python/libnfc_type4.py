"""Reads one Type 4 tag through libnfc, which does the radio, and prints what it found, one word and
its value a line.

Usage: libnfc_type4.py TERMINAL
"""

import sys

import libnfc

MOST_AT_ONCE = 0xF0


def main(terminal):
    reader = libnfc.Reader(terminal)
    reader.find()

    def ask(command):
        answer = reader.ask(command)
        if answer is None or len(answer) < 2:
            sys.exit(f"no answer to {bytes(command).hex()}")
        return answer[:-2], answer[-2:].hex()

    print("unknown", ask(bytes.fromhex("9060000000"))[1])
    print("application", ask(bytes.fromhex("00a4040007d2760000850101"))[1])
    print("file", ask(bytes.fromhex("00a4000c02e104"))[1])
    length = int.from_bytes(ask(bytes.fromhex("00b0000002"))[0], "big")
    message = b""
    while len(message) < length:
        size = min(MOST_AT_ONCE, length - len(message))
        part, status = ask(b"\x00\xb0" + (2 + len(message)).to_bytes(2, "big") + bytes([size]))
        if status != "9000":
            sys.exit(f"reading ends with {status}")
        message += part
    print("message", message.hex())
    print("write", ask(bytes.fromhex("00d60000020000"))[1])
    reader.release()
    reader.close()


main(sys.argv[1])
