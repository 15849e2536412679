"""The fields of Compute's objects: what determines the value of each."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from conformance.answers import comparisons as same
from conformance.answers.facts import MAC, UNKNOWN
from conformance.answers.network_fields import PORT_STATUSES
from conformance.answers.rules import (
    Fields,
    Item,
    Scene,
    constant_when,
    identity,
    known,
    links,
    one_of,
    opaque,
    ours,
    sent,
    since,
)

STATE, TASK = "OS-EXT-STS:vm_state", "OS-EXT-STS:task_state"
LAUNCHED = "OS-SRV-USG:launched_at"
BUILDING = "building"
# a server's state -> its status while it has no task
STATUS = {
    BUILDING: "BUILD",
    "active": "ACTIVE",
    "error": "ERROR",
    "deleted": "DELETED",
    "soft-delete": "SOFT_DELETED",
    "stopped": "SHUTOFF",
}
DEFAULT_GROUPS = [{"name": "default"}]
SIZES = ("vcpus", "ram", "disk")  # of a flavor, shown of its servers, too


def _status(scene: Scene) -> Any:
    task = scene.item.get(TASK)
    return STATUS.get(str(scene.item.get(STATE)), UNKNOWN) if task in (None, "", "spawning", "deleting") else UNKNOWN


def _while_building(value: Any) -> Any:
    """A value that a server shows until its build has ended."""
    return lambda scene: value if scene.item.get(STATE) == BUILDING else UNKNOWN


def _launched(scene: Scene) -> Any:
    """When a server was created, which is before it was launched; None for one that is being built or never ran."""
    state = scene.item.get(STATE)
    if state == BUILDING:
        return None
    return scene.item.get("created", UNKNOWN) if state == "active" or scene.item.get(LAUNCHED) else UNKNOWN


def _since_launch(shown: Any, expected: Any) -> bool:
    return shown is None if expected is None else same.not_before(shown, expected)


def _runs(item: Item) -> bool:
    """Whether a server has its host for good: while it is being built, another host may be tried."""
    return item.get("status") == "ACTIVE"


def _start(scene: Scene) -> Any:
    return scene.item.get("start_time", UNKNOWN)


def _not_before_start(shown: Any, expected: Any) -> bool:
    """An action that nothing has updated yet has no such time."""
    return shown is None or same.not_before(shown, expected)


def _events_in_order(shown: Any, expected: Any) -> bool:
    """Each event starts after the action, and ends after it has started."""
    return all(
        same.not_before(event["start_time"], expected) and _not_before_start(event["finish_time"], event["start_time"])
        for event in shown
    )


def _until_deleted(scene: Scene) -> Any:
    return UNKNOWN if scene.item.get(STATE, "deleted") in ("deleted", "soft-delete") else None


def _no_disks(body: Mapping[str, Any]) -> Any:
    """A server that asks for no volume has none."""
    mappings = [name for name in body if "block_device_mapping" in name]
    return UNKNOWN if mappings else []


def _name(shown: Any, expected: Any) -> bool:
    """Servers of one request have numbers behind their name."""
    name, number = str(shown).strip(), str(shown).rpartition("-")[2]
    return name == str(expected).strip() or (number.isdigit() and name == f"{str(expected).strip()}-{number}")


def _image(shown: Any, expected: Any) -> bool:
    id_ = str(expected).rpartition("/")[2]
    return bool(shown["id"] == id_) and all(str(link["href"]).endswith(f"/images/{id_}") for link in shown["links"])


def _flavor(scene: Scene) -> Any:
    """The id of the flavor, and as much of it as has been seen."""
    id_ = scene.facts.sent.get("flavorRef", UNKNOWN)
    if id_ is UNKNOWN:
        return UNKNOWN
    id_ = str(id_).rpartition("/")[2]
    first = scene.world.look_up("flavor", id_).first
    return {"id": id_, **{name: first[name] for name in SIZES if name in first}}


def _flavored(shown: Any, expected: Any) -> bool:
    """The flavor is named by its id and links to it, or described by its sizes, whatever the microversion shows."""
    described = {name: value for name, value in expected.items() if name in shown}
    targets = (str(link["href"]) for link in shown.get("links", ()))
    return described.items() <= shown.items() and all(
        target.endswith(f"/flavors/{expected['id']}") for target in targets
    )


def _port(name: str) -> Any:
    """What Networking shows of the interface's port."""
    return lambda scene: scene.world.look_up("port", scene.item.get("port_id")).first.get(name, UNKNOWN)


