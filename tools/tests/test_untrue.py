"""Each field that a user can know has a fault that shows another value, and the suite's tables know each field."""

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.answers.kinds import BY_NAME, KINDS
from conformance.answers.rules import Source
from reference.faults import CATALOGUE
from reference.faults.untrue import SHOWN
from reference.network.resources import (
    floatingips,
    networks,
    ports,
    rbac,
    routers,
    security_groups,
    subnetpools,
    subnets,
)

RESOURCES = (networks, subnets, ports, routers, floatingips, security_groups, subnetpools, rbac)
FAULTS: Mapping[str, Any] = {shown.name: shown for shown in SHOWN}
# Fields that no fault is about, and why.
NOT_SHOWN = {"created_at", "updated_at", "revision_number"}  # fields of extensions that this Networking lacks
NEVER_SENT = {  # fields that the suite does not set: they can only be compared with earlier answers
    "network": {"mtu"},
    "port": {"security_groups"},
    "interfaceAttachment": {"tag"},
    "flavor": {"description", "OS-FLV-DISABLED:disabled"},  # a run ends before its tests without an enabled flavor
    "quota": {"floatingip", "rbac_policy", "security_group", "security_group_rule", "subnetpool"},
    "user": {"id", "description", "email", "default_project_id"},
    "project": {"id"},
    "security_group": {"id"},
    "security_group_rule": {"tags"},
    "rbac_policy": {"id"},
}
ELSEWHERE = {  # fields that cannot be untrue in all answers, with their faults
    "floatingip": {"port_details": "floating-ips-tell-of-another-port"},
    "server": {"addresses": "server-ipv4-address-is-untrue", "OS-EXT-STS:power_state": "servers-have-power-too-early"},
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_field_that_can_be_known_has_a_fault(name: str) -> None:
    fields = BY_NAME[name].fields
    determined = {field for field, rule in fields.items() if rule.source is not Source.OPAQUE}
    shown = FAULTS[name]
    faults = {*shown.fields.split(), shown.constant, *ELSEWHERE.get(name, {})} - {""}
    optional = NEVER_SENT.get(name, set()) | (NOT_SHOWN if BY_NAME[name].family == "N" else set())
    assert determined - faults - optional == set()
    assert faults <= fields.keys()
    assert {*ELSEWHERE.get(name, {}).values()} <= CATALOGUE.keys()


def test_each_kind_with_a_requirement_has_faults() -> None:
    assert {kind.name for kind in KINDS if kind.values} == FAULTS.keys()
    assert all(CATALOGUE[fault.id] is fault or fault.id in CATALOGUE for shown in SHOWN for fault in shown.faults())


@pytest.mark.parametrize("module", RESOURCES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_each_attribute_of_networking_has_a_rule(module: Any) -> None:
    resource = module.RESOURCE
    assert {attribute.name for attribute in resource.attributes} - {
        "use_default_subnetpool",
        "prefixlen",
        "subnet_id",
    } <= (BY_NAME[resource.singular].fields.keys() | {"name"})
