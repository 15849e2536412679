"""`tools/fuzz`: the problems that it finds, how it shortens a failure, and a sample of the requests themselves."""

import json
import shlex
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

pytest.importorskip("hypothesis", reason="the extra fuzz is not installed")

from fuzzing import __main__ as command
from fuzzing import judge, shortest, wire
from fuzzing.description import Operation
from fuzzing.fire import Gun
from fuzzing.known import Known
from fuzzing.plans import Plan, plans
from fuzzing.values import Ref
from fuzzing.wire import Answer, Lost, Request

from reference.network.rest import errors as network_errors
from reference.wsgi.client import ServiceSession
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer as Served
from reference.wsgi.routes import Call, Route
from reference.wsgi.service import build

FUZZ = Path(__file__).parent.parent / "fuzz"
SECONDS = 300  # for a sample, on a busy machine
REQUEST_ID = "req-12345678-1234-5678-1234-567812345678"
OPERATION = Operation("network", "GET", "/v2.0/networks/{item}", frozenset({200, 401, 404}), {}, {}, None)
SHOW = Plan("network", "GET", ("", "v2.0", "networks", "x"), token="member", operation=OPERATION)
BOOT = Plan("compute", "POST", ("", "v2.1", "servers"), body={"server": {}}, token="member")
ACTION = Operation("compute", "POST", "/v2.1/servers/{server}/action", frozenset({202, 501}), {}, {}, None)
CONSOLE = Plan("compute", "POST", ("", "v2.1", "servers", "x", "action"), token="member", operation=ACTION)
LACKS = {"notImplemented": {"code": 501, "message": "m"}}
SHOW_BODY = """show() {
    while [ "$1" != --data-binary ]; do shift; done
    case "$2" in @*) cat "${2#@}";; *) printf %s "$2";; esac
}"""
NEUTRON = {"NeutronError": {"type": "NetworkNotFound", "message": "m", "detail": ""}}
NOVA = {"badRequest": {"code": 400, "message": "m"}}
TOKEN = Plan("identity", "POST", ("", "v3", "auth", "tokens"), body={"auth": {}})
IMAGE = Plan("image", "GET", ("", "v2", "images", "x"), token="member")
KEYSTONE = {"error": {"code": 400, "title": "Bad Request", "message": "m"}}
GLANCE = {"code": 404, "title": "Not Found", "message": "m"}
UNAUTHORIZED = {"error": {"code": 401, "title": "Unauthorized", "message": "m"}}


def answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {"x-openstack-request-id": REQUEST_ID} if headers is None else headers, content)


@pytest.mark.parametrize(
    ("plan", "response"),
    [
        (SHOW, answer(200, {"network": {}})),
        (SHOW, answer(404, NEUTRON)),
        (SHOW, answer(401, UNAUTHORIZED)),
        (BOOT, answer(400, NOVA)),
        (BOOT, answer(202, b"")),
        (BOOT, answer(406, {"computeFault": {"code": 406, "message": "m"}})),
        (Plan("network", "HEAD", ("", "v2.0")), answer(405, b"")),
        (CONSOLE, answer(501, LACKS)),
        (TOKEN, answer(400, KEYSTONE)),
        (IMAGE, answer(404, GLANCE)),
        (IMAGE, answer(401, UNAUTHORIZED)),
    ],
)
def test_right_answers_have_no_problem(plan: Plan, response: Answer) -> None:
    assert judge.problems_of(plan, response) == []


@pytest.mark.parametrize(
    ("plan", "response", "expected"),
    [
        (SHOW, answer(500, NEUTRON), "answered 500"),
        (BOOT, answer(501, LACKS), "answered 501"),
        (BOOT, answer(503, {"serviceUnavailable": {"code": 503, "message": "m"}}), "answered 503"),
        (SHOW, answer(404, NEUTRON, {}), "no request id"),
        (SHOW, answer(404, NEUTRON, {"x-openstack-request-id": "req-1"}), "no request id"),
        (SHOW, answer(200, b'{"a": "Traceback (most recent call last):"}'), "a traceback in the body"),
        (SHOW, answer(404, b"not found"), "an error of no known form"),
        (SHOW, answer(404, b""), "an error of no known form"),
        (SHOW, answer(404, "not found"), "an error of no known form"),
        (SHOW, answer(404, NOVA), "an error of no known form"),
        (SHOW, answer(404, {"NeutronError": "not found"}), "an error of no known form"),
        (SHOW, answer(404, NEUTRON | {"code": 404}), "an error of no known form"),
        (SHOW, answer(401, NEUTRON), "an error of no known form"),
        (BOOT, answer(400, NEUTRON), "an error of no known form"),
        (BOOT, answer(400, {"badRequest": {"code": 404, "message": "m"}}), "an error of no known form"),
        (BOOT, answer(400, {"oops": {"code": 400, "message": "m"}}), "an error of no known form"),
        (BOOT, answer(400, {"badRequest": {"code": "400", "message": "m"}}), "an error of no known form"),
        (BOOT, answer(401, {"unauthorized": {"code": 401, "message": "m"}}), "an error of no known form"),
        (TOKEN, answer(404, KEYSTONE), "an error of no known form"),
        (TOKEN, answer(404, GLANCE), "an error of no known form"),
        (IMAGE, answer(404, GLANCE | {"code": 400}), "an error of no known form"),
        (IMAGE, answer(400, KEYSTONE), "an error of no known form"),
        (IMAGE, answer(401, GLANCE), "an error of no known form"),
        (SHOW, answer(200, b'{"a": NaN}'), "a success that is not JSON"),
        (SHOW, answer(200, []), "a success that is not JSON"),
        (SHOW, answer(409, NEUTRON), "409 is not in the description"),
    ],
)
def test_wrong_answers_are_found(plan: Plan, response: Answer, expected: str) -> None:
    assert expected in judge.problems_of(plan, response)


