"""The representation of servers: a table of fields, each with its first version and who may see it (C-SRV-003)."""

import hashlib
import ipaddress
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Row

from reference.compute import timestamps
from reference.compute.allocation import ZONE
from reference.compute.microversion import MINIMUM, Version
from reference.compute.network_client import Item, Networks

ABSENT: Any = object()  # the value of a field that is left out
STATUS = {"building": "BUILD", "active": "ACTIVE", "error": "ERROR"}
_POWER = {"active": 1}


@dataclass(frozen=True)
class Attachments:
    """Networking's data of the servers in one answer.

    `ports` by server, names of `networks` and `groups` by id, `floating` addresses by port and fixed address.
    """

    ports: dict[str, list[Item]]
    networks: dict[str, str]
    groups: dict[str, str]
    floating: dict[tuple[str, str], list[str]]

    def addresses(self, server: Row[Any], *, extended: bool) -> dict[str, list[Item]]:
        """Network name -> addresses as {"version", "addr"}; `extended` adds their type and MAC.

        Floating IPs follow the fixed addresses of their network (C-SRV-004, C-SRV-021).
        """
        ports = self.ports.get(server.id, [])
        by_network: dict[str, list[Item]] = {self.networks.get(port["network_id"], ""): [] for port in ports}
        for kind, addresses_of in (("fixed", _fixed), ("floating", self.floating_of)):
            for port in ports:
                extension = {"OS-EXT-IPS:type": kind, "OS-EXT-IPS-MAC:mac_addr": port["mac_address"]}
                by_network[self.networks.get(port["network_id"], "")] += [
                    {"version": ipaddress.ip_address(ip).version, "addr": ip, **(extension if extended else {})}
                    for ip in addresses_of(port)
                ]
        return by_network

    def floating_of(self, port: Item) -> list[str]:
        return [ip for fixed in _fixed(port) for ip in self.floating.get((port["id"], fixed), [])]


def _fixed(port: Item) -> list[str]:
    return [fixed["ip_address"] for fixed in port["fixed_ips"]]


def attachments(networks: Networks, rows: Iterable[Row[Any]]) -> Attachments:
    """The attachments of all those servers, from few calls of Networking; none for servers without NICs (C-SRV-005)."""
    order = {row.id: [nic["port_id"] for nic in row.nics or []] for row in rows if row.nics}
    ports: dict[str, list[Item]] = defaultdict(list)
    for port in networks.ports_of(order) if order else []:
        ports[port["device_id"]].append(port)
    position = {port: number for ids in order.values() for number, port in enumerate(ids)}
    for ports_of_server in ports.values():
        ports_of_server.sort(key=lambda port: position.get(port["id"], len(position)))
    all_ports = [port for ports_of_server in ports.values() for port in ports_of_server]
    names = networks.networks((port["network_id"] for port in all_ports), ("id", "name"))
    groups = networks.groups(group for port in all_ports for group in port["security_groups"])
    floating: dict[tuple[str, str], list[str]] = defaultdict(list)
    for ip in networks.floating_ips(port["id"] for port in all_ports):
        if ip["floating_ip_address"]:
            floating[ip["port_id"], ip["fixed_ip_address"]].append(ip["floating_ip_address"])
    by_id = [{item["id"]: item["name"] for item in items} for items in (names, groups)]
    return Attachments(ports, by_id[0], by_id[1], floating)


@dataclass(frozen=True)
class Sight:
    """One server, as one caller sees it at one version."""

    row: Row[Any]
    version: Version
    admin: bool
    detail: bool  # whether it is shown in a detailed list
    url: str  # of the service, without the version
    attached: Attachments


@dataclass(frozen=True)
class Field:
    """A field of a server; `admin` fields are for admins only, and those not `listed` are left out in lists."""

    name: str
    value: Callable[[Sight], Any]
    since: Version = MINIMUM
    admin: bool = False
    listed: bool = True


def render(sight: Sight) -> dict[str, Any]:
    """The server as JSON data."""
    view = {}
    for field in FIELDS:
        hidden = (field.admin and not sight.admin) or (sight.detail and not field.listed)
        if sight.version >= field.since and not hidden:
            value = field.value(sight)
            if value is not ABSENT:
                view[field.name] = value
    return view


def links(url: str, server: str) -> list[dict[str, str]]:
    """The server's links as {"rel", "href"}."""
    return [
        {"rel": "self", "href": f"{url}/v2.1/servers/{server}"},
        {"rel": "bookmark", "href": f"{url}/servers/{server}"},
    ]


def host_id(row: Row[Any]) -> str:
    """An opaque id of the host, the same for all servers of a project there (C-SRV-018)."""
    return hashlib.sha224(f"{row.project_id}{row.host}".encode()).hexdigest() if row.host else ""


def tag_list(row: Row[Any]) -> list[str]:
    return sorted(tag for tag in row.tags.split(",") if tag)


def _image(sight: Sight) -> dict[str, Any]:
    image = sight.row.image_id
    view = {"id": image, "links": [{"rel": "bookmark", "href": f"{sight.url}/images/{image}"}]}
    return {**view, **({"properties": {}} if sight.version >= (2, 98) else {})}


