"""Reads one Type 4 tag through libnfc, which does the radio, and prints what it found, one word and
its value a line.

Usage: read_with_libnfc.py TERMINAL
"""

import ctypes
import sys
import time

SECONDS_TO_WAIT = 30
MILLISECONDS_TO_ANSWER = 3000
# More than any version's nfc_target.
TARGET_BYTES = 1024
MOST_AT_ONCE = 0xF0


class Modulation(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("baud_rate", ctypes.c_int)]


# NMT_ISO14443A and NBR_106 of nfc-types.h.
TYPE_A_106 = Modulation(1, 1)


def main(terminal):
    libnfc = ctypes.CDLL("libnfc.so.6")
    libnfc.nfc_open.restype = ctypes.c_void_p
    context = ctypes.c_void_p()
    libnfc.nfc_init(ctypes.byref(context))
    address = f"pn532_uart:{terminal}:115200".encode()
    device = ctypes.c_void_p(libnfc.nfc_open(context, address))
    if not device:
        sys.exit(f"libnfc finds no PN532 on {terminal}")
    libnfc.nfc_initiator_init(device)
    # NP_INFINITE_SELECT: report an empty field.
    libnfc.nfc_device_set_property_bool(device, 7, False)
    select(libnfc, device)

    def ask(command):
        answer = (ctypes.c_ubyte * 264)()
        length = libnfc.nfc_initiator_transceive_bytes(
            device, bytes(command), len(command), answer, len(answer), MILLISECONDS_TO_ANSWER
        )
        if length < 2:
            sys.exit(f"no answer to {bytes(command).hex()}: {length}")
        return bytes(answer[: length - 2]), bytes(answer[length - 2 : length]).hex()

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
    libnfc.nfc_initiator_deselect_target(device)
    libnfc.nfc_close(device)
    libnfc.nfc_exit(context)


def select(libnfc, device):
    deadline = time.monotonic() + SECONDS_TO_WAIT
    target = ctypes.create_string_buffer(TARGET_BYTES)
    while time.monotonic() < deadline:
        if libnfc.nfc_initiator_select_passive_target(device, TYPE_A_106, None, 0, target) > 0:
            return
    sys.exit("libnfc finds no tag")


main(sys.argv[1])
