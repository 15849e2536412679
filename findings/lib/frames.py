"""Frames of a client, and what is in a server's: `frames.py v4 ...`, `frames.py v6 ...` (DHCP) and `frames.py dns ...` print
one as hexadecimal, `frames.py show HEX...` prints the destination, the message and the options of answers, one option a line.

An option of DHCP is CODE=HEX. Only the standard library is used, so that nothing but the server under test interprets its bytes.
"""

import ipaddress
import struct
import sys

CLIENT = bytes.fromhex("020000000001")


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source: str, target: str, ports: tuple[int, int], payload: bytes) -> bytes:
    udp = struct.pack("!4H", *ports, 8 + len(payload), 0) + payload
    addresses = ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed
    header = struct.pack("!2B3H2BH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + addresses
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + udp


def v4(message: str, *options: str) -> bytes:
    """A DHCPv4 message (number as in option 53) from 0.0.0.0 to everyone, its broadcast flag not set."""
    payload = struct.pack("!4BIHH", 1, 1, 6, 0, 7, 0, 0) + bytes(16) + CLIENT + bytes(10 + 192) + b"\x63\x82\x53\x63"
    payload += bytes([53, 1, int(message)])
    for option in options:
        code, _, data = option.partition("=")
        payload += bytes([int(code), len(data) // 2]) + bytes.fromhex(data)
    payload += b"\xff"
    return b"\xff" * 6 + CLIENT + b"\x08\x00" + ipv4("0.0.0.0", "255.255.255.255", (68, 67), payload)


def dns(kind: str, name: str) -> bytes:
    """A question for this type (its number) and name, from 10.0.0.5 to 10.0.0.53."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    payload = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", int(kind), 1)
    return bytes.fromhex("020000000053") + CLIENT + b"\x08\x00" + ipv4("10.0.0.5", "10.0.0.53", (5353, 53), payload)


def v6(message: str, *options: str) -> bytes:
    """A DHCPv6 message (its number) from a link-local address to all servers, with a client identifier (DUID-LL)."""
    payload = bytes([int(message), 0, 0, 1]) + struct.pack("!4H", 1, 10, 3, 1) + CLIENT
    for option in options:
        code, _, data = option.partition("=")
        payload += struct.pack("!2H", int(code), len(data) // 2) + bytes.fromhex(data)
    source = ipaddress.ip_address("fe80::ff:fe00:1").packed
    servers = ipaddress.ip_address("ff02::1:2").packed
    udp = struct.pack("!4H", 546, 547, 8 + len(payload), 0) + payload
    pseudo = source + servers + struct.pack("!2I", len(udp), 17) + udp
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + bytes(len(pseudo) % 2))) + udp[8:]
    header = struct.pack("!IHBB", 6 << 28, len(udp), 17, 1) + source + servers
    return bytes.fromhex("333300010002") + CLIENT + b"\x86\xdd" + header + udp


def show(frame: bytes) -> None:
    """Print an answer; of DNS the code and the answer section; an option that runs past the end of the message is shown as far as it goes."""
    if frame[12:14] == b"\x08\x00" and frame[34:36] == b"\x00\x35":
        message = frame[42:]
        end = message.index(b"\0", 12) + 5
        print(f"code {message[3] & 15} answers {int.from_bytes(message[6:8], 'big')}: {message[end:].hex()}")
        return
    if frame[12:14] == b"\x08\x00":
        payload, packing, offset = frame[14 + 20 + 8 :], "!BB", 240
        print(f"to {ipaddress.ip_address(frame[30:34])} for {ipaddress.ip_address(payload[16:20])}")
    else:
        payload, packing, offset = frame[14 + 40 + 8 :], "!HH", 4
        print(f"to {ipaddress.ip_address(frame[38:54])} message {payload[0]}")
    while offset < len(payload):
        if packing == "!BB" and payload[offset] == 0:
            offset += 1
            continue
        if packing == "!BB" and payload[offset] == 255:
            return
        code, length = struct.unpack_from(packing, payload, offset)
        offset += struct.calcsize(packing)
        print(f"option {code} length {length}: {payload[offset : offset + length].hex()}")
        offset += length


if sys.argv[1] == "show":
    for argument in sys.argv[2:]:
        show(bytes.fromhex(argument))
else:
    print({"v4": v4, "v6": v6, "dns": dns}[sys.argv[1]](*sys.argv[2:]).hex())