def _subnets_of_network(scene: Scene) -> Any:
    """The networks and prefixes of the subnets of an interface's addresses, as far as they were seen."""
    ids = [str(entry.get("subnet_id")) for entry in scene.item.get("fixed_ips", ()) if isinstance(entry, dict)]
    subnets_shown = {id_: scene.world.look_up("subnet", id_).first for id_ in ids}
    subnets = {id_: first["cidr"] for id_, first in subnets_shown.items() if "cidr" in first}
    return subnets or UNKNOWN


def _within(shown: Any, expected: Any) -> bool:
    """Each address is of its subnet."""
    return all(
        ip_address(entry["ip_address"]) in ip_network(expected[entry["subnet_id"]])
        for entry in shown
        if entry["subnet_id"] in expected
    )


def _by_mac(shown: Any) -> dict[str, frozenset[str]]:
    """The fixed addresses of a server by their port's MAC address and their IP version."""
    fixed = [
        (f"{address['OS-EXT-IPS-MAC:mac_addr']} IPv{address['version']}", str(address["addr"]))
        for addresses in shown.values()
        for address in addresses
        if address["OS-EXT-IPS:type"] == "fixed"
    ]
    return {port: frozenset(address for name, address in fixed if name == port) for port, _address in fixed}


def _addresses_of_ports(scene: Scene) -> Any:
    """The addresses that Networking shows of the ports with these MAC addresses, by MAC address and IP version."""
    addresses_of = {}
    for port in _by_mac(scene.item["addresses"]):
        mac, _, version = port.rpartition(" IPv")
        addresses = scene.world.look_up(MAC, mac.lower()).parts
        addresses_of[port] = frozenset(address for address in addresses if (":" in address) is (version == "6"))
    return {port: addresses for port, addresses in addresses_of.items() if addresses} or UNKNOWN


def _of_these(shown: Any, expected: Any) -> bool:
    """No port shows an address that it does not have; it may have more addresses by now."""
    return all(
        addresses <= expected[port] or expected[port] <= addresses
        for port, addresses in _by_mac(shown).items()
        if port in expected
    )


def _of_server(name: str) -> Any:
    """What is known of the POST of the server, by name: its request's id, its user, its project."""

    def expected(scene: Scene) -> Any:
        if scene.item.get("action") != "create":
            return UNKNOWN
        return getattr(scene.world.look_up("server", scene.parent), name) or UNKNOWN

    return expected


