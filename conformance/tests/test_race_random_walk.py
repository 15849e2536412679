"""Random walks, without a cloud: which are taken, how a failed one is shortened, and how it is reported."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from conformance.deadlines import Deadlines
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import History
from conformance.race.operations.servers import Template
from conformance.race.scenarios.random_walk import LENGTH, STEPS, Plan, Walker, draw_steps, shrink
from conformance.race.scenarios.transcript import ModelMismatch, Transcript
from conformance.target.contact import Contact
from conformance.target.endpoints import Endpoints
from conformance.target.transport import HttpResponse
from conformance.verdict.signals import Inconclusive
from conformance.waits import Wait, Waits

NETWORK, PORT = "1da0b7ce-d026-4821-86fe-5265405cfe77", "889d9a4a-b89a-4d28-9960-38e63b8653f2"


class Answering:
    """A user whose calls are answered with what is in `answers`, one after the other."""

    project_id = "ours"
    token = "hidden"
    verify = True
    cert = None
    endpoints = Endpoints(identity="", image="", network="http://n", compute="http://c/v2.1")

    contact = Contact()

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)

    def ask(self, method: str, url: str, **_more: Any) -> HttpResponse:
        if not self.answers:
            raise requests.ConnectionError
        status, body = self.answers.pop(0)
        return HttpResponse(urllib3.HTTPResponse(status=status), json.dumps(body).encode())


def walker(tmp_path: Path, *answers: tuple[int, Any]) -> Walker:
    caller = Caller(Answering(*answers), History(tmp_path / "walk.ndjson"), "walk", 1.0)
    wait = Wait(Waits(Deadlines(server_build=1.0)), "server_build")
    return Walker(Transcript(caller), Template("image", "1", "race", wait))


def topology(network: Any) -> tuple[int, Any]:
    return 200, {"auto_allocated_topology": {"id": network, "project_id": "ours"}}


def networks(*ids: str, up: bool = True) -> tuple[int, Any]:
    return 200, {"networks": [{"id": id_, "project_id": "ours", "admin_state_up": up} for id_ in ids]}


def test_a_seed_is_a_walk(tmp_path: Path) -> None:
    one, again, other = (list(draw_steps(walker(tmp_path), seed)) for seed in ("1-1", "1-1", "1-2"))
    assert one == again != other
    assert len(one) == LENGTH
    assert set(one) <= {"get", "dry-run", "delete", "boot-auto", "boot-none"}  # for none of these was taken


def test_impossible_steps_are_skipped(tmp_path: Path) -> None:
    walk = walker(tmp_path)
    for step in set(STEPS) - {"get", "dry-run", "delete", "boot-auto", "boot-none"}:
        walk.try_step(step)
    assert walk.transcript.lines == []


@pytest.mark.parametrize(
    ("answers", "violation"),
    [
        ([topology(NETWORK), networks(NETWORK)], ""),
        ([topology(None)], "GET answered None"),
        ([(500, {"NeutronError": {"type": "E"}})], "answered 500 E, not 200"),
        ([topology(NETWORK), networks()], "the project's networks are []"),
        ([topology(NETWORK), networks(NETWORK, up=False)], "the project's networks are"),
        ([topology(NETWORK), networks(NETWORK, "another")], "the project's networks are"),
    ],
)
def test_a_get(tmp_path: Path, answers: list[tuple[int, Any]], violation: str) -> None:
    walk = walker(tmp_path, *answers)
    if not violation:
        walk.try_step("get")
        assert walk.network == NETWORK
        return
    with pytest.raises(ModelMismatch) as raised:
        walk.try_step("get")
    assert violation in str(raised.value)


def test_another_id_needs_a_delete(tmp_path: Path) -> None:
    walk = walker(tmp_path, topology(NETWORK), networks(NETWORK), topology(PORT))
    walk.try_step("get")
    with pytest.raises(ModelMismatch, match="GET answered"):
        walk.try_step("get")


def test_an_id_never_comes_back(tmp_path: Path) -> None:
    walk = walker(tmp_path, topology(NETWORK), networks(NETWORK), (204, None), networks(), topology(NETWORK))
    walk.try_step("get")
    walk.try_step("delete")
    with pytest.raises(ModelMismatch, match="GET answered"):
        walk.try_step("get")


def test_a_delete_beside_a_port_is_refused(tmp_path: Path) -> None:
    port = (201, {"port": {"id": PORT}})
    walk = walker(tmp_path, topology(NETWORK), networks(NETWORK), port, networks(NETWORK), (204, None))
    walk.try_step("get")
    walk.try_step("add-port")
    with pytest.raises(ModelMismatch, match="answered 204, not 409"):
        walk.try_step("delete")


def test_a_call_without_an_answer_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match="was lost"):
        walker(tmp_path).try_step("get")


def test_the_story_names_what_it_makes(tmp_path: Path) -> None:
    walk = walker(tmp_path, topology(NETWORK), networks(NETWORK), (201, {"port": {"id": PORT}}), networks(NETWORK))
    walk.try_step("get")
    walk.try_step("add-port")
    curl = 'curl -s -H "X-Auth-Token: $OS_TOKEN"'
    body = '-H \'Content-Type: application/json\' -d \'{"port": {"network_id": "\'"$AUTO_ALLOCATED_TOPOLOGY_1"\'"}}\''
    assert walk.transcript.lines == [
        (
            "AUTO_ALLOCATED_TOPOLOGY_1="
            f"$({curl} http://n/v2.0/auto-allocated-topology/ours | jq -r .auto_allocated_topology.id)  # 200"
        ),
        f"{curl} http://n/v2.0/networks  # 200",
        f"PORT_2=$({curl} -X POST http://n/v2.0/ports {body} | jq -r .port.id)  # 201",
        f"{curl} http://n/v2.0/networks  # 200",
    ]


def needing(*steps: str) -> Iterator[Any]:
    """(a predicate, whether these steps are in a plan, in this order; the plans that it was called with)."""
    requested: list[Plan] = []

    def fails(plan: Plan) -> bool:
        requested.append(plan)
        rest = iter(plan)
        return all(step in rest for step in steps)

    yield fails
    yield requested


@pytest.mark.parametrize("needed", [("a",), ("a", "b"), ("b", "a", "c"), ("c", "c")])
def test_the_shortest_story(needed: tuple[str, ...]) -> None:
    fails, requested = needing(*needed)
    plan = ("x", "c", "b", "y", "z", "a", "x", "c", "y", "b", "x", "z")
    assert shrink(plan, fails, replays=100) == needed
    assert len(requested) <= 100


def test_tries_are_few(tmp_path: Path) -> None:
    fails, requested = needing("a", "b")
    shrink(("a", *["x"] * 40, "b"), fails, replays=5)
    assert len(requested) <= 5
