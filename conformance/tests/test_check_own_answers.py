"""What must hold of the answers of calls in flight together, against hand-made histories, good ones and bad ones."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance.race.checkers import own_answers
from conformance.race.engine.history import Record

OURS, THEIRS = "our-project", "their-project"
Item = dict[str, Any]


def made(kind: str, id_: str, start: float = 0.0, sent: Item | None = None, request: str = "", **shown: Any) -> Record:
    """A POST that made an object, one of several in flight."""
    answer = {kind: {"id": id_, "project_id": OURS, "tenant_id": OURS, "name": "ours", **shown}}
    requested = {kind: {"name": "ours", **(sent or {})}}
    common: Item = {"status": 201, "answer": answer, "sent": requested, "request_id": request, "volley": True}
    return Record("r", "ask", OURS, start, completed=start + 1, **common)


def listed(kind: str, *items: Item, start: float = 5.0, project: str = OURS, **more: Any) -> Record:
    answer = {kind: list(items), **more}
    return Record("r", f"list_{kind}", project, start, completed=start + 1, status=200, answer=answer)


def deleted(id_: str, start: float) -> Record:
    return Record("r", "undo", OURS, start, id_, completed=start + 1, status=204)


def topology(id_: str, project: str = OURS, tenant: str = OURS, request: str = "") -> Record:
    body = {"auto_allocated_topology": {"id": id_, "project_id": project, "tenant_id": tenant}}
    common: Item = {"status": 200, "answer": body, "request_id": request, "volley": True}
    return Record("r", "get_topology", OURS, 0.0, completed=1.0, **common)


def attached(port: str, subnet: str, requested: str, *, volley: bool = True) -> Record:
    answer = {"id": "router", "port_id": port, "subnet_id": subnet}
    common: Item = {"status": 200, "answer": answer, "sent": {"subnet_id": requested}, "volley": volley}
    return Record("r", "ask", OURS, 0.0, completed=1.0, **common)


def refused(start: float = 0.0) -> Record:
    body = {"port": {"name": "ours"}}
    return Record("r", "ask", OURS, start, completed=start + 1, status=409, answer={"NeutronError": {}}, sent=body)


def lost() -> Record:
    return Record("r", "ask", OURS, 0.0, lost="no answer", sent={"port": {"name": "ours"}})


def port(id_: str, address: str = "10.0.0.3", **more: Any) -> Item:
    return {
        "id": id_,
        "project_id": OURS,
        "name": "ours",
        "fixed_ips": [{"subnet_id": "s", "ip_address": address}],
        **more,
    }


ONE, TWO = port("p1"), port("p2", "10.0.0.4")
IPS: Item = {"fixed_ips": ONE["fixed_ips"]}
SERVER: Item = {"id": "s2", "name": "ours"}  # the second of one request


def test_an_answer_alone_shows_nothing() -> None:
    assert own_answers.no_two_were_answered({"r": [topology("n")], "s": [lost()]})
    assert not own_answers.no_two_were_answered({"r": [topology("n")], "s": [refused(), topology("m")]})


STRANGE: list[Any] = [None, [], "text", {"port": []}, {"port": None}, {"ports": [1, None]}, {"port": {"id": 3}}]
Rule = Callable[[Sequence[Record]], list[str]]
CASES: list[tuple[Rule, list[Record], int]] = [
    (own_answers.no_request_id_twice, [made("port", "p1", request="a"), made("port", "p2", request="b")], 0),
    (own_answers.no_request_id_twice, [made("port", "p1"), made("port", "p2")], 0),
    (own_answers.no_request_id_twice, [made("port", "p1", request="a"), made("port", "p2", request="a")], 1),
    (own_answers.no_request_id_twice, [topology("n", request="a"), topology("n", request="a")], 1),
    # of one object alone
    (own_answers.given_once, [made("port", "p1"), made("port", "p2"), refused()], 0),
    (own_answers.given_once, [made("port", "p1"), made("port", "p1")], 1),
    (own_answers.given_once, [made("server", "s1"), made("server", "s1")], 1),
    (own_answers.given_once, [made("port", "p1", mac_address="m"), made("port", "p2", mac_address="m")], 1),
    (own_answers.given_once, [made("port", "p1", **IPS), made("port", "p2", **IPS)], 1),
    (own_answers.given_once, [made("port", "p1", **IPS), made("port", "p2", fixed_ips=TWO["fixed_ips"])], 0),
    (
        own_answers.given_once,
        [made("subnet", "s1", cidr="c", subnetpool_id="p"), made("subnet", "s2", cidr="c", subnetpool_id="p")],
        1,
    ),
    (own_answers.given_once, [made("subnet", "s1", cidr="c"), made("subnet", "s2", cidr="c")], 0),
    (
        own_answers.given_once,
        [made("floatingip", "f1", floating_ip_address="a"), made("floatingip", "f2", floating_ip_address="a")],
        1,
    ),
    (own_answers.given_once, [attached("p1", "s1", "s1"), attached("p1", "s2", "s2")], 1),
    (own_answers.given_once, [attached("p1", "s1", "s1"), attached("p1", "s1", "s1", volley=False)], 0),
    (own_answers.given_once, [topology("n"), topology("n")], 0),
    # as asked
    (own_answers.answers_are_as_asked, [made("port", "p1", sent={"network_id": "n"}, network_id="n")], 0),
    (own_answers.answers_are_as_asked, [made("port", "p1", sent={"network_id": "n"}, network_id="m")], 1),
    (own_answers.answers_are_as_asked, [made("port", "p1", name="theirs")], 1),
    (own_answers.answers_are_as_asked, [made("port", "p1", project_id=THEIRS)], 1),
    (own_answers.answers_are_as_asked, [made("port", "p1", sent={"project_id": THEIRS}, project_id=THEIRS)], 1),
    (own_answers.answers_are_as_asked, [attached("p1", "s2", "s1")], 1),
    (own_answers.topologies_are_the_callers, [topology("n")], 0),
    (own_answers.topologies_are_the_callers, [topology("n", project=THEIRS)], 1),
    (own_answers.topologies_are_the_callers, [topology("n", THEIRS, THEIRS)], 2),
    (own_answers.topologies_are_apart, [topology("n"), topology("n"), replace(topology("m"), project=THEIRS)], 0),
    (own_answers.topologies_are_apart, [topology("n"), replace(topology("n"), project=THEIRS)], 1),
    # as kept
    (own_answers.kept_as_answered, [made("port", "p1", **IPS), listed("ports", ONE, TWO)], 0),
    (own_answers.kept_as_answered, [made("port", "p1", **IPS), listed("ports", TWO)], 1),
    (own_answers.kept_as_answered, [made("port", "p1", **IPS), listed("ports", port("p1", "10.0.0.9"))], 1),
    (
        own_answers.kept_as_answered,
        [made("port", "p1", status="DOWN"), listed("ports", {**ONE, "status": "ACTIVE"})],
        0,
    ),
    (own_answers.kept_as_answered, [made("port", "p1"), deleted("p1", 3.0), listed("ports")], 0),
    (own_answers.kept_as_answered, [made("port", "p1"), listed("ports", start=0.5)], 0),
    (own_answers.kept_as_answered, [made("port", "p1"), listed("ports", project=THEIRS)], 0),
    (own_answers.kept_as_answered, [made("port", "p1"), listed("ports", ports_links=[{}])], 0),
    (own_answers.kept_as_answered, [made("server", "s1"), listed("servers", {"id": "s1"})], 0),
    (own_answers.kept_as_answered, [made("server", "s1"), listed("servers", {"id": "s2"})], 1),
    # nothing else
    (own_answers.nothing_is_kept_unanswered, [made("port", "p1"), listed("ports", ONE)], 0),
    (own_answers.nothing_is_kept_unanswered, [made("port", "p1"), listed("ports", ONE, TWO)], 1),
    (own_answers.nothing_is_kept_unanswered, [made("port", "p1"), lost(), listed("ports", ONE, TWO)], 0),
    (own_answers.nothing_is_kept_unanswered, [made("port", "p1"), listed("ports", ONE, port("p9", name="other"))], 0),
    (
        own_answers.nothing_is_kept_unanswered,
        [made("server", "s1"), listed("servers", SERVER)],
        0,
    ),
]


@pytest.mark.parametrize(("rule", "history", "violations"), CASES)
def test_rules(rule: Rule, history: list[Record], violations: int) -> None:
    assert len(rule(history)) == violations, rule(history)


@pytest.mark.parametrize(
    "answer", [None, [], "text", {"port": []}, {"port": None}, {"ports": [1, None]}, {"port": {"id": 3}}]
)
def test_malformed_answers_break_no_rule(answer: Any) -> None:
    record = Record("r", "ask", OURS, 0.0, completed=1.0, status=201, answer=answer, sent={"port": {"name": "ours"}})
    for rule, _history, _violations in CASES:
        assert isinstance(rule([record, listed("ports")]), list)
