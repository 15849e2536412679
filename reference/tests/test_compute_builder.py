"""Builds and deletions are carried out although builders die, and never twice."""

import time
from dataclasses import replace
from typing import Any

import pytest

from reference.compute import allocation, work_queue
from reference.compute.network_client import Networks
from reference.compute.tables import servers, work
from reference.tests.computing import Compute, builder


def pending(compute: Compute) -> list[Any]:
    with compute.cloud.store.read() as tx:
        return list(tx.execute(work.select()))


def expire(compute: Compute) -> None:
    compute.cloud.store.write(lambda tx: tx.execute(work.update().values(lease=0.0, due=0.0)))


def gone(compute: Compute, item: str) -> bool:
    return compute("GET", f"/servers/{item}").status_code == 404


def during_allocation(compute: Compute, monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    """Build, and let something happen once the first builder has made its ports and before it can say so."""
    real = allocation.allocate

    def allocate(*arguments: Any, **more: Any) -> Any:
        nics = real(*arguments, **more)
        monkeypatch.setattr(allocation, "allocate", real)
        happens()
        return nics

    monkeypatch.setattr(allocation, "allocate", allocate)
    compute.build()


def test_the_token_goes_with_the_work(compute: Compute) -> None:
    item = compute.booted()
    [waiting] = pending(compute)
    assert waiting.token
    assert compute.user.token not in waiting.token  # encrypted
    compute.build()
    assert pending(compute) == []
    compute("DELETE", f"/servers/{item}")
    assert len(pending(compute)) == 1
    compute.build()
    assert pending(compute) == []


def test_work_under_a_lease_is_left_alone_and_then_taken_up(compute: Compute) -> None:
    item = compute.booted()
    assert work_queue.claim(compute.cloud.store, "dead", "c1") is not None
    assert work_queue.claim(compute.cloud.store, "quick", "c1") is None
    assert (compute.build(), compute.server(item)["status"]) == (0, "BUILD")
    expire(compute)
    assert (compute.build(), compute.server(item)["status"]) == (1, "ACTIVE")
    assert len(compute.ports(item)) == 1


def test_a_thread_cannot_finish_another_threads_task(compute: Compute) -> None:
    compute.booted()
    first = work_queue.claim(compute.cloud.store, "same", "c1")
    expire(compute)
    second = work_queue.claim(compute.cloud.store, "same", "c1")
    assert first is not None
    assert second is not None
    with pytest.raises(work_queue.Lost):
        compute.cloud.store.write(lambda tx: work_queue.prove(tx, first))
    compute.cloud.store.write(lambda tx: work_queue.prove(tx, second))


def test_ports_of_a_dead_builder_are_used_and_the_rest_removed(compute: Compute) -> None:
    network = compute.network()
    item = compute.booted()
    assert work_queue.claim(compute.cloud.store, "dead", "c1") is not None
    remaining = [compute.port(network, device_id=item, device_owner="compute:nova") for _ in range(2)]
    expire(compute)
    compute.build()
    [port] = compute.ports(item)
    assert compute.server(item)["status"] == "ACTIVE"
    assert port["id"] in remaining


def test_a_builder_that_lost_its_lease_takes_its_port_away(compute: Compute, monkeypatch: pytest.MonkeyPatch) -> None:
    """The builder goes on when another one has built the server, on another port."""
    compute.network()
    item = compute.booted()
    ports = Networks.ports_of

    def overtaken() -> None:
        expire(compute)
        monkeypatch.setattr(
            Networks, "ports_of", lambda _self, _servers: []
        )  # the other builder listed ports before this one was created
        builder(compute.cloud).run_pending()
        monkeypatch.setattr(Networks, "ports_of", ports)

    during_allocation(compute, monkeypatch, overtaken)
    with compute.cloud.store.read() as tx:
        [row] = tx.execute(servers.select())
    assert compute.server(item)["status"] == "ACTIVE"
    assert [port["id"] for port in compute.ports(item)] == [nic["port_id"] for nic in row.nics]


def test_a_server_that_no_builder_has_claimed_is_deleted_at_once(compute: Compute) -> None:
    item, other = compute.booted(), compute.booted()
    assert compute("DELETE", f"/servers/{item}").status_code == 204
    assert gone(compute, item)
    assert compute.build() == 1
    assert gone(compute, item)
    assert compute.server(other)["status"] == "ACTIVE"
    assert compute.ports(item) == []


def test_deleting_during_networking_leaves_no_port(compute: Compute, monkeypatch: pytest.MonkeyPatch) -> None:
    network = compute.network()
    item = compute.booted()

    def deleted() -> None:
        assert compute("DELETE", f"/servers/{item}").status_code == 204
        assert compute("DELETE", f"/servers/{item}").status_code == 204
        server = compute.server(item)
        assert (server["status"], server["OS-EXT-STS:task_state"]) == ("BUILD", "deleting")
        # the deletion waits for the builder at work
        assert builder(compute.cloud).run_pending() == 0

    during_allocation(compute, monkeypatch, deleted)
    assert gone(compute, item)
    assert compute.ports(item) == []
    assert compute.user.network("GET", f"/ports?network_id={network}").json()["ports"] == []


def test_a_late_port_of_a_deleted_server_goes_too(compute: Compute, monkeypatch: pytest.MonkeyPatch) -> None:
    """The builder was thought dead, the server was deleted by another, and then the port request came through."""
    network = compute.network()
    item = compute.booted()
    ports = Networks.ports_of

    def deleted() -> None:
        compute("DELETE", f"/servers/{item}")
        expire(compute)
        monkeypatch.setattr(Networks, "ports_of", lambda _self, _servers: [])
        builder(compute.cloud).run_pending()
        monkeypatch.setattr(Networks, "ports_of", ports)
        assert gone(compute, item)

    during_allocation(compute, monkeypatch, deleted)
    assert compute.user.network("GET", f"/ports?network_id={network}").json()["ports"] == []


def test_a_deletion_is_taken_up_by_another(compute: Compute) -> None:
    item = compute.active()
    compute("DELETE", f"/servers/{item}")
    assert work_queue.claim(compute.cloud.store, "dead", "c1") is not None
    assert compute.build() == 0
    assert compute.server(item)["OS-EXT-STS:task_state"] == "deleting"
    assert compute("DELETE", f"/servers/{item}").status_code == 204
    expire(compute)
    compute.build()
    assert gone(compute, item)
    assert compute.ports(item) == []


def test_a_token_that_expired_is_an_error_and_a_fresh_one_deletes(compute: Compute) -> None:
    item = compute.active()
    compute("DELETE", f"/servers/{item}")
    compute.cloud.store.write(lambda tx: tx.execute(work.update().values(token="stale")))
    for _ in range(3):
        compute.build()
        compute.cloud.store.write(lambda tx: tx.execute(work.update().values(due=0.0)))
    assert compute.server(item)["status"] == "ERROR"
    assert "fault" in compute.server(item)
    assert compute("DELETE", f"/servers/{item}").status_code == 204
    compute.build()
    assert gone(compute, item)


def test_a_builder_that_breaks_gives_up_in_the_end(compute: Compute, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any, **_more: Any) -> Any:
        raise RuntimeError("broken")

    item = compute.booted()
    with monkeypatch.context() as patched:
        patched.setattr(allocation, "allocate", broken)
        for _ in range(3):
            compute.build()
            expire(compute)
    assert compute.server(item)["status"] == "ERROR"
    assert pending(compute) == []


def test_threads_build_and_renew_and_stop(compute: Compute) -> None:
    running = builder(compute.cloud)
    running.settings = replace(compute.cloud.settings, builders=2)
    running.start()
    running.start()
    items = [compute.booted() for _ in range(3)]
    running.wake()
    deadline = time.monotonic() + 20
    while any(compute.server(item)["status"] == "BUILD" for item in items) and time.monotonic() < deadline:
        time.sleep(0.01)
    running.stop()
    assert {compute.server(item)["status"] for item in items} == {"ACTIVE"}
    [service] = Compute(compute.cloud, compute.cloud.admin)("GET", "/os-services").json()["services"]
    assert (service["binary"], service["host"], service["state"]) == ("nova-compute", "c1", "up")


def test_a_port_that_cannot_be_wired_fails_the_build(compute: Compute, monkeypatch: pytest.MonkeyPatch) -> None:
    """The build is tried again later, as another host may succeed; in the end the server is in ERROR, and has no
    port.
    """
    monkeypatch.setattr(Networks, "bind", lambda self, port, host: False)
    item = compute.booted()
    for _ in range(3):
        expire(compute)
        compute.build()
    server = compute.server(item)
    assert (server["status"], server["fault"]["code"]) == ("ERROR", 500)
    assert compute.user.network("GET", f"/ports?device_id={item}").json()["ports"] == []
