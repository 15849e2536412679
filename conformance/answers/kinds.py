"""The kinds of objects in the APIs: paths, names in bodies, and the tables by which their fields are judged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from conformance.answers import compute_fields as compute
from conformance.answers import network_fields as network
from conformance.answers import other_fields as others
from conformance.answers.rules import Fields


@dataclass(frozen=True)
class Kind:
    """A kind of objects: `path` is that of its collection, `plural` the envelope of a list, `name` that of one object.

    `values` is the requirement that its fields are true. `key` is the field that identifies an object; without such a
    field the id in the URL does.
    """

    path: str
    name: str
    plural: str
    fields: Fields
    values: str
    key: str = "id"

    @cached_property
    def remembered(self) -> frozenset[str]:
        """The names in bodies that some rule is about."""
        return frozenset(field.sent_as for field in self.fields.values() if field.sent_as)

    @property
    def family(self) -> str:
        """The letter that the ids of its requirements begin with: N for Networking, C for Compute and so on."""
        return self.values.partition("-")[0]


KINDS = (
    Kind("networks", "network", "networks", network.NETWORK, "N-OBJ-001"),
    Kind("subnets", "subnet", "subnets", network.SUBNET, "N-OBJ-002"),
    Kind("ports", "port", "ports", network.PORT, "N-OBJ-003"),
    Kind("routers", "router", "routers", network.ROUTER, "N-OBJ-004"),
    Kind("floatingips", "floatingip", "floatingips", network.FLOATING_IP, "N-OBJ-005"),
    Kind("security-groups", "security_group", "security_groups", network.SECURITY_GROUP, "N-OBJ-006"),
    Kind(
        "security-group-rules",
        "security_group_rule",
        "security_group_rules",
        network.SECURITY_GROUP_RULE,
        "N-OBJ-006",
    ),
    Kind("subnetpools", "subnetpool", "subnetpools", network.SUBNET_POOL, "N-OBJ-007"),
    Kind("rbac-policies", "rbac_policy", "rbac_policies", network.RBAC_POLICY, "N-OBJ-008"),
    Kind("quotas", "quota", "quotas", network.QUOTA, "N-OBJ-009", key=""),
    Kind(
        "auto-allocated-topology",
        "auto_allocated_topology",
        "auto_allocated_topologies",
        network.TOPOLOGY,
        "N-OBJ-010",
        key="",
    ),
    Kind("servers", "server", "servers", compute.SERVER, "C-OBJ-001"),
    Kind("os-interface", "interfaceAttachment", "interfaceAttachments", compute.INTERFACE, "C-OBJ-002", key="port_id"),
    Kind("os-instance-actions", "instanceAction", "instanceActions", compute.ACTION, "C-OBJ-003", key="request_id"),
    Kind("flavors", "flavor", "flavors", compute.FLAVOR, "C-OBJ-004"),
    Kind("os-quota-sets", "quota_set", "quota_sets", compute.QUOTA_SET, "C-OBJ-005", key=""),
    Kind("os-services", "service", "services", compute.SERVICE, ""),
    Kind("images", "image", "images", others.IMAGE, "G-005"),
    Kind("projects", "project", "projects", others.PROJECT, "K-009"),
    Kind("users", "user", "users", others.USER, "K-009"),
    Kind("tokens", "token", "tokens", others.TOKEN, "K-010", key=""),
)
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
BY_PATH: Mapping[str, Kind] = {kind.path: kind for kind in KINDS}

PORT, SERVER, INTERFACE = BY_NAME["port"], BY_NAME["server"], BY_NAME["interfaceAttachment"]
TOPOLOGY, RULE = BY_NAME["auto_allocated_topology"], BY_NAME["security_group_rule"]
PARTS = {"os-interface": "servers", "os-instance-actions": "servers", "tokens": "auth"}  # collections below others
DETAIL = "detail"  # of a list, in the place of an id
PATH = re.compile(r"/v\d(?:\.\d+)?/(?:[0-9a-f]{32}/)?(.+)$")
SUFFIX = ".json"  # a path may end with it


@dataclass(frozen=True)
class Place:
    """What a URL is about: a kind, the object's `id` (empty for the collection), and the object of which it is a part.

    `rest` is what follows in the path, such as an action on the object.
    """

    kind: Kind
    id: str = ""
    parent: str = ""
    rest: str = ""


def place_of(url: str) -> Place | None:
    """The place in one of the APIs that a URL names; None for another one, such as a version document."""
    match = PATH.search(url.partition("?")[0])
    parts = [part for part in match[1].removesuffix(SUFFIX).split("/") if part] if match else []
    if len(parts) > 2 and PARTS.get(parts[2]) == parts[0]:
        return Place(BY_PATH[parts[2]], "".join(parts[3:4]), parts[1], "/".join(parts[4:]))
    if len(parts) > 1 and PARTS.get(parts[1]) == parts[0]:
        return Place(BY_PATH[parts[1]])
    if not parts or parts[0] not in BY_PATH or parts[0] in PARTS:
        return None
    id_ = "".join(parts[1:2])
    return Place(BY_PATH[parts[0]], "" if id_ == DETAIL else id_, "", "/".join(parts[2:]))
