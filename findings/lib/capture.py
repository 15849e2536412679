"""Blocks of a capture file, of draft-ietf-opsawg-pcapng, made by hand so that no library under test has a part in the input."""

import struct

FRAME = bytes.fromhex("ffffffffffff0200000000010806" + "0001080006040001" + "0200000000010a000001" + "0000000000000a000002")
TIME = 1_700_000_000  # seconds


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def section() -> bytes:
    return block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(link: int = 1, **options: bytes) -> bytes:
    """An interface of this link type; options are tsresol=b"\\x09" (nanoseconds) and tsoffset (8 bytes of seconds)."""
    codes = {"tsresol": 9, "tsoffset": 14}
    written = b""
    for name, value in options.items():
        written += struct.pack("<HH", codes[name], len(value)) + value + bytes(-len(value) % 4)
    return block(1, struct.pack("<HHI", link, 0, 0) + written + bytes(4 if written else 0))


def packet(number: int, time: int) -> bytes:
    """FRAME as an Enhanced Packet Block of this interface, at this time in its units."""
    head = struct.pack("<5I", number, time >> 32, time & 0xFFFFFFFF, len(FRAME), len(FRAME))
    return block(6, head + FRAME)


def simple_packet() -> bytes:
    return block(3, struct.pack("<I", len(FRAME)) + FRAME)
