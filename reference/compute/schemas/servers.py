"""POST /servers: the body of a boot request, by microversion (C-NET-001 to C-NET-016, C-ERR-023 to C-ERR-030)."""

from typing import Any

from reference.compute.schemas.history import GONE, History, since
from reference.compute.schemas.types import (
    ADDRESS,
    BOOLEAN,
    COUNT,
    DIGITS,
    IPV4,
    IPV6,
    METADATA,
    NAME,
    TAG,
    UUID,
    array,
    nullable,
    one_or_several,
    record,
    text,
)

_PORT = {"type": ["string", "null"], "format": "uuid"}
_NIC = {"fixed_ip": ADDRESS, "port": _PORT, "uuid": {"type": "string"}}
# a label, at most the length of a DNS label; later a whole domain name
_HOSTNAME = text(63, pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])$")
_FQDN = text(255, 1, pattern=r"^[a-zA-Z0-9-._]*$")
_CERTIFICATES = nullable(array(text(255, 1), minItems=1, maxItems=50, uniqueItems=True))
_HINTS = {
    "type": "object",
    "properties": {
        "group": one_or_several(UUID),
        "different_host": one_or_several(UUID),
        "same_host": {"type": ["string", "array"], "items": UUID},
        "query": {"type": ["string", "object"]},
        "target_cell": NAME,
        "different_cell": {"type": ["string", "array"], "items": {"type": "string"}},
        "build_near_host_ip": ADDRESS,
        "cidr": {"type": "string", "pattern": "^/[0-9a-f.:]+$"},
    },
    "additionalProperties": True,
}


def _networks(**more: Any) -> dict[str, Any]:
    """The schema of a list of networks or ports, or one of the two words."""
    item = record({**_NIC, "uuid": UUID, **more})
    return {"oneOf": [array(item), {"type": "string", "enum": ["auto", "none"]}]}


_VOLUME_SIZE = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]+$",
    "maxLength": DIGITS,
    "minimum": 1,
    "maximum": 2**31 - 1,
}
_LEGACY_DEVICE = {
    "virtual_name": text(),
    "volume_id": UUID,
    "snapshot_id": UUID,
    "volume_size": _VOLUME_SIZE,
    "device_name": text(255, 1, pattern="^[a-zA-Z0-9._/-]*$"),
    "delete_on_termination": BOOLEAN,
    "no_device": {},
    "connection_info": text(16777215),
}
_DEVICE = record(
    {
        **_LEGACY_DEVICE,
        "image_id": UUID,
        "uuid": text(255, 1, pattern="^[a-zA-Z0-9._-]*$"),
        "source_type": {"type": "string", "enum": ["volume", "image", "snapshot", "blank"]},
        "destination_type": {"type": "string", "enum": ["local", "volume"]},
        "guest_format": text(),
        "device_type": text(),
        "disk_bus": text(),
        "boot_index": {"type": ["integer", "string", "null"], "pattern": "^-?[0-9]+$", "maxLength": DIGITS},
    }
)

_SERVER = record(
    {
        "name": NAME,
        "imageRef": {"oneOf": [UUID, text(0)]},
        "flavorRef": {"type": ["string", "integer"], "minLength": 1},
        "adminPass": {"type": "string"},
        "metadata": METADATA,
        "networks": array(record(dict(_NIC))),
        "OS-DCF:diskConfig": {"type": "string", "enum": ["AUTO", "MANUAL"]},
        "accessIPv4": IPV4,
        "accessIPv6": IPV6,
        "personality": array(record({"path": text(), "contents": {"type": "string", "format": "base64"}})),
        "availability_zone": NAME,
        "block_device_mapping": array(record(_LEGACY_DEVICE)),
        "block_device_mapping_v2": array(_DEVICE),
        "config_drive": BOOLEAN,
        "key_name": NAME,
        "min_count": COUNT,
        "max_count": COUNT,
        "return_reservation_id": BOOLEAN,
        "security_groups": array(record({"name": text(255, 1)})),
        "user_data": text(65535, format="base64"),
    },
    ("name", "flavorRef"),
)

CREATE = History(
    record({"server": _SERVER, "os:scheduler_hints": _HINTS, "OS-SCH-HNT:scheduler_hints": _HINTS}, ("server",)),
    since("2.19", {"server.description": nullable(text(format="printable"))}),
    since("2.32", {"server.networks[].tag": TAG, "server.block_device_mapping_v2[].tag": TAG}),
    # Nova lost the two tags by mistake, one at 2.33, the other at 2.37, and got both back at 2.42
    since("2.33", {"server.block_device_mapping_v2[].tag": GONE}),
    since("2.37", {"server.networks": _networks()}, required={"server": "networks"}),
    since("2.42", {"server.networks": _networks(tag=TAG), "server.block_device_mapping_v2[].tag": TAG}),
    since("2.52", {"server.tags": array(TAG, maxItems=50)}),
    since("2.57", {"server.personality": GONE}),
    since("2.63", {"server.trusted_image_certificates": _CERTIFICATES}),
    since("2.67", {"server.block_device_mapping_v2[].volume_type": nullable(text())}),
    since("2.74", {"server.host": _FQDN, "server.hypervisor_hostname": _FQDN}),
    since("2.90", {"server.hostname": _HOSTNAME}),
    since("2.94", {"server.hostname": _FQDN}),
)
