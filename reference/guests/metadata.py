"""The metadata service: it answers a server with the server's own data, and recognizes the server by the address of the
request.
"""

import json
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterable

from reference.guests.records import Guest

VERSIONS = ("2018-08-27", "latest")


def documents(guest: Guest) -> dict[str, bytes]:
    """The files of a server by their names, user data among them where it has any."""
    about = {
        "uuid": guest.id,
        "name": guest.name,
        "hostname": guest.hostname,
        "project_id": guest.project,
        "launch_index": guest.launch_index,
        "availability_zone": "nova",
        "meta": dict(guest.metadata),
    }
    networks = {
        "links": [{"id": p.id, "type": "phy", "ethernet_mac_address": p.mac, "mtu": p.mtu} for p in guest.ports],
        "networks": [
            {"id": f"network{number}", "type": f"ipv{a.version}_dhcp", "link": p.id, "network_id": p.network}
            for number, (p, a) in enumerate((p, a) for p in guest.ports for a in p.addresses)
        ],
        "services": [],
    }
    pages = {
        "meta_data.json": json.dumps(about).encode(),
        "network_data.json": json.dumps(networks).encode(),
    }
    try:
        user_data = b64decode("".join(guest.user_data.split()), validate=True)
    except NoBase64:
        user_data = b""
    return pages | ({"user_data": user_data} if user_data else {})


def answer(guest: Guest | None, path: str) -> tuple[int, bytes]:
    """Status and body of a GET; `guest` is the server that asks, None for an unknown address."""
    if guest is None:
        return 404, b"no server has this address\n"
    parts = [part for part in path.split("?")[0].split("/") if part]
    pages = documents(guest)
    if parts[:1] == ["openstack"]:
        return _openstack(parts[1:], pages)
    return _ec2(parts, guest, pages)


def _openstack(parts: list[str], pages: dict[str, bytes]) -> tuple[int, bytes]:
    if not parts:
        return 200, _lines(VERSIONS)
    if parts[0] not in VERSIONS or len(parts) > 2:
        return 404, b"not found\n"
    if len(parts) == 1:
        return 200, _lines(sorted(pages))
    return (200, pages[parts[1]]) if parts[1] in pages else (404, b"not found\n")


def _ec2(parts: list[str], guest: Guest, pages: dict[str, bytes]) -> tuple[int, bytes]:
    """The pages of Amazon's metadata service that guests still ask for."""
    if not parts:
        return 200, _lines(["latest"])
    if parts[1:] == ["user-data"] and "user_data" in pages:
        return 200, pages["user_data"]
    if parts[1:2] != ["meta-data"]:
        return 404, b"not found\n"
    address = next((ip for port in guest.ports for ip in port.ips(4)), "")
    values = {"instance-id": f"i-{guest.id[:8]}", "local-ipv4": address, "hostname": guest.hostname}
    if len(parts) == 2:
        return 200, _lines(values)
    return (200, values[parts[2]].encode()) if parts[2] in values and len(parts) == 3 else (404, b"not found\n")


def _lines(names: Iterable[str]) -> bytes:
    return "\n".join(names).encode()
