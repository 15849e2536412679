"""Bodies and queries that once ended in a 500: each is refused, or done, and nothing is left half done."""

from __future__ import annotations

from typing import Any

import pytest

from reference.tests.conftest import Cloud


def refused(answer: Any) -> tuple[int, str]:
    """Status and type of Networking's refusal."""
    return answer.status_code, answer.json()["NeutronError"]["type"]


@pytest.mark.parametrize("text", ["maybe", "", "2"])
def test_a_page_reverse_that_is_no_boolean_is_none(cloud: Cloud, text: str) -> None:
    assert cloud.demo.network("GET", f"/ports?page_reverse={text}").status_code == 200


@pytest.mark.parametrize("owner", [{}, [], None, 1, True])
@pytest.mark.parametrize("name", ["project_id", "tenant_id"])
def test_an_owner_that_is_no_text(cloud: Cloud, name: str, owner: Any) -> None:
    for user in (cloud.demo, cloud.admin):
        assert refused(user.network("POST", "/networks", json={"network": {name: owner}})) == (400, "HTTPBadRequest")


@pytest.mark.parametrize("inner", ["x", [1], None, 1])
def test_an_envelope_within_a_bulk_that_is_no_object(cloud: Cloud, inner: Any) -> None:
    answer = cloud.demo.network("POST", "/networks", json={"networks": [{"network": {}}, {"network": inner}]})
    assert refused(answer) == (400, "HTTPBadRequest")
    assert cloud.demo.network("GET", f"/networks?project_id={cloud.demo.project_id}").json()["networks"] == []


@pytest.mark.parametrize(
    "ranges",
    [
        [{}],
        [{"start": "192.0.2.5"}],
        [{"end": "192.0.2.5"}],
        [{"start": "192.0.2.9", "end": "192.0.2.5"}],
        [{"start": "192.0.2.5", "end": "198.51.100.5"}],
        [{"start": "192.0.2.5", "end": "::ffff:c000:209"}],
    ],
    ids=str,
)
def test_allocation_pools_that_are_no_ranges(cloud: Cloud, ranges: list[dict[str, str]]) -> None:
    network = cloud.demo.network("POST", "/networks", json={"network": {}}).json()["network"]["id"]
    values = {"network_id": network, "cidr": "192.0.2.0/26", "ip_version": 4}
    answer = cloud.demo.network("POST", "/subnets", json={"subnet": {**values, "allocation_pools": ranges}})
    assert answer.status_code == 400, answer.text
    made = cloud.demo.network("POST", "/subnets", json={"subnet": values}).json()["subnet"]
    answer = cloud.demo.network("PUT", f"/subnets/{made['id']}", json={"subnet": {"allocation_pools": ranges}})
    assert answer.status_code == 400, answer.text
    assert cloud.demo.network("POST", "/ports", json={"port": {"network_id": network}}).status_code == 201
