"""Reads one Type 2 tag with Adafruit's CircuitPython driver, which gives one page of 4 bytes a call.

Usage: adafruit_type2.py TERMINAL
"""

import enum
import sys
import types
import typing

import serial

import type2


class Direction(enum.Enum):
    """Of a pin; none is connected here."""

    INPUT = 1
    OUTPUT = 2


# What the driver names of CircuitPython, mostly to write down types; pyserial is the rest.
for name, parts in {
    "busio": {"UART": object},
    "circuitpython_typing": {"ReadableBuffer": bytes},
    "digitalio": {"DigitalInOut": object, "Direction": Direction},
    "micropython": {"const": lambda value: value},
    "typing_extensions": {"Literal": typing.Literal},
}.items():
    sys.modules[name] = types.SimpleNamespace(**parts)

from adafruit_pn532.uart import PN532_UART  # noqa: E402

chip = PN532_UART(serial.Serial(sys.argv[1], baudrate=115200, timeout=0.1))
chip.SAM_configuration()
type2.cue()
if chip.read_passive_target(timeout=5) is None:
    sys.exit("the driver finds no tag")
type2.read(chip.ntag2xx_read_block)
