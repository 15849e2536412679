"""Faults in the values of fields: for each field that a user can know, one whose answers show another value there."""

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from reference.catalogue import Plant
from reference.faults.catalogue import Fault, entry, table
from reference.faults.outside import Item, Outgoing, leaving

ANOTHER = "another"
EARLIER = datetime.timedelta(days=400)  # how much earlier times are shown
ANOTHER_MAC = "fa:16:3e:99:99:99"
OTHER_TEXTS = (  # a text that matches the pattern is replaced by the other text, which matches it, too
    (r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", "99999999-9999-4999-8999-999999999999"),
    (r"[0-9a-f]{32}", "9" * 32),
    (r"req-.*", "req-99999999-9999-4999-8999-999999999999"),
    (r"([0-9a-f]{2}:){5}[0-9a-f]{2}", ANOTHER_MAC),
    (r"[0-9.]+/\d+", "203.0.113.0/24"),
    (r"[0-9a-f:]+/\d+", "2001:db8::/64"),
    (r"\d+(\.\d+){3}", "203.0.113.99"),
    (r"(?=.*:)[0-9a-f:]+", "2001:db8::99"),
)


def untrue(value: Any) -> Any:
    """A value that differs from this one, and is of the same kind."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return _untrue_text(value)
        case list():
            return [untrue(item) for item in value] if value and isinstance(value[0], str | dict) else [ANOTHER]
        case dict():
            return {name: untrue(part) for name, part in value.items()} or {ANOTHER: ANOTHER}
        case _:
            return ANOTHER


def _untrue_text(value: str) -> str:
    if re.match(r"\d{4}-\d\d-\d\dT", value):
        moment = datetime.datetime.fromisoformat(value)
        return f"{(moment - EARLIER).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    return next((other for pattern, other in OTHER_TEXTS if re.fullmatch(pattern, value)), f"{value}-{ANOTHER}")


@dataclass(frozen=True)
class Shown:
    """A kind of object in answers, with its faults.

    `name` and `plural` are the kind's keys in answers. `fields`, separated by blanks, are those whose values a user can
    know, and `requirement` demands that answers show these values. `constant` is a field whose value the cloud chooses
    and never changes, and `unchanging` the requirement that demands that. `key` is the field by which users ask for one
    object; a fault changes that field only in answers to such requests.
    """

    name: str
    plural: str
    requirement: str
    fields: str
    constant: str = ""
    unchanging: str = "N-OBJ-011"
    key: str = "id"

    def items(self, outgoing: Outgoing) -> Sequence[Item]:
        """The objects of this kind in the answer."""
        shows_images = self.name == "image" and "/images" in outgoing.path and outgoing.ok
        if shows_images and isinstance(outgoing.body, dict) and self.plural not in outgoing.body:
            return [outgoing.body]  # Image shows a single image without an envelope
        return list(outgoing.items(self.name, self.plural))

    def faults(self) -> Iterator[Fault]:
        """A fault for each of `fields`, and one for `constant`, if there is one."""
        for name in self.fields.split():
            sentence = f"Every answer shows another {name} of a {self.name}."
            yield entry(f"{_id(self.name, name)}-is-untrue", self.requirement)(sentence, _lying(self, name))
        if self.constant:
            sentence = f"Every other answer shows another {self.constant} of a {self.name}."
            id_ = f"{_id(self.name, self.constant)}-wanders"
            yield entry(id_, self.unchanging)(sentence, _wandering(self, self.constant))


def _id(*names: str) -> str:
    return "-".join(re.sub(r"[^a-z0-9]+", "-", name.lower()) for name in names)


OWN_CHANGES: dict[str, Callable[[Any], Any]] = {  # kind and field -> the change of its value, in place of `untrue`
    "server status": lambda status: "ACTIVE" if status == "BUILD" else status,
    "interfaceAttachment fixed_ips": lambda ips: [{**ip, "ip_address": "203.0.113.99"} for ip in ips],
    "instanceAction events": lambda events: [
        {**event, "finish_time": event["finish_time"] and untrue(event["finish_time"])} for event in events
    ],
    "token user": lambda user: {**user, "name": ANOTHER},
    "token project": lambda project: {**project, "name": ANOTHER},
}


def _lying(shown: Shown, name: str) -> Plant:
    """Let every answer show another value of that field."""
    change = OWN_CHANGES.get(f"{shown.name} {name}", untrue)

    def lie(outgoing: Outgoing) -> None:
        asked_by_key = (
            outgoing.method in ("GET", "PUT") and isinstance(outgoing.body, dict) and shown.plural not in outgoing.body
        )
        for item in shown.items(outgoing):
            if name in item and (asked_by_key or name != shown.key):
                item[name] = change(item[name])

    return leaving(lie)


def _wandering(shown: Shown, name: str) -> Plant:
    """Let every second answer with such objects show another value of that field."""
    answers = count()

    def wander(outgoing: Outgoing) -> None:
        items = shown.items(outgoing)
        if items and next(answers) % 2:
            for item in items:
                if name in item:
                    item[name] = untrue(item[name])

    return leaving(wander)


OWNED = "project_id tenant_id"
USUAL = f"{OWNED} description tags"
SHOWN = (
    Shown(
        "network",
        "networks",
        "N-OBJ-001",
        f"id {USUAL} name admin_state_up shared is_default subnets status router:external",
    ),
    Shown(
        "subnet",
        "subnets",
        "N-OBJ-002",
        f"id {USUAL} name network_id ip_version cidr gateway_ip allocation_pools enable_dhcp dns_nameservers "
        "host_routes ipv6_ra_mode ipv6_address_mode subnetpool_id",
    ),
    Shown(
        "port",
        "ports",
        "N-OBJ-003",
        f"id {USUAL} name network_id admin_state_up device_id device_owner fixed_ips security_groups "
        "allowed_address_pairs status "
        "binding:vnic_type binding:host_id binding:profile",
        "mac_address",
    ),
    Shown("router", "routers", "N-OBJ-004", f"id {USUAL} name admin_state_up external_gateway_info routes status"),
    Shown(
        "floatingip",
        "floatingips",
        "N-OBJ-005",
        f"id {USUAL} floating_network_id port_id fixed_ip_address router_id status",
        "floating_ip_address",
    ),
    Shown("security_group", "security_groups", "N-OBJ-006", f"id {USUAL} name"),
    Shown(
        "security_group_rule",
        "security_group_rules",
        "N-OBJ-006",
        f"id {OWNED} description security_group_id direction ethertype protocol port_range_min port_range_max "
        "remote_group_id remote_ip_prefix",
    ),
    Shown(
        "subnetpool",
        "subnetpools",
        "N-OBJ-007",
        f"id {USUAL} name prefixes ip_version default_prefixlen min_prefixlen max_prefixlen default_quota "
        "address_scope_id is_default shared",
    ),
    Shown("rbac_policy", "rbac_policies", "N-OBJ-008", f"{OWNED} object_type object_id action target_tenant"),
    Shown("quota", "quotas", "N-OBJ-009", "network port router subnet"),
    Shown("auto_allocated_topology", "auto_allocated_topologies", "N-OBJ-010", OWNED),
    Shown(
        "server",
        "servers",
        "C-OBJ-001",
        "id name tenant_id user_id description metadata image flavor key_name accessIPv4 accessIPv6 tags locked "
        "created updated links status security_groups os-extended-volumes:volumes_attached OS-DCF:diskConfig "
        "OS-SRV-USG:launched_at OS-SRV-USG:terminated_at",
    ),
    Shown(
        "interfaceAttachment",
        "interfaceAttachments",
        "C-OBJ-002",
        "port_id net_id mac_addr fixed_ips port_state",
        key="port_id",
    ),
    Shown(
        "instanceAction",
        "instanceActions",
        "C-OBJ-003",
        "instance_uuid request_id user_id project_id start_time updated_at events",
    ),
    Shown(
        "flavor",
        "flavors",
        "C-OBJ-004",
        "id name ram disk vcpus swap rxtx_factor links OS-FLV-EXT-DATA:ephemeral os-flavor-access:is_public",
    ),
    Shown("quota_set", "quota_sets", "C-OBJ-005", "id instances cores ram"),
    Shown(
        "image",
        "images",
        "G-005",
        "id owner name visibility container_format disk_format min_disk min_ram protected os_hidden tags created_at "
        "updated_at file self schema",
    ),
    Shown("project", "projects", "K-009", "name domain_id description enabled tags is_domain parent_id links"),
    Shown("user", "users", "K-009", "name domain_id enabled links"),
    Shown("token", "tokens", "K-010", "user project methods issued_at expires_at is_domain"),
)
table(*(fault for shown in SHOWN for fault in shown.faults()))