SERVER: Fields = {
    "id": identity(),
    "name": sent("name", same=_name),
    "tenant_id": ours(lambda scene: scene.facts.owner or UNKNOWN, constant=True),
    "user_id": ours(lambda scene: scene.facts.user or UNKNOWN, constant=True),
    "description": sent("description", None, nulls=True),
    "metadata": sent("metadata", {}),
    "image": sent("imageRef", same=_image),
    "flavor": ours(_flavor, _flavored, sent_as="flavorRef"),
    "key_name": sent("key_name", None, nulls=True),
    "accessIPv4": sent("accessIPv4", "", same.addresses_or_none),
    "accessIPv6": sent("accessIPv6", "", same.addresses_or_none),
    "OS-DCF:diskConfig": sent("OS-DCF:diskConfig"),
    "os-extended-volumes:volumes_attached": sent("os-extended-volumes:volumes_attached", _no_disks),
    "security_groups": sent("security_groups", DEFAULT_GROUPS, lasting=False),
    "tags": sent("tags", [], same.unordered),
    "locked": sent("locked", False),
    # the record that shows it may be written minutes after the request was accepted, where many servers are built
    "created": ours(lambda scene: scene.facts.born, same.then_or_since),
    "updated": since("created"),
    "links": links("servers"),
    "status": known(_status),
    LAUNCHED: known(_launched, _since_launch, rising=True),
    "OS-SRV-USG:terminated_at": known(_until_deleted),
    "addresses": known(_addresses_of_ports, _of_these, steady=_by_mac),  # and by its state: see `in_state`
    "fault": opaque(),  # the same
    STATE: opaque(),
    TASK: opaque(),
    "OS-EXT-STS:power_state": known(_while_building(0)),  # no state yet
    "OS-EXT-AZ:availability_zone": constant_when(_runs),
    "config_drive": constant_when(_runs),
    "hostId": constant_when(_runs),
    "progress": opaque(),
    "adminPass": opaque(),
    "host_status": opaque(),
    **{
        f"OS-EXT-SRV-ATTR:{name}": opaque(constant=name == "reservation_id")
        for name in (
            "host",
            "hostname",
            "hypervisor_hostname",
            "instance_name",
            "kernel_id",
            "launch_index",
            "ramdisk_id",
            "reservation_id",
            "root_device_name",
            "user_data",
        )
    },
}

INTERFACE: Fields = {
    "port_id": identity(),
    "net_id": known(_port("network_id"), constant=True),
    "mac_addr": known(_port("mac_address"), same.macs),
    "fixed_ips": known(_subnets_of_network, _within),
    "port_state": one_of(*PORT_STATUSES),
    "tag": sent("tag", None, nulls=True),
}

ACTION: Fields = {
    "action": opaque(),
    "instance_uuid": ours(lambda scene: scene.parent),
    "request_id": ours(_of_server("request_id")),
    "user_id": ours(_of_server("user")),
    "project_id": ours(_of_server("owner")),
    "start_time": ours(_of_server("born"), same.about_then),
    "updated_at": known(_start, _not_before_start),
    "message": opaque(),
    "events": known(_start, _events_in_order),
}

FLAVOR: Fields = {
    "id": identity(),
    "name": sent("name", constant=True),
    "ram": sent("ram", same=same.texts, constant=True),
    "disk": sent("disk", same=same.texts, constant=True),
    "vcpus": sent("vcpus", same=same.texts, constant=True),
    "swap": sent("swap", 0, lambda shown, expected: int(shown or 0) == int(expected)),
    "OS-FLV-EXT-DATA:ephemeral": sent("OS-FLV-EXT-DATA:ephemeral", 0, same.texts, constant=True),
    "OS-FLV-DISABLED:disabled": known(lambda _scene: False),
    "os-flavor-access:is_public": sent("os-flavor-access:is_public", True, same.truths, constant=True),
    "rxtx_factor": sent("rxtx_factor", 1.0, lambda shown, expected: float(shown) == float(expected), constant=True),
    "description": sent("description", None, nulls=True),
    "links": links("flavors"),
    "extra_specs": opaque(),
}

QUOTA_SET: Fields = {
    "id": identity(),
    **{name: sent(name, same=same.texts) for name in ("instances", "cores", "ram")},
    **{
        name: opaque()
        for name in (
            "fixed_ips",
            "floating_ips",
            "injected_file_content_bytes",
            "injected_file_path_bytes",
            "injected_files",
            "key_pairs",
            "metadata_items",
            "security_group_rules",
            "security_groups",
            "server_group_members",
            "server_groups",
        )
    },
}

SERVICE: Fields = {
    name: opaque()
    for name in ("id", "binary", "host", "zone", "status", "state", "updated_at", "disabled_reason", "forced_down")
}
