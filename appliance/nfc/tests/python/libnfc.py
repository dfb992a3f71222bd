"""What the scripts here use of libnfc, through its C interface (nfc/nfc.h and nfc/nfc-types.h, 1.8.0)."""

import ctypes
import sys
import time

SECONDS_TO_WAIT = 30
MILLISECONDS_TO_ANSWER = 3000
# NP_INFINITE_SELECT: off, an empty field is reported.
INFINITE_SELECT = 7
# More than any version's nfc_target.
TARGET_BYTES = 1024


class Modulation(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("baud_rate", ctypes.c_int)]


# NMT_ISO14443A and NBR_106.
TYPE_A_106 = Modulation(1, 1)


class Reader:
    """A PN532 on this terminal, with its field on."""

    def __init__(self, terminal):
        self.libnfc = ctypes.CDLL("libnfc.so.6")
        self.libnfc.nfc_open.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p()
        self.libnfc.nfc_init(ctypes.byref(self.context))
        address = f"pn532_uart:{terminal}:115200".encode()
        self.device = ctypes.c_void_p(self.libnfc.nfc_open(self.context, address))
        if not self.device:
            sys.exit(f"libnfc finds no PN532 on {terminal}")
        self.libnfc.nfc_initiator_init(self.device)
        self.set(INFINITE_SELECT, False)

    def set(self, property, value):
        self.libnfc.nfc_device_set_property_bool(self.device, property, value)

    def finds(self):
        """Whether a tag is there now; it is selected then."""
        target = ctypes.create_string_buffer(TARGET_BYTES)
        find = self.libnfc.nfc_initiator_select_passive_target
        return find(self.device, TYPE_A_106, None, 0, target) > 0

    def find(self):
        """Waits for a tag."""
        deadline = time.monotonic() + SECONDS_TO_WAIT
        while time.monotonic() < deadline:
            if self.finds():
                return
        sys.exit("libnfc finds no tag")

    def ask(self, command):
        """The answer of the tag to a command, none if there is none."""
        answer = (ctypes.c_ubyte * 264)()
        length = self.libnfc.nfc_initiator_transceive_bytes(
            self.device, bytes(command), len(command), answer, len(answer), MILLISECONDS_TO_ANSWER
        )
        return bytes(answer[:length]) if length >= 0 else None

    def release(self):
        """Lets the tag go."""
        self.libnfc.nfc_initiator_deselect_target(self.device)

    def close(self):
        self.libnfc.nfc_close(self.device)
        self.libnfc.nfc_exit(self.context)
