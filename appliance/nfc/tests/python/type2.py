"""Where the message lies on a Type 2 tag (NFC Forum Type 2 Tag, TLV blocks)."""

import sys

# The capability container's.
FIRST_PAGE = 3
PAGE_BYTES = 4
NDEF = 0x03


def message_in(memory):
    """The message in what was read from FIRST_PAGE on, none as long as some of it is missing. The first
    block holds it."""
    block = memory[PAGE_BYTES:]
    if len(block) < 4:
        return None
    if block[0] != NDEF:
        sys.exit("the tag does not begin with a message")
    is_long = block[1] == 0xFF
    length, start = (int.from_bytes(block[2:4], "big"), 4) if is_long else (block[1], 2)
    message = block[start : start + length]
    return message if len(message) == length else None


def read(read_page):
    """Reads page after page until the message is whole, and prints it."""
    memory = b""
    while (message := message_in(memory)) is None:
        page = FIRST_PAGE + len(memory) // PAGE_BYTES
        part = read_page(page)
        if not part:
            sys.exit(f"no answer to READ of page {page}")
        memory += bytes(part)
    print("message", message.hex())


def cue():
    """Says that the chip is started, and waits until whoever counts has begun to count."""
    print("ready", flush=True)
    sys.stdin.readline()
