"""POST /servers/{id}/os-interface: which network or port a running server gets (C-SRV-011 to C-SRV-013)."""

from reference.compute.schemas.history import History, since
from reference.compute.schemas.types import ADDRESS, TAG, UUID, array, record

_ADDRESSES = array(record({"ip_address": ADDRESS}, ("ip_address",)), minItems=1, maxItems=1)

ATTACH = History(
    record({"interfaceAttachment": record({"net_id": UUID, "port_id": UUID, "fixed_ips": _ADDRESSES})}),
    since("2.49", {"interfaceAttachment.tag": TAG}),
)
