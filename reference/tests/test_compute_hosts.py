"""Several compute hosts on one database: who builds what, what happens when one fails, dies, or is too old."""

import uuid
from typing import Any

import pytest

from reference.compute import hosts, timestamps
from reference.compute.allocation import Later
from reference.compute.tables import hosts as table
from reference.tests.clouds import Cloud
from reference.tests.computing import Compute, builder, refusal

OLD, NEW = hosts.KNOWS_AUTO_AND_NONE - 1, hosts.KNOWS_AUTO_AND_NONE


@pytest.fixture
def admin(cloud: Cloud) -> Compute:
    return Compute(cloud, cloud.admin)


def beat(compute: Compute, host: str, version: int = NEW) -> None:
    compute.cloud.store.write(lambda tx: hosts.seen(tx, host, version))


def silence(compute: Compute, host: str) -> None:
    """Set the host's last heartbeat far back."""
    long_ago = timestamps.parse("2020-01-01T00:00:00Z")
    compute.cloud.store.write(
        lambda tx: tx.execute(table.update().where(table.c.host == host).values(seen_at=long_ago))
    )


def build_on(compute: Compute, host: str) -> int:
    return builder(compute.cloud, compute_host=host).run_pending()


def services(admin: Compute, query: str = "", **more: Any) -> list[dict[str, Any]]:
    answer = admin("GET", f"/os-services{query}", **more)
    assert answer.status_code == 200, answer.text
    services: list[dict[str, Any]] = answer.json()["services"]
    return services


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every build fails, on every host."""

    def allocate(_networks: Any, server: Any, **_more: Any) -> list[Any]:
        raise Later(f"not here: {server.host}")

    monkeypatch.setattr("reference.compute.builder.allocation.allocate", allocate)
    monkeypatch.setattr("reference.compute.builder.PAUSE", 0.0)


def test_hosts_as_admins_see_them(compute: Compute, admin: Compute) -> None:
    for host in ("c1", "c2", "c3"):
        beat(compute, host)
    silence(compute, "c2")
    assert [(entry["host"], entry["state"]) for entry in services(admin)] == [
        ("c1", "up"),
        ("c2", "down"),
        ("c3", "up"),
    ]
    assert [entry["host"] for entry in services(admin, "?host=c2")] == ["c2"]
    assert [entry["host"] for entry in services(admin, "?binary=nova-compute&host=c3")] == ["c3"]
    assert services(admin, "?binary=nova-scheduler") == []
    for version, fields in (("2.1", set()), ("2.11", {"forced_down"}), ("2.69", {"forced_down"})):
        [first, *_] = services(admin, version=version)
        assert set(first) == fields | set("id binary host zone status state updated_at disabled_reason".split())  # noqa: SIM905
        assert isinstance(first["id"], str if version == "2.69" else int)
    assert "version" not in first  # C-SVC-002: none of the services' integer versions is shown
    assert refusal(compute("GET", "/os-services"))[:2] == (403, "forbidden")
    assert admin("GET", "/os-services?x=1", version="2.74").status_code == 200
    assert refusal(admin("GET", "/os-services?x=1", version="2.75"))[:2] == (400, "badRequest")


@pytest.mark.parametrize("version", ["2.52", "2.53"])
def test_a_host_is_taken_off_the_list(compute: Compute, admin: Compute, version: str) -> None:
    beat(compute, "c1")
    beat(compute, "c2")
    [_, second] = services(admin, version=version)
    path = f"/os-services/{second['id']}"
    assert refusal(compute("DELETE", path, version=version))[:2] == (403, "forbidden")
    assert admin("DELETE", path, version=version).status_code == 204
    assert [entry["host"] for entry in services(admin)] == ["c1"]
    assert refusal(admin("DELETE", path, version=version))[:2] == (404, "itemNotFound")
    assert refusal(admin("DELETE", f"/os-services/{uuid.uuid4()}", version="2.53"))[:2] == (404, "itemNotFound")
    assert refusal(admin("DELETE", "/os-services/none", version="2.53"))[:2] == (400, "badRequest")


def test_the_zone_and_its_hosts(compute: Compute, admin: Compute) -> None:
    beat(compute, "c1")
    beat(compute, "c2")
    silence(compute, "c2")
    zone = {"zoneName": "nova", "zoneState": {"available": True}}
    assert compute("GET", "/os-availability-zone").json() == {"availabilityZoneInfo": [{**zone, "hosts": None}]}
    assert refusal(compute("GET", "/os-availability-zone/detail"))[:2] == (403, "forbidden")
    [shown] = admin("GET", "/os-availability-zone/detail").json()["availabilityZoneInfo"]
    up = {host: entry["nova-compute"]["available"] for host, entry in shown["hosts"].items()}
    assert up == {"c1": True, "c2": False}


def test_any_host_builds_a_server_that_names_none(compute: Compute, admin: Compute) -> None:
    beat(compute, "c1")
    item = compute.booted("none")
    assert build_on(compute, "c2") == 1
    assert admin.server(item)["OS-EXT-SRV-ATTR:host"] == "c2"


@pytest.mark.parametrize(
    ("version", "place"),
    [("2.37", {"availability_zone": "nova:c2"}), ("2.74", {"host": "c2"}), ("2.74", {"hypervisor_hostname": "c2"})],
)
def test_a_host_that_is_named_builds(compute: Compute, admin: Compute, version: str, place: dict[str, Any]) -> None:
    for host in ("c1", "c2"):
        beat(compute, host)
    item = admin.boot("none", version=version, **place).json()["server"]["id"]
    assert build_on(compute, "c1") == 0
    assert build_on(compute, "c2") == 1
    assert admin.server(item)["OS-EXT-SRV-ATTR:host"] == "c2"
    assert admin.server(item)["OS-EXT-AZ:availability_zone"] == "nova"


def test_no_host_for_a_server_that_names_a_dead_one(compute: Compute, admin: Compute) -> None:
    for host in ("c1", "c2"):
        beat(compute, host)
    assert refusal(admin.boot("none", availability_zone="nova:c3"))[:2] == (400, "badRequest")
    item = admin.booted("none", availability_zone="nova:c2")
    silence(compute, "c2")
    assert build_on(compute, "c1") == 1
    shown = admin.server(item)
    assert (shown["status"], shown["fault"]["code"]) == ("ERROR", 500)
    assert "No valid host was found" in shown["fault"]["message"]
    assert shown["OS-EXT-SRV-ATTR:host"] is None


@pytest.mark.parametrize("size", ["ram", "vcpus", "disk"])
def test_no_host_is_large_enough(compute: Compute, admin: Compute, size: str) -> None:
    """The size is refused by the search for a host, not before (C-BUILD-009)."""
    huge = {"name": "huge", "ram": 512, "vcpus": 1, "disk": 1, size: hosts.CAPACITY[size] + 1}
    flavor = admin("POST", "/flavors", json={"flavor": huge}).json()["flavor"]["id"]
    answer = compute.boot("auto", flavorRef=flavor, version="2.50")
    item, request_id = answer.json()["server"]["id"], answer.headers["x-openstack-request-id"]
    compute.build()
    shown = compute.server(item)
    assert (shown["status"], shown["fault"]["code"], shown["hostId"]) == ("ERROR", 500, "")
    assert "No valid host was found" in shown["fault"]["message"]
    assert "details" not in shown["fault"]
    assert admin.server(item)["fault"]["details"]
    assert compute.ports(item) == []
    [action] = compute("GET", f"/servers/{item}/os-instance-actions").json()["instanceActions"]
    assert (action["action"], action["request_id"]) == ("create", request_id)
    # a server keeps its flavor, even one that is gone
    assert refusal(compute("DELETE", f"/flavors/{flavor}"))[:2] == (403, "forbidden")
    assert admin("DELETE", f"/flavors/{flavor}").status_code == 202
    assert refusal(admin("DELETE", f"/flavors/{flavor}"))[:2] == (404, "itemNotFound")
    assert compute.server(item)["flavor"]["id"] == flavor
    assert compute("DELETE", f"/servers/{item}").status_code == 204


@pytest.mark.usefixtures("failing")
def test_a_build_that_failed_goes_to_another_host(compute: Compute) -> None:
    """Three attempts in all, never twice in a row on one host while there is another (C-BUILD-006)."""
    for host in ("c1", "c2"):
        beat(compute, host)
    item = compute.booted("auto")
    for turn, host in enumerate(("c1", "c2", "c1"), 1):
        other = {"c1": "c2", "c2": "c1"}[host]
        if turn > 1:
            assert build_on(compute, other) == 0
        assert compute.server(item)["status"] == "BUILD"
        assert build_on(compute, host) == 1
    shown = compute.server(item)
    assert shown["status"] == "ERROR"
    assert "Exceeded maximum number of retries" in shown["fault"]["message"]
    assert compute.ports(item) == []


@pytest.mark.usefixtures("failing")
def test_the_only_host_tries_again_itself(compute: Compute) -> None:
    for host in ("c1", "c2"):
        beat(compute, host)
    silence(compute, "c2")
    item = compute.booted("auto")
    assert build_on(compute, "c1") == 3
    assert compute.server(item)["status"] == "ERROR"


def test_any_host_deletes(compute: Compute) -> None:
    for host in ("c1", "c2"):
        beat(compute, host)
    item = compute.active("auto")
    assert compute("DELETE", f"/servers/{item}").status_code == 204
    assert build_on(compute, "c2") == 1
    assert compute("GET", f"/servers/{item}").status_code == 404
    assert compute.ports(item) == []


class TestMixedLevels:
    """While a live host is older than the two words, they mean nothing (C-NET-034)."""

    @pytest.fixture(autouse=True)
    def mixed(self, compute: Compute) -> None:
        beat(compute, "c1", NEW)
        beat(compute, "c2", OLD)

    def interfaces(self, compute: Compute, words: str) -> list[str]:
        item = compute.active(words)
        return [port["network_id"] for port in compute.ports(item)]

    def test_nothing_is_allocated(self, compute: Compute) -> None:
        assert self.interfaces(compute, "auto") == []
        path = f"/networks?tenant_id={compute.user.project_id}"
        assert compute.user.network("GET", path).json()["networks"] == []

    def test_none_gets_the_only_network(self, compute: Compute) -> None:
        network = compute.network()
        assert self.interfaces(compute, "none") == [network]
        assert self.interfaces(compute, "auto") == [network]

    def test_two_networks_are_ambiguous_even_for_none(self, compute: Compute) -> None:
        compute.network("one")
        compute.network("two", "198.51.100.0/24")
        for words in ("auto", "none"):
            assert refusal(compute.boot(words))[:2] == (409, "conflictingRequest")

    def test_the_schema_is_unchanged(self, compute: Compute) -> None:
        assert refusal(compute.boot("any"))[:2] == (400, "badRequest")
        assert refusal(compute.boot("auto", version="2.36"))[:2] == (400, "badRequest")

    def test_without_a_live_old_host_the_two_words_work(self, compute: Compute, admin: Compute) -> None:
        network = compute.network()
        beat(compute, "c2", NEW)
        assert self.interfaces(compute, "none") == []
        beat(compute, "c2", OLD)
        assert self.interfaces(compute, "none") == [network]
        silence(compute, "c2")
        assert self.interfaces(compute, "none") == []
        beat(compute, "c2", OLD)
        [old] = services(admin, "?host=c2", version="2.53")
        assert admin("DELETE", f"/os-services/{old['id']}", version="2.53").status_code == 204
        assert self.interfaces(compute, "none") == []