class Planted:
    """A service whose handlers are wrong in several ways."""

    def routes(self) -> list[Route]:
        return [Route("GET", f"/{name}", getattr(self, name)) for name in ("raises", "bare", "nameless", "right")]

    def raises(self, _call: Call) -> Served:
        raise KeyError("something nobody thought of")

    def bare(self, _call: Call) -> Served:
        return Served("something went wrong", 400)

    def nameless(self, call: Call) -> Served:
        call.request.context.request_id = ""
        raise Problem(404, "NetworkNotFound", "gone")

    def right(self, _call: Call) -> Served:
        raise Problem(404, "NetworkNotFound", "gone")


@pytest.mark.parametrize(
    ("handler", "problems"),
    [
        ("raises", ["answered 500"]),
        ("bare", ["an error of no known form"]),
        ("nameless", ["no request id"]),
        ("right", []),
    ],
)
def test_planted_handlers_are_found(handler: str, problems: list[str]) -> None:
    app = build([Planted()], middleware=[], dialect=network_errors.dialect, names=network_errors.NAMES)
    served = ServiceSession("http://planted", app).call("GET", f"/{handler}", None)
    headers = {name.lower(): text for name, text in served.headers.items()}
    assert (
        judge.problems_of(Plan("network", "GET", ("", handler)), Answer(served.status_code, headers, served.content))
        == problems
    )


class Wire:
    """A connection to a service that fails wherever one certain word is in the request."""

    def __init__(self, ends: bool = False) -> None:
        self.sent: list[Request] = []
        self.ends = ends

    def send(self, request: Request) -> Answer:
        self.sent.append(request)
        if b"bad" not in (request.body or b"") and "bad" not in request.target:
            return answer(400, NEUTRON)
        if self.ends:
            raise Lost("the connection was closed")
        return answer(500, NEUTRON)


def gun(connection: Any) -> Gun:
    return Gun(connection, {"member": "a-secret-token"}, Known({"networks": ["an-id"]}))


def test_a_failure_is_shown_by_its_shortest_request() -> None:
    body = {"network": {"name": ["x", {"a": "bad"}], "shared": True}, "more": [1, 2, 3]}
    plan = Plan("network", "POST", ("", "v2.0", "networks"), "", (("a", "b"),), (("Accept", "x"),), body, "member")
    shooter = gun(Wire())
    shooter.fire([plan, plan], until=float("inf"))
    (failure,) = shooter.all_failures()
    assert (failure.problem, failure.often) == ("answered 500", 2)
    words = shlex.split(failure.command.replace('"$URL"', "URL"), comments=True)
    assert words[words.index("--data-binary") + 1] == '{"network": {"name": [{"a": "bad"}]}}'
    assert "URL/network/v2.0/networks" in words
    assert "X-Auth-Token: $OS_TOKEN" in words
    assert not [word for word in words if word.startswith("Accept") or "secret" in word]


def test_a_lost_connection_is_a_failure() -> None:
    shooter = gun(Wire(ends=True))
    shooter.fire([Plan("network", "GET", ("", "bad"), token="member")], until=float("inf"))
    (failure,) = shooter.all_failures()
    assert (failure.problem, failure.answer) == ("no answer", "the connection was closed")


def test_a_run_ends_when_its_time_is_up() -> None:
    connection = Wire()
    gun(connection).fire([SHOW] * 10, until=0.0)
    assert connection.sent == []


