"""Builds and deletions are kept, whoever dies on the way, and never done twice."""

import time
from dataclasses import replace
from typing import Any

import pytest

from reference.compute import allocation, work_queue
from reference.compute.network_client import Networks
from reference.compute.tables import servers, work
from reference.tests.computing import Desk, builder
from reference.tests.conftest import Cloud


@pytest.fixture
def desk(cloud: Cloud) -> Desk:
    return Desk(cloud, cloud.demo)


def pending(desk: Desk) -> list[Any]:
    with desk.cloud.store.read() as tx:
        return list(tx.execute(work.select()))


def expire(desk: Desk) -> None:
    desk.cloud.store.write(lambda tx: tx.execute(work.update().values(lease=0.0, due=0.0)))


def gone(desk: Desk, item: str) -> bool:
    return desk("GET", f"/servers/{item}").status_code == 404


def during_allocation(desk: Desk, monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    """Build, and let something happen once the first builder has made its ports and before it can say so."""
    real = allocation.allocate

    def allocate(*arguments: Any, **more: Any) -> Any:
        nics = real(*arguments, **more)
        monkeypatch.setattr(allocation, "allocate", real)
        happens()
        return nics

    monkeypatch.setattr(allocation, "allocate", allocate)
    desk.build()


def test_the_token_goes_with_the_work(desk: Desk) -> None:
    item = desk.booted()
    [waiting] = pending(desk)
    assert waiting.token
    assert desk.user.token not in waiting.token  # encrypted
    desk.build()
    assert pending(desk) == []
    desk("DELETE", f"/servers/{item}")
    assert len(pending(desk)) == 1
    desk.build()
    assert pending(desk) == []


def test_work_under_a_lease_is_left_alone_and_then_taken_up(desk: Desk) -> None:
    item = desk.booted()
    assert work_queue.claim(desk.cloud.store, "dead", "c1") is not None
    assert work_queue.claim(desk.cloud.store, "quick", "c1") is None
    assert (desk.build(), desk.server(item)["status"]) == (0, "BUILD")
    expire(desk)
    assert (desk.build(), desk.server(item)["status"]) == (1, "ACTIVE")
    assert len(desk.ports(item)) == 1


def test_a_thread_cannot_finish_what_another_of_its_process_took_up(desk: Desk) -> None:
    desk.booted()
    first = work_queue.claim(desk.cloud.store, "same", "c1")
    expire(desk)
    second = work_queue.claim(desk.cloud.store, "same", "c1")
    assert first is not None
    assert second is not None
    with pytest.raises(work_queue.Lost):
        desk.cloud.store.write(lambda tx: work_queue.prove(tx, first))
    desk.cloud.store.write(lambda tx: work_queue.prove(tx, second))


def test_ports_of_a_dead_builder_are_used_and_the_rest_removed(desk: Desk) -> None:
    network = desk.network()
    item = desk.booted()
    assert work_queue.claim(desk.cloud.store, "dead", "c1") is not None
    remaining = [desk.port(network, device_id=item, device_owner="compute:nova") for _ in range(2)]
    expire(desk)
    desk.build()
    [port] = desk.ports(item)
    assert desk.server(item)["status"] == "ACTIVE"
    assert port["id"] in remaining


def test_a_builder_that_lost_its_lease_takes_its_port_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It wakes up to find the server built by another, on another port."""
    desk.network()
    item = desk.booted()
    ports = Networks.ports_of

    def overtaken() -> None:
        expire(desk)
        monkeypatch.setattr(
            Networks, "ports_of", lambda _self, _servers: []
        )  # the other looked before the port was there
        builder(desk.cloud).run_pending()
        monkeypatch.setattr(Networks, "ports_of", ports)

    during_allocation(desk, monkeypatch, overtaken)
    with desk.cloud.store.read() as tx:
        [row] = tx.execute(servers.select())
    assert desk.server(item)["status"] == "ACTIVE"
    assert [port["id"] for port in desk.ports(item)] == [nic["port_id"] for nic in row.nics]


def test_deleting_what_no_builder_has_touched_is_at_once(desk: Desk) -> None:
    item, other = desk.booted(), desk.booted()
    assert desk("DELETE", f"/servers/{item}").status_code == 204
    assert gone(desk, item)
    assert desk.build() == 1
    assert gone(desk, item)
    assert desk.server(other)["status"] == "ACTIVE"
    assert desk.ports(item) == []


def test_deleting_during_networking_leaves_no_port(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    network = desk.network()
    item = desk.booted()

    def deleted() -> None:
        assert desk("DELETE", f"/servers/{item}").status_code == 204
        assert desk("DELETE", f"/servers/{item}").status_code == 204
        server = desk.server(item)
        assert (server["status"], server["OS-EXT-STS:task_state"]) == ("BUILD", "deleting")
        # the deletion waits for the builder that is at it
        assert builder(desk.cloud).run_pending() == 0

    during_allocation(desk, monkeypatch, deleted)
    assert gone(desk, item)
    assert desk.ports(item) == []
    assert desk.user.network("GET", f"/ports?network_id={network}").json()["ports"] == []


def test_a_late_port_of_a_deleted_server_goes_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The builder was thought dead, the server was deleted by another, and then the port request came through."""
    network = desk.network()
    item = desk.booted()
    ports = Networks.ports_of

    def deleted() -> None:
        desk("DELETE", f"/servers/{item}")
        expire(desk)
        monkeypatch.setattr(Networks, "ports_of", lambda _self, _servers: [])
        builder(desk.cloud).run_pending()
        monkeypatch.setattr(Networks, "ports_of", ports)
        assert gone(desk, item)

    during_allocation(desk, monkeypatch, deleted)
    assert desk.user.network("GET", f"/ports?network_id={network}").json()["ports"] == []


def test_a_deletion_is_taken_up_by_another(desk: Desk) -> None:
    item = desk.active()
    desk("DELETE", f"/servers/{item}")
    assert work_queue.claim(desk.cloud.store, "dead", "c1") is not None
    assert desk.build() == 0
    assert desk.server(item)["OS-EXT-STS:task_state"] == "deleting"
    assert desk("DELETE", f"/servers/{item}").status_code == 204
    expire(desk)
    desk.build()
    assert gone(desk, item)
    assert desk.ports(item) == []


def test_a_token_that_expired_is_an_error_and_a_fresh_one_deletes(desk: Desk) -> None:
    item = desk.active()
    desk("DELETE", f"/servers/{item}")
    desk.cloud.store.write(lambda tx: tx.execute(work.update().values(token="stale")))
    for _ in range(3):
        desk.build()
        desk.cloud.store.write(lambda tx: tx.execute(work.update().values(due=0.0)))
    assert desk.server(item)["status"] == "ERROR"
    assert "fault" in desk.server(item)
    assert desk("DELETE", f"/servers/{item}").status_code == 204
    desk.build()
    assert gone(desk, item)


def test_a_builder_that_breaks_gives_up_in_the_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any, **_more: Any) -> Any:
        raise RuntimeError("broken")

    item = desk.booted()
    with monkeypatch.context() as patched:
        patched.setattr(allocation, "allocate", broken)
        for _ in range(3):
            desk.build()
            expire(desk)
    assert desk.server(item)["status"] == "ERROR"
    assert pending(desk) == []


def test_threads_build_and_renew_and_stop(desk: Desk) -> None:
    running = builder(desk.cloud)
    running.settings = replace(desk.cloud.settings, builders=2)
    running.start()
    running.start()
    items = [desk.booted() for _ in range(3)]
    running.wake()
    deadline = time.monotonic() + 20
    while any(desk.server(item)["status"] == "BUILD" for item in items) and time.monotonic() < deadline:
        time.sleep(0.01)
    running.stop()
    assert {desk.server(item)["status"] for item in items} == {"ACTIVE"}
    [service] = Desk(desk.cloud, desk.cloud.admin)("GET", "/os-services").json()["services"]
    assert (service["binary"], service["host"], service["state"]) == ("nova-compute", "c1", "up")


def test_a_port_that_cannot_be_wired_fails_the_build(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried again in a while, as another host might do better; in the end an error, and no port stays."""
    monkeypatch.setattr(Networks, "bind", lambda self, port, host: False)
    item = desk.booted()
    for _ in range(3):
        expire(desk)
        desk.build()
    server = desk.server(item)
    assert (server["status"], server["fault"]["code"]) == ("ERROR", 500)
    assert desk.user.network("GET", f"/ports?device_id={item}").json()["ports"] == []
