"""Several compute hosts on one database: who builds what, what happens when one fails, dies, or is too old."""

import uuid
from typing import Any

import pytest

from reference.compute import hosts, timestamps
from reference.compute.allocation import Later
from reference.compute.tables import hosts as table
from reference.tests.computing import Desk, builder, refusal
from reference.tests.conftest import Cloud

OLD, NEW = hosts.KNOWS_AUTO_AND_NONE - 1, hosts.KNOWS_AUTO_AND_NONE


@pytest.fixture
def desk(cloud: Cloud) -> Desk:
    return Desk(cloud, cloud.demo)


@pytest.fixture
def admin(cloud: Cloud) -> Desk:
    return Desk(cloud, cloud.admin)


def beat(desk: Desk, host: str, version: int = NEW) -> None:
    desk.cloud.store.write(lambda tx: hosts.seen(tx, host, version))


def silence(desk: Desk, host: str) -> None:
    """Let the host not have been heard of for long."""
    long_ago = timestamps.parse("2020-01-01T00:00:00Z")
    desk.cloud.store.write(lambda tx: tx.execute(table.update().where(table.c.host == host).values(seen_at=long_ago)))


def build_on(desk: Desk, host: str) -> int:
    return builder(desk.cloud, compute_host=host).run_pending()


def services(admin: Desk, query: str = "", **more: Any) -> list[dict[str, Any]]:
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


def test_hosts_as_admins_see_them(desk: Desk, admin: Desk) -> None:
    for host in ("c1", "c2", "c3"):
        beat(desk, host)
    silence(desk, "c2")
    assert [(entry["host"], entry["state"]) for entry in services(admin)] == [
        ("c1", "up"),
        ("c2", "down"),
        ("c3", "up"),
    ]
    assert [entry["host"] for entry in services(admin, "?host=c2")] == ["c2"]
    assert [entry["host"] for entry in services(admin, "?binary=nova-compute&host=c3")] == ["c3"]
    assert services(admin, "?binary=nova-scheduler") == []
    for version, known in (("2.1", set()), ("2.11", {"forced_down"}), ("2.69", {"forced_down"})):
        [first, *_] = services(admin, version=version)
        assert set(first) == known | set("id binary host zone status state updated_at disabled_reason".split())  # noqa: SIM905
        assert isinstance(first["id"], str if version == "2.69" else int)
    assert "version" not in first  # C-SVC-002: none of the services' integer versions is shown
    assert refusal(desk("GET", "/os-services"))[:2] == (403, "forbidden")
    assert admin("GET", "/os-services?x=1", version="2.74").status_code == 200
    assert refusal(admin("GET", "/os-services?x=1", version="2.75"))[:2] == (400, "badRequest")


@pytest.mark.parametrize("version", ["2.52", "2.53"])
def test_a_host_is_taken_off_the_list(desk: Desk, admin: Desk, version: str) -> None:
    beat(desk, "c1")
    beat(desk, "c2")
    [_, second] = services(admin, version=version)
    path = f"/os-services/{second['id']}"
    assert refusal(desk("DELETE", path, version=version))[:2] == (403, "forbidden")
    assert admin("DELETE", path, version=version).status_code == 204
    assert [entry["host"] for entry in services(admin)] == ["c1"]
    assert refusal(admin("DELETE", path, version=version))[:2] == (404, "itemNotFound")
    assert refusal(admin("DELETE", f"/os-services/{uuid.uuid4()}", version="2.53"))[:2] == (404, "itemNotFound")
    assert refusal(admin("DELETE", "/os-services/none", version="2.53"))[:2] == (400, "badRequest")


def test_the_zone_and_its_hosts(desk: Desk, admin: Desk) -> None:
    beat(desk, "c1")
    beat(desk, "c2")
    silence(desk, "c2")
    zone = {"zoneName": "nova", "zoneState": {"available": True}}
    assert desk("GET", "/os-availability-zone").json() == {"availabilityZoneInfo": [{**zone, "hosts": None}]}
    assert refusal(desk("GET", "/os-availability-zone/detail"))[:2] == (403, "forbidden")
    [shown] = admin("GET", "/os-availability-zone/detail").json()["availabilityZoneInfo"]
    up = {host: entry["nova-compute"]["available"] for host, entry in shown["hosts"].items()}
    assert up == {"c1": True, "c2": False}


def test_any_host_builds_what_names_none(desk: Desk, admin: Desk) -> None:
    beat(desk, "c1")
    item = desk.booted("none")
    assert build_on(desk, "c2") == 1
    assert admin.server(item)["OS-EXT-SRV-ATTR:host"] == "c2"


@pytest.mark.parametrize(
    ("version", "place"),
    [("2.37", {"availability_zone": "nova:c2"}), ("2.74", {"host": "c2"}), ("2.74", {"hypervisor_hostname": "c2"})],
)
def test_a_host_that_is_named_builds(desk: Desk, admin: Desk, version: str, place: dict[str, Any]) -> None:
    for host in ("c1", "c2"):
        beat(desk, host)
    item = admin.boot("none", version=version, **place).json()["server"]["id"]
    assert build_on(desk, "c1") == 0
    assert build_on(desk, "c2") == 1
    assert admin.server(item)["OS-EXT-SRV-ATTR:host"] == "c2"
    assert admin.server(item)["OS-EXT-AZ:availability_zone"] == "nova"


