"""Limits: who sees and sets them, how they reduce a boot request, and a limit that is lowered before the build."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from reference.compute import quotas
from reference.tests.computing import Compute, refusal

GONE_AT = {
    36: {"fixed_ips", "floating_ips", "security_group_rules", "security_groups"},
    57: {"injected_file_content_bytes", "injected_file_path_bytes", "injected_files"},
}


def limit(compute: Compute, version: str = "2.37", **most: Any) -> None:
    path = f"/os-quota-sets/{compute.user.project_id}"
    answer = Compute(compute.cloud, compute.cloud.admin)("PUT", path, json={"quota_set": most}, version=version)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("minor", [1, 35, 36, 56, 57, 100])
def test_what_a_version_knows_limits_of(compute: Compute, minor: int) -> None:
    resources = set(quotas.RESOURCES).difference(*(names for since, names in GONE_AT.items() if minor >= since))
    path, version = f"/os-quota-sets/{compute.user.project_id}", f"2.{minor}"
    shown = compute("GET", path, version=version).json()["quota_set"]
    assert shown == {"id": compute.user.project_id} | dict.fromkeys(resources, -1)
    assert compute("GET", f"{path}/defaults", version=version).json()["quota_set"] == shown
    detail = compute("GET", f"{path}/detail", version=version).json()["quota_set"]
    assert set(detail) == set(shown)
    assert all(detail[name] == {"limit": -1, "in_use": 0, "reserved": 0} for name in resources)
    admin = Compute(compute.cloud, compute.cloud.admin, version)
    for name in quotas.RESOURCES:
        answer = admin("PUT", path, json={"quota_set": {name: 7}})
        assert (answer.status_code == 200) == (name in resources), name
    assert admin("PUT", path, json={"quota_set": {}}).json()["quota_set"] == dict.fromkeys(resources, 7)
    assert admin("DELETE", path).status_code == 202
    assert compute("GET", path, version=version).json()["quota_set"] == shown


@pytest.mark.parametrize(
    ("minor", "names"),
    [
        (1, {"maxImageMeta", "maxPersonality", "maxPersonalitySize", "maxTotalFloatingIps", "totalFloatingIpsUsed"}),
        (36, {"maxImageMeta", "maxPersonality", "maxPersonalitySize"}),
        (39, {"maxPersonality", "maxPersonalitySize"}),
        (57, set()),
    ],
)
def test_the_summary(compute: Compute, minor: int, names: set[str]) -> None:
    compute.booted("none", min_count=2)
    limit(compute, instances=5)
    shown = compute("GET", "/limits", version=f"2.{minor}").json()["limits"]["absolute"]
    later = {"maxImageMeta", "maxPersonality", "maxPersonalitySize", "maxTotalFloatingIps", "totalFloatingIpsUsed"}
    assert set(shown) & later == names
    assert (shown["maxTotalInstances"], shown["totalInstancesUsed"], shown["totalRAMUsed"]) == (5, 2, 1024)
    assert (shown["maxTotalCores"], shown["totalCoresUsed"]) == (-1, 2)


def test_limits_are_their_projects_and_the_admins(compute: Compute) -> None:
    mine, other = compute.user.project_id, compute.cloud.alt.project_id
    for method, path in (
        ("PUT", f"/os-quota-sets/{mine}"),
        ("DELETE", f"/os-quota-sets/{mine}"),
        ("GET", f"/os-quota-sets/{other}"),
        ("GET", f"/os-quota-sets/{other}/detail"),
        ("GET", f"/limits?tenant_id={other}"),
    ):
        assert refusal(compute(method, path, json={"quota_set": {}}))[:2] == (403, "forbidden"), path
    assert compute("GET", f"/os-quota-sets/{other}/defaults").status_code == 200
    admin = Compute(compute.cloud, compute.cloud.admin)
    assert admin("GET", f"/limits?tenant_id={mine}").status_code == 200
    for path in (f"/os-quota-sets/{mine}?x=1", "/limits?reserved=1"):
        assert compute("GET", path, version="2.74").status_code == 200
        assert refusal(compute("GET", path, version="2.75"))[:2] == (400, "badRequest")


@pytest.mark.parametrize("limit", [{"instances": -2}, {"instances": "x"}, {"foo": 1}, {"instances": None}, None])
def test_invalid_limits_are_refused(compute: Compute, limit: Any) -> None:
    answer = Compute(compute.cloud, compute.cloud.admin)("PUT", "/os-quota-sets/x", json={"quota_set": limit})
    assert refusal(answer)[:2] == (400, "badRequest")


def test_no_limit_below_what_is_in_use_unless_meant(compute: Compute) -> None:
    compute.booted("none", min_count=2)
    admin, path = Compute(compute.cloud, compute.cloud.admin), f"/os-quota-sets/{compute.user.project_id}"
    status, kind, message = refusal(admin("PUT", path, json={"quota_set": {"instances": "1"}}))
    assert (status, kind) == (400, "badRequest")
    assert "greater than or equal to already used" in message
    assert compute("GET", path).json()["quota_set"]["instances"] == -1
    limit(compute, instances=1, force="true")
    assert compute("GET", path).json()["quota_set"]["instances"] == 1


# a server of m1.tiny is 1 core and 512 MiB
@pytest.mark.parametrize(
    ("most", "least", "expected", "created"),
    [
        ({"instances": 2}, 1, 5, 2),
        ({"cores": 3}, 1, 5, 3),
        ({"ram": 1100}, 2, 5, 2),
        ({"instances": 4, "cores": 3, "ram": 512}, 1, 5, 1),
        ({"instances": 3}, 3, 3, 3),
        ({"instances": -1}, 5, 5, 5),
        ({"instances": 2}, 3, 5, 0),
        ({"ram": 511}, 1, 1, 0),
    ],
)
def test_a_request_is_cut_down_to_its_room(
    compute: Compute, most: dict[str, Any], least: int, expected: int, created: int
) -> None:
    limit(compute, **most)
    answer = compute.boot("none", name="q", min_count=least, max_count=expected)
    names = sorted(server["name"] for server in compute.servers())
    assert names == ([f"q-{number}" for number in range(1, created + 1)] if created > 1 else ["q"] * created)
    if created:
        assert answer.status_code == 202
        compute.build()
        assert {server["status"] for server in compute.servers()} == {"ACTIVE"}
    else:
        assert refusal(answer)[:2] == (403, "forbidden")


@pytest.mark.parametrize(
    ("most", "count", "details"),
    [
        ({"instances": 2}, {"min_count": 3}, "Requested 3, but already used 0 of 2 instances"),
        ({"instances": 2}, {"min_count": 3, "max_count": 4}, "Requested 3-4, but already used 0 of 2 instances"),
        ({"cores": 1, "ram": 512}, {"min_count": 2}, "Requested 2, 1024, but already used 0, 0 of 1, 512 cores, ram"),
    ],
)
def test_messages_about_limits(compute: Compute, most: dict[str, Any], count: dict[str, Any], details: str) -> None:
    limit(compute, **most)
    message = refusal(compute.boot("none", **count))[2]
    assert message == f"Quota exceeded for {', '.join(sorted(most))}: {details}"


def test_the_smaller_of_two_rooms_counts(compute: Compute) -> None:
    """The port quota and the limits of Compute, whichever leaves less (C-MULTI-006)."""
    network = compute.network()
    ports = {"quota": {"port": 2}}
    admin = Compute(compute.cloud, compute.cloud.admin)
    assert admin.user.network("PUT", f"/quotas/{compute.user.project_id}", json=ports).status_code == 200
    limit(compute, instances=3)
    assert compute.boot([{"uuid": network}], min_count=1, max_count=4).status_code == 202
    assert len(compute.servers()) == 2
    assert compute.boot("none", min_count=1, max_count=4).status_code == 202
    assert len(compute.servers()) == 3


def test_racing_requests_do_not_go_past_a_limit(compute: Compute) -> None:
    limit(compute, instances=5)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _number: compute.boot("none", min_count=2), range(8)))
    assert sorted(answer.status_code for answer in answers) == [202] * 2 + [403] * 6
    assert len(compute.servers()) == 4


def test_a_limit_lowered_before_the_build(compute: Compute) -> None:
    """All servers of the request are in ERROR with 413, a code that no answer of the API has (C-FAULT-003, C-CW-09)."""
    first = compute.active("none")
    compute.booted("auto", name="late", min_count=2)
    limit(compute, instances=1, force=True)
    compute.build()
    late = [server for server in compute.servers() if server["id"] != first]
    assert [server["status"] for server in late] == ["ERROR", "ERROR"]
    for server in late:
        assert (server["fault"]["code"], "details" in server["fault"]) == (413, False)
        assert server["fault"]["message"].startswith("Quota exceeded for instances: Requested 1, but already used 3 of")
        assert compute.ports(server["id"]) == []
        assert compute("DELETE", f"/servers/{server['id']}").status_code == 204
    assert compute.server(first)["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("most", "brought"),
    [
        ({"metadata_items": 1}, {"metadata": {"a": "1", "b": "2"}}),
        ({"injected_files": 0}, {"personality": [{"path": "/a", "contents": ""}]}),
        ({"injected_file_path_bytes": 1}, {"personality": [{"path": "/a", "contents": ""}]}),
        ({"injected_file_content_bytes": 4}, {"personality": [{"path": "/a", "contents": "aGVsbG8="}]}),
    ],
)
def test_limits_on_one_request(compute: Compute, most: dict[str, Any], brought: dict[str, Any]) -> None:
    assert compute.boot("none", **brought).status_code == 202
    limit(compute, **most)
    assert refusal(compute.boot("none", **brought))[:2] == (403, "forbidden")
    assert compute.boot("none").status_code == 202
