"""The races against small clouds with and without faults: each fault is found, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from conformance.deadlines import Deadlines
from conformance.race.checkers.judge import by_race
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import History, Record, read
from conformance.race.engine.options import ROUNDS
from conformance.race.engine.remote_senders import RemoteSenders
from conformance.race.engine.rounds import Rounds
from conformance.race.judgements import JUDGEMENTS
from conformance.race.operations.servers import Template
from conformance.race.rules import Judgement
from conformance.race.scenarios import boots, concurrent_deletes, first_gets
from conformance.target.contact import Contact
from conformance.target.endpoints import Endpoints
from conformance.target.transport import HttpResponse, Transport, headers_and_body
from conformance.tests.race_cloud import PROJECT, RaceCloud, serving
from conformance.verdict.signals import Inconclusive
from conformance.waits import Wait, Waits

WIDTH = 4
SECONDS = 10.0

TOPOLOGY_CHECKS = {
    "040": JUDGEMENTS["test_first_requests_at_once_share_one_network"],
    "041": JUDGEMENTS["test_losers_leave_nothing_behind"],
    "042": JUDGEMENTS["test_duplicates_are_down_while_they_last"],
}
BOOT_CHECKS = {
    "008": JUDGEMENTS["test_servers_of_one_request_share_the_network_they_bring_about"],
    "011": JUDGEMENTS["test_servers_of_one_request_bring_no_floating_ip"],
    "CW-02": JUDGEMENTS["test_one_request_is_never_in_its_own_way"],
}
BOOT_UNDONE = JUDGEMENTS["test_nothing_stays_of_servers_and_topology"]
DELETES = JUDGEMENTS["test_deletes_at_once_leave_nothing"]


class Member:
    """A user of a cloud that has all its services at one URL."""

    project_id = PROJECT
    token = "hidden-from-histories"
    verify = True
    cert = None
    contact = Contact()

    def __init__(self, url: str) -> None:
        self.endpoints = Endpoints(identity="", image="", network=url, compute=f"{url}/v2.1")

    def ask(self, method: str, url: str, *, json: Any = None, **more: Any) -> HttpResponse:
        sent, body = headers_and_body(self.token, {}, json, more.get("headers"))
        return Transport().exchange(method, url, sent, body, more.get("seconds"))


def race_topology(tmp_path: Path, *faults: str, senders: RemoteSenders | None = None) -> list[Record]:
    history = History.within(tmp_path, "topology", "run")
    with serving(RaceCloud(WIDTH, *faults)) as url:
        caller = Caller(Member(url), history, "topology", SECONDS, senders)
        first_gets.run(caller, width=WIDTH, rounds=Rounds(ROUNDS.default))
    return history.records


def race_boot(tmp_path: Path, *faults: str) -> list[Record]:
    history = History.within(tmp_path, "boot", "run")
    build_seconds = 0.1 if "endless-build" in faults else SECONDS
    with serving(RaceCloud(1, *faults)) as url:
        caller = Caller(Member(url), history, "boot", SECONDS)
        wait = Wait(Waits(Deadlines(server_build=build_seconds)), "server_build")
        boots.run(caller, Template("image", "1", "gman", wait))
    return history.records


def race_deletes(tmp_path: Path, *faults: str) -> list[Record]:
    history = History.within(tmp_path, "deletion", "run")
    with serving(RaceCloud(1, *faults)) as url:
        concurrent_deletes.run(
            Caller(Member(url), history, "deletion", SECONDS), width=WIDTH, rounds=Rounds(ROUNDS.default)
        )
    return history.records


def failing(checks: dict[str, Judgement], records: list[Record]) -> dict[str, str]:
    """The checks that find a breach, and what they say."""
    violated = {}
    for name, check in checks.items():
        try:
            check.judge(records)
        except AssertionError as violation:
            violated[name] = str(violation)
    return violated


def test_a_right_cloud_holds_in_every_round(tmp_path: Path) -> None:
    records = race_topology(tmp_path)
    for check in TOPOLOGY_CHECKS.values():
        check.judge(records)
    assert len(by_race(records)) == len(by_race(records, afterwards=True)) == ROUNDS.default
    assert sum(record.volley for record in records) == ROUNDS.default * WIDTH


def test_a_documented_refusal_with_a_successful_retry_is_no_violation(tmp_path: Path) -> None:
    records = race_topology(tmp_path, "one-refused")
    assert 409 in {record.status for record in records}
    for check in TOPOLOGY_CHECKS.values():
        check.judge(records)


@pytest.mark.parametrize(
    ("fault", "caught_by", "evidence"),
    [
        ("two-ids", {"040", "041"}, "no order of these calls explains their answers"),
        ("null-id", {"040"}, "a 200 answer names no network"),
        ("one-500", {"040"}, "a caller was answered 500 HTTPInternalServerError"),
        ("one-odd-refusal", {"040", "041"}, "a caller was refused with 409 NetworkInUse"),
        ("stubborn", {"040"}, "asking again after the race was answered 409 AutoAllocationFailure"),
        ("left-down", {"040"}, "the project's networks that are up are []"),
        ("leave-network", {"041"}, "more than the network that is answered were left: "),
        ("leave-router", {"040", "041"}, "routers are there"),
        ("no-gateway", {"040"}, "has no gateway"),
        ("one-subnet", {"040"}, "the network's subnets are of pools"),
        ("unplugged", {"040"}, "router interfaces are on subnets []"),
        ("floating-ip", {"041"}, "came along"),
        ("built-up", {"042"}, "was up during the race"),
    ],
)
def test_a_fault_of_the_topology_is_caught(tmp_path: Path, fault: str, caught_by: set[str], evidence: str) -> None:
    violated = failing(TOPOLOGY_CHECKS, race_topology(tmp_path, fault))
    assert set(violated) == caught_by
    assert any(evidence in violation for violation in violated.values()), violated


def test_a_race_whose_calls_are_lost_is_left_open(tmp_path: Path) -> None:
    records = race_topology(tmp_path, "one-dropped")
    assert [record.lost for record in records if record.volley and record.lost]
    for check in TOPOLOGY_CHECKS.values():
        with pytest.raises(Inconclusive, match="get_topology was lost: the connection was closed 0 bytes into"):
            check.judge(records)
    assert list(by_race(records)) == ["topology-1"]
    assert not [record for record in records if record.operation == "list_networks"]


def test_no_round_begins_before_the_project_is_empty(tmp_path: Path) -> None:
    records = race_topology(tmp_path, "leave-all")
    assert list(by_race(records)) == ["topology-1"]
    assert sum(record.volley for record in records) == WIDTH


def test_servers_of_a_right_cloud_hold(tmp_path: Path) -> None:
    records = race_boot(tmp_path)
    for check in BOOT_CHECKS.values():
        check.judge(records)
    BOOT_UNDONE.judge(records)


@pytest.mark.parametrize(
    ("fault", "caught_by", "evidence"),
    [
        ("ambiguous", {"008", "CW-02"}, "the request for 3 servers was answered 409"),
        ("failed-build", {"008", "CW-02"}, "became ERROR"),
        ("listed-late", {"008"}, "1 servers were listed after 3 were accepted"),
        ("elsewhere", {"008"}, "is on networks"),
        ("portless", {"008"}, "the servers' ports are for"),
        ("no-address", {"008"}, "has no address"),
        ("same-address", {"008"}, "address 10.0.0.5 was given 3 times"),
        ("left-down", {"008"}, "the project's networks that are up are []"),
        ("floating-ip", {"011"}, "came along"),
    ],
)
def test_a_fault_of_the_boot_is_caught(tmp_path: Path, fault: str, caught_by: set[str], evidence: str) -> None:
    violated = failing(BOOT_CHECKS, race_boot(tmp_path, fault))
    assert set(violated) == caught_by
    assert any(evidence in violation for violation in violated.values()), violated


@pytest.mark.parametrize("fault", ["leave-all", "listed-late"])
def test_leftovers_of_a_boot_are_found(tmp_path: Path, fault: str) -> None:
    """A topology that stays is a violation; a server that was listed late is none."""
    records = race_boot(tmp_path, fault)
    if fault == "listed-late":
        BOOT_UNDONE.judge(records)
        return
    with pytest.raises(AssertionError, match="after everything was deleted there are 1 networks"):
        BOOT_UNDONE.judge(records)


def test_a_build_that_does_not_end_proves_nothing(tmp_path: Path) -> None:
    records = race_boot(tmp_path, "endless-build")
    for check in BOOT_CHECKS.values():
        with pytest.raises(Inconclusive, match="still BUILD"):
            check.judge(records)


def test_no_race_begins_among_the_servers_of_another(tmp_path: Path) -> None:
    template = Template("image", "1", "gman", Wait(Waits(Deadlines(server_build=0.1)), "server_build"))
    with serving(RaceCloud(1, "servers-stay")) as url:
        caller = Caller(Member(url), History(tmp_path / "boot.ndjson"), "boot", SECONDS)
        boots.run(caller, template)
        with pytest.raises(Inconclusive, match="servers of an earlier race are still there"):
            boots.run(caller, template)
    assert [record.operation for record in caller.history.records].count("create_servers") == 1


def test_deletes_of_a_right_cloud_hold(tmp_path: Path) -> None:
    records = race_deletes(tmp_path)
    DELETES.judge(records)
    assert sum(record.volley for record in records) == ROUNDS.default * WIDTH


@pytest.mark.parametrize(
    ("fault", "evidence"),
    [
        ("one-delete-500", "a DELETE was answered 500 HTTPInternalServerError"),
        ("leave-all", "after everything was deleted there are 1 networks, 2 subnets, 1 routers, 2 ports"),
    ],
)
def test_a_fault_of_deletes_is_caught(tmp_path: Path, fault: str, evidence: str) -> None:
    with pytest.raises(AssertionError, match=evidence):
        DELETES.judge(race_deletes(tmp_path, fault))


def test_the_verdict_follows_from_the_files(tmp_path: Path) -> None:
    records = race_topology(tmp_path, "two-ids")
    again = read(sorted(tmp_path.glob("*.ndjson")))
    assert again == records
    assert failing(TOPOLOGY_CHECKS, again) == failing(TOPOLOGY_CHECKS, records)


def test_no_secret_reaches_a_history(tmp_path: Path) -> None:
    race_boot(tmp_path)
    race_topology(tmp_path)
    written = "".join(path.read_text() for path in tmp_path.glob("*.ndjson"))
    assert written
    assert "hidden-from-histories" not in written


def test_no_topology_is_deleted_that_was_not_answered(tmp_path: Path) -> None:
    """Otherwise the check that nothing is left would pass."""
    records = race_deletes(tmp_path, "null-id")
    assert [record.status for record in records] == [200]
    with pytest.raises(Inconclusive):
        DELETES.judge(records)
