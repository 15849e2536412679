"""What tests take of a project's quotas: read from the gabbi files, an entry for each module of races."""

from pathlib import Path
from typing import Any

import pytest

from conformance.coverage import requirement_tests
from conformance.gabbi import files as gabbi_files
from conformance.gabbi import needs as gabbi_needs
from conformance.gabbi.files import GabbiFolder
from conformance.projects import limits
from conformance.race import needs as race_needs
from conformance.target.capabilities import Capabilities
from conformance.target.cloud import ApiError
from conformance.tests.fake_account import FakeAccount

CLOUD = Capabilities(default_pools=(4, 6), default_group_rules=4, flavor_vcpus=2, flavor_ram=64)
USUAL = {  # limits that OpenStack starts with
    "network": 100,
    "subnet": 100,
    "port": 500,
    "router": 10,
    "floatingip": 50,
    "rbac_policy": 10,
    "security_group": 10,
    "security_group_rule": 100,
    "instances": 10,
    "cores": 20,
    "ram": 51200,
}
QUOTA = "the project's quota "
TESTS = """
- {name: a, response_covers: [N-AAT-001], status: 201, POST: "/v2.0/networks", data: {networks: [{name: a}, {name: b}]}}
- {name: b, status: 201, POST: "/v2.0/subnets", data: {subnet: {network_id: a}}}
- {name: c, status: 409, POST: "/v2.0/subnets", data: {subnet: {network_id: a}}}
- {name: d, status: 204, DELETE: "/v2.0/networks/a"}
- {name: e, status: 201, POST: "/v2.0/networks.json", data: {network: {name: c}}}
- {name: f, status: 201, POST: "/v2.0/routers", data: {router: {}}}
- {name: g, PUT: "/v2.0/routers/a/add_router_interface", data: {subnet_id: a}}
- {name: h, PUT: "/v2.0/routers/a/add_router_interface", data: {port_id: a}}
- {name: i, status: 201, POST: "/v2.0/security-groups", data: {security_group: {}}}
- {name: j, GET: "/v2.0/auto-allocated-topology/None", query_parameters: {fields: dry-run}}
"""
SERVERS = """
- {name: a, response_covers: [N-AAT-001], status: 202, POST: "/servers", data: {server: {networks: auto, max_count: 3}}}
- {name: b, status: 202, POST: "/servers", data: {server: {networks: [{uuid: a}, {port: b}]}}}
- {name: c, status: 202, POST: "/servers", data: {server: {networks: none}}}
- {name: d, status: 200, POST: "/servers/a/os-interface", data: {interfaceAttachment: {}}}
- {name: e, GET: "/v2.0/auto-allocated-topology/None"}
"""


@pytest.mark.parametrize(
    ("file", "text", "needed"),
    [
        (
            "network/a.yaml",
            TESTS,
            {"network": 2, "subnet": 2, "port": 4, "router": 1, "security_group": 2, "security_group_rule": 6},
        ),
        (
            "compute/a.yaml",
            SERVERS,
            {"network": 1, "subnet": 2, "router": 1, "port": 9, "instances": 5, "cores": 10, "ram": 320},
        ),
    ],
)
def test_a_file_needs_what_it_creates_and_does_not_delete(
    tmp_path: Path, file: str, text: str, needed: dict[str, int]
) -> None:
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(f"fixtures: [EmptyProject]\ntests:{text}")
    counted = gabbi_needs.of_file(GabbiFolder(tmp_path).read(path), CLOUD)
    assert counted == {"security_group": 1, "security_group_rule": 4, **needed}


def test_no_test_takes_more_than_openstack_gives_by_default() -> None:
    needed = {file.id: gabbi_needs.of_file(file, CLOUD) for file in gabbi_files.installed()}
    needed |= {name: race_needs.of_module(name, 8, CLOUD) for name in race_needs.NEEDS}
    low = {name: limits.shortage(USUAL, amounts) for name, amounts in needed.items()}
    assert {name: text for name, text in low.items() if text} == {}
    assert sum("network" in amounts for amounts in needed.values()) > 100


def test_each_module_of_races_says_what_it_takes() -> None:
    assert set(race_needs.NEEDS) == {path.stem for path in requirement_tests.STRESS.glob("test_*.py")}


@pytest.mark.parametrize(
    ("may", "output"),
    [
        ({}, ""),
        ({"network": 2}, ""),
        ({"network": 1}, f"{QUOTA}of network is limited to 1 (this needs 2): raise it"),
        (
            {"network": 0, "port": 4, "router": 0},
            f"{QUOTA}of network is limited to 0 (this needs 2), of port is limited to 4 (this needs 5): raise it",
        ),
    ],
)
def test_a_limit_that_is_too_low_is_named_with_both_numbers(may: dict[str, int], output: str) -> None:
    assert limits.shortage(may, {"network": 2, "port": 5}) == output


def test_limits_are_those_that_a_member_is_shown() -> None:
    account: Any = FakeAccount()
    answers = {
        "quotas": {"quota": {"network": 3, "router": -1, "firewall": "none", "port": True}},
        "limits": {"limits": {"absolute": {"maxTotalInstances": 5, "maxTotalCores": -1, "maxTotalRAMSize": 512}}},
    }

    def call(_method: str, url: str) -> Any:
        return next(answer for part, answer in answers.items() if part in url)

    account.call = call
    assert limits.read(account) == {"network": 3, "instances": 5, "ram": 512}
    answers |= {"quotas": [], "limits": {"limits": {"absolute": []}}}
    assert limits.read(account) == {}

    def refuse(_method: str, url: str) -> Any:
        raise ApiError(f"GET {url} answered 403", 403)

    account.call = refuse
    assert limits.read(account) == {}