def test_no_host_for_a_server_that_names_a_dead_one(desk: Desk, admin: Desk) -> None:
    for host in ("c1", "c2"):
        beat(desk, host)
    assert refusal(admin.boot("none", availability_zone="nova:c3"))[:2] == (400, "badRequest")
    item = admin.booted("none", availability_zone="nova:c2")
    silence(desk, "c2")
    assert build_on(desk, "c1") == 1
    shown = admin.server(item)
    assert (shown["status"], shown["fault"]["code"]) == ("ERROR", 500)
    assert "No valid host was found" in shown["fault"]["message"]
    assert shown["OS-EXT-SRV-ATTR:host"] is None


@pytest.mark.parametrize("size", ["ram", "vcpus", "disk"])
def test_no_host_is_large_enough(desk: Desk, admin: Desk, size: str) -> None:
    """The size is refused when a host is looked for, not before (C-BUILD-009)."""
    huge = {"name": "huge", "ram": 512, "vcpus": 1, "disk": 1, size: hosts.CAPACITY[size] + 1}
    flavor = admin("POST", "/flavors", json={"flavor": huge}).json()["flavor"]["id"]
    answer = desk.boot("auto", flavorRef=flavor, version="2.50")
    item, request_id = answer.json()["server"]["id"], answer.headers["x-openstack-request-id"]
    desk.build()
    shown = desk.server(item)
    assert (shown["status"], shown["fault"]["code"], shown["hostId"]) == ("ERROR", 500, "")
    assert "No valid host was found" in shown["fault"]["message"]
    assert "details" not in shown["fault"]
    assert admin.server(item)["fault"]["details"]
    assert desk.ports(item) == []
    [action] = desk("GET", f"/servers/{item}/os-instance-actions").json()["instanceActions"]
    assert (action["action"], action["request_id"]) == ("create", request_id)
    # a server keeps its flavor, even one that is gone
    assert refusal(desk("DELETE", f"/flavors/{flavor}"))[:2] == (403, "forbidden")
    assert admin("DELETE", f"/flavors/{flavor}").status_code == 202
    assert refusal(admin("DELETE", f"/flavors/{flavor}"))[:2] == (404, "itemNotFound")
    assert desk.server(item)["flavor"]["id"] == flavor
    assert desk("DELETE", f"/servers/{item}").status_code == 204


@pytest.mark.usefixtures("failing")
def test_a_build_that_failed_goes_to_another_host(desk: Desk) -> None:
    """Three attempts in all, never twice in a row on one host while there is another (C-BUILD-006)."""
    for host in ("c1", "c2"):
        beat(desk, host)
    item = desk.booted("auto")
    for turn, host in enumerate(("c1", "c2", "c1"), 1):
        other = {"c1": "c2", "c2": "c1"}[host]
        if turn > 1:
            assert build_on(desk, other) == 0
        assert desk.server(item)["status"] == "BUILD"
        assert build_on(desk, host) == 1
    shown = desk.server(item)
    assert shown["status"] == "ERROR"
    assert "Exceeded maximum number of retries" in shown["fault"]["message"]
    assert desk.ports(item) == []


@pytest.mark.usefixtures("failing")
def test_the_only_host_tries_again_itself(desk: Desk) -> None:
    for host in ("c1", "c2"):
        beat(desk, host)
    silence(desk, "c2")
    item = desk.booted("auto")
    assert build_on(desk, "c1") == 3
    assert desk.server(item)["status"] == "ERROR"


def test_any_host_deletes(desk: Desk) -> None:
    for host in ("c1", "c2"):
        beat(desk, host)
    item = desk.active("auto")
    assert desk("DELETE", f"/servers/{item}").status_code == 204
    assert build_on(desk, "c2") == 1
    assert desk("GET", f"/servers/{item}").status_code == 404
    assert desk.ports(item) == []


class TestMixedLevels:
    """While a live host is older than the two words, they mean nothing (C-NET-034)."""

    @pytest.fixture(autouse=True)
    def mixed(self, desk: Desk) -> None:
        beat(desk, "c1", NEW)
        beat(desk, "c2", OLD)

    def interfaces(self, desk: Desk, words: str) -> list[str]:
        item = desk.active(words)
        return [port["network_id"] for port in desk.ports(item)]

    def test_nothing_is_allocated(self, desk: Desk) -> None:
        assert self.interfaces(desk, "auto") == []
        mine = f"/networks?tenant_id={desk.user.project_id}"
        assert desk.user.network("GET", mine).json()["networks"] == []

    def test_none_gets_what_there_is(self, desk: Desk) -> None:
        network = desk.network()
        assert self.interfaces(desk, "none") == [network]
        assert self.interfaces(desk, "auto") == [network]

    def test_two_networks_are_ambiguous_even_for_none(self, desk: Desk) -> None:
        desk.network("one")
        desk.network("two", "198.51.100.0/24")
        for words in ("auto", "none"):
            assert refusal(desk.boot(words))[:2] == (409, "conflictingRequest")

    def test_the_schema_is_as_ever(self, desk: Desk) -> None:
        assert refusal(desk.boot("any"))[:2] == (400, "badRequest")
        assert refusal(desk.boot("auto", version="2.36"))[:2] == (400, "badRequest")

    def test_once_it_is_upgraded_dead_or_forgotten_they_mean_what_they_say(self, desk: Desk, admin: Desk) -> None:
        network = desk.network()
        beat(desk, "c2", NEW)
        assert self.interfaces(desk, "none") == []
        beat(desk, "c2", OLD)
        assert self.interfaces(desk, "none") == [network]
        silence(desk, "c2")
        assert self.interfaces(desk, "none") == []
        beat(desk, "c2", OLD)
        [old] = services(admin, "?host=c2", version="2.53")
        assert admin("DELETE", f"/os-services/{old['id']}", version="2.53").status_code == 204
        assert self.interfaces(desk, "none") == []