def _flavor(sight: Sight) -> dict[str, Any]:
    row = sight.row
    if sight.version < (2, 47):
        return {"id": row.flavor_id, "links": [{"rel": "bookmark", "href": f"{sight.url}/flavors/{row.flavor_id}"}]}
    return {**row.flavor, "ephemeral": 0, "swap": 0, "extra_specs": {}}


def _groups(sight: Sight) -> Any:
    """The names of the security groups of all ports as {"name"}; absent without any."""
    ports = sight.attached.ports.get(sight.row.id, [])
    ids = dict.fromkeys(group for port in ports for group in port["security_groups"])
    names = [{"name": sight.attached.groups[group]} for group in ids if group in sight.attached.groups]
    return names or ABSENT


def _fault(sight: Sight) -> Any:
    """The fault of a server in ERROR, its details for admins only; absent otherwise."""
    if sight.row.vm_state != "error" or not sight.row.fault:
        return ABSENT
    return {name: value for name, value in sight.row.fault.items() if sight.admin or name != "details"}


def _column(name: str) -> Callable[[Sight], Any]:
    return lambda sight: sight.row._mapping[name]


def _always(value: Any) -> Callable[[Sight], Any]:
    return lambda _sight: value


FIELDS: Sequence[Field] = (
    Field("id", _column("id")),
    Field("name", _column("name")),
    Field("status", lambda sight: STATUS[sight.row.vm_state]),
    Field("tenant_id", _column("project_id")),
    Field("user_id", _column("user_id")),
    Field("metadata", _column("metadata")),
    Field("hostId", lambda sight: host_id(sight.row)),
    Field("image", _image),
    Field("flavor", _flavor),
    Field("created", lambda sight: timestamps.whole(sight.row.created_at)),
    Field("updated", lambda sight: timestamps.whole(sight.row.updated_at)),
    Field("addresses", lambda sight: sight.attached.addresses(sight.row, extended=True)),
    Field("accessIPv4", _column("access_ip_v4")),
    Field("accessIPv6", _column("access_ip_v6")),
    Field("links", lambda sight: links(sight.url, sight.row.id)),
    Field("OS-DCF:diskConfig", _column("disk_config")),
    Field("fault", _fault),
    Field("progress", lambda sight: 0 if sight.row.vm_state in ("active", "building") else ABSENT),
    Field("OS-EXT-AZ:availability_zone", lambda sight: ZONE if sight.row.host or sight.row.zone else ""),
    Field("pinned_availability_zone", _column("zone"), Version(2, 96)),
    Field("scheduler_hints", _column("scheduler_hints"), Version(2, 100)),
    Field("config_drive", _column("config_drive")),
    Field("key_name", _column("key_name")),
    Field("OS-SRV-USG:launched_at", lambda sight: timestamps.long(sight.row.launched_at)),
    Field("OS-SRV-USG:terminated_at", _always(None)),
    Field("security_groups", _groups),
    Field("OS-EXT-STS:task_state", _column("task_state")),
    Field("OS-EXT-STS:vm_state", _column("vm_state")),
    Field("OS-EXT-STS:power_state", lambda sight: _POWER.get(sight.row.vm_state, 0)),
    Field("os-extended-volumes:volumes_attached", _always([])),
    Field("locked", lambda sight: sight.row.locked_by is not None, Version(2, 9)),
    Field("locked_reason", _column("locked_reason"), Version(2, 73)),
    Field("description", _column("description"), Version(2, 19)),
    Field("tags", lambda sight: tag_list(sight.row), Version(2, 26)),
    Field("trusted_image_certificates", _column("trusted_image_certificates"), Version(2, 63)),
    Field("server_groups", _always([]), Version(2, 71), listed=False),
    Field("host_status", lambda sight: "UP" if sight.row.host else "", Version(2, 16), admin=True),
    Field("OS-EXT-SRV-ATTR:host", _column("host"), admin=True),
    Field("OS-EXT-SRV-ATTR:hypervisor_hostname", _column("host"), admin=True),
    Field("OS-EXT-SRV-ATTR:instance_name", lambda sight: f"instance-{sight.row.id[:8]}", admin=True),
    Field("OS-EXT-SRV-ATTR:reservation_id", _column("reservation_id"), Version(2, 3), admin=True),
    Field("OS-EXT-SRV-ATTR:launch_index", _column("launch_index"), Version(2, 3), admin=True),
    Field("OS-EXT-SRV-ATTR:kernel_id", _always(""), Version(2, 3), admin=True),
    Field("OS-EXT-SRV-ATTR:ramdisk_id", _always(""), Version(2, 3), admin=True),
    Field("OS-EXT-SRV-ATTR:root_device_name", _always("/dev/vda"), Version(2, 3), admin=True),
    Field("OS-EXT-SRV-ATTR:user_data", _column("user_data"), Version(2, 3), admin=True),
    Field("OS-EXT-SRV-ATTR:hostname", _column("hostname"), Version(2, 3), admin=True),
    Field("OS-EXT-SRV-ATTR:hostname", _column("hostname"), Version(2, 90)),
)