def test_references_become_ids_that_are_there() -> None:
    known = Known({"networks": ["one", "two"]})
    plan = Plan("network", "PUT", ("", "v2.0", "networks", Ref("networks", 3)), body={"a": [Ref("networks", 0)]})
    settled = known.settle(plan)
    assert (settled.path[3], settled.body) == ("two", {"a": ["one"]})
    known.learn(Plan("network", "DELETE", ("", "v2.0", "networks", "two")), Answer(204, {}, b""))
    assert known.settle(plan).path[3] == "one"
    known.learn(Plan("network", "POST", ("", "v2.0", "ports")), answer(201, {"port": {"id": "three"}}))
    assert known.settle(Plan("network", "GET", (Ref("ports", 7),))).path == ("three",)


def test_spared_ids_are_not_learnt() -> None:
    known = Known({"projects": ["own"]}, spared={"own", "admin"})
    listing = {"projects": [{"id": "own"}, {"id": "admin"}, {"id": "other"}]}
    known.learn(Plan("identity", "GET", ("", "v3", "projects")), answer(200, listing))
    assert list(known.ids["projects"]) == ["own", "other"]


def test_the_same_seed_makes_the_same_plans() -> None:
    body = {"type": "object", "properties": {"name": {"type": "string"}, "network_id": {"type": "string"}}}
    several = [OPERATION, Operation("network", "POST", "/v2.0/ports", frozenset({201}), {}, {}, body)]
    one, again, other = (repr(plans(several, 60, number)) for number in (5, 5, 6))
    assert one == again
    assert one != other


def test_plans_are_made_round_by_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making all plans of a long run first would use up the time for sending them."""
    sizes: list[tuple[int, int]] = []

    def noted(_operations: object, count: int, number: int) -> list[Plan]:
        sizes.append((count, number))
        return []

    monkeypatch.setattr(command, "plans", noted)
    monkeypatch.setattr(command, "operations", lambda _api, _description: [])
    monkeypatch.setattr(command.targets, "fill", lambda _target: {})
    for name in ("empty", "unwhole"):
        monkeypatch.setattr(command.targets, name, lambda _target: [])
    command.fuzz(
        mock.Mock(port=1, tokens={}, spared=frozenset(), workers=list), 4 * (2 * command.ROUND + 1), 7, float("inf")
    )
    assert sizes == [(command.ROUND, 7000)] * 4 + [(command.ROUND, 7001)] * 4 + [(1, 7002)] * 4


def test_a_target_is_sent_as_it_is_written() -> None:
    plan = Plan(
        "network", "GET", ("", "v2.0", "a/b\ud800"), ".json", (("n", "\0&=\u00e4"), ("n", True)), token="member"
    )
    request = wire.write(plan, {"member": "a-secret-token"})
    assert request.target == "/network/v2.0/a%2Fb%ED%A0%80.json?n=%00%26%3D%C3%A4&n=true"
    assert b"X-Auth-Token: a-secret-token\r\n" in request.raw()
    assert "a-secret-token" not in repr(request)


@pytest.mark.parametrize("body", [b'{"a": "\xff\'"}', b"plain", b"\0", b"@x", b"[" * 5000])
def test_a_shell_reads_the_body_that_was_sent(body: bytes) -> None:
    line = shortest.curl(Request("POST", "/network", (), body, ""), "").replace("curl", "show", 1)
    completed = subprocess.run(["bash", "-c", f"{SHOW_BODY}\n{line}"], capture_output=True, timeout=60, check=True)
    assert completed.stdout == body


def test_the_report_says_what_failed_and_how_often() -> None:
    shooter = gun(Wire())
    shooter.fire([Plan("network", "GET", ("", "bad"), token="member", operation=OPERATION)] * 3, until=float("inf"))
    text = command.report(Counter({("GET /network", 200): 7}), shooter.all_failures(), ["a worker died"])
    assert "GET /network" in text
    assert "200: 7" in text
    assert "answered 500: GET /network/v2.0/networks/{item} (3 times)" in text
    assert "a worker died" in text


def test_a_server_that_is_not_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GMAN_TEST_POSTGRESQL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert command.main(["--database", "postgresql"]) == 3
    assert capsys.readouterr().err.strip() == (
        "tools/fuzz: no postgresql at 127.0.0.1: start one, or name it by GMAN_TEST_POSTGRESQL"
    )


@pytest.mark.parametrize(
    "arguments", [["--database", "nonsense"], ["--requests", "0"], ["--requests", "x"], ["--seed", "x"], ["--unknown"]]
)
def test_a_mistake_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.long
def test_a_sample_finds_nothing() -> None:
    completed = subprocess.run(
        [str(FUZZ), "--requests", "300", "--seed", "20"], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "300 requests" in completed.stdout
