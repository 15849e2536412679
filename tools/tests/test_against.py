"""`tools/against`: playing stories, shortening and showing a difference, and lawful differences."""

import itertools
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

pytest.importorskip("hypothesis", reason="the extra fuzz is not installed")

from answered import A, B, C, answer
from differential import __main__ as command
from differential import bodies, cloud, lawful, play, reference_side, shrinking, stories, sweeps
from differential.comparison import Difference, Twins
from differential.lawful import Entry, Lawful
from differential.play import Mismatch, Objects, Pair
from differential.progress import Progress
from differential.scenes import COLLECTIONS, SCENES, Story, creation, request
from differential.search import Search
from fuzzing import wire
from fuzzing.values import Ref
from fuzzing.wire import Answer, Request

from reference.network import RESOURCES
from reference.network.rest import resource

NET = creation("networks", name="n")
PORT = creation("ports", network_id=Ref("networks", 0), name="p")


@pytest.mark.parametrize(
    ("query", "ordered"), [("limit", True), ("marker", True), ("sort_key", True), ("name", False), ("", False)]
)
def test_pages_and_sorted_lists_are_ordered(query: str, ordered: bool) -> None:
    step = request("GET", "networks", query=((query, "1"),) if query else ())
    mirrored = Fake("a", lambda _sent, _number: answer(body={"networks": [{"id": A}, {"id": B}]}))
    reverse = Fake("b", lambda _sent, _number: answer(body={"networks": [{"id": B}, {"id": A}]}))
    both = Pair(mirrored, reverse)
    both.begin(Objects({}), Twins({A: A, B: B}, {A: A, B: B}))
    assert (both.play((step,)) is not None) is ordered


class Fake:
    """A side that creates what is requested, but answers as `wrong` says; `sent` are the bodies."""

    def __init__(
        self, first: str, wrong: Callable[[Request, int], Answer | None] = lambda _request, _number: None
    ) -> None:
        self.first, self.wrong, self.sent, self.made, self.states = first, wrong, [], 0, {}  # type: ignore[var-annotated]

    def send(self, request: Request, caller: str) -> Answer:
        body = json.loads(request.body or b"{}")
        self.sent.append((caller, request.method, request.target, body))
        self.made += 1
        item = {"id": f"{self.first}{self.made:07x}-1111-1111-1111-111111111111"}
        return self.wrong(request, self.made) or answer(201, {key: {**item, **value} for key, value in body.items()})

    def keep(self, name: str) -> None:
        self.states[name] = self.made

    def restore(self, name: str) -> None:
        self.made = self.states[name]


def pair(real: Fake, reference: Fake, scenes: tuple[Story, ...] = ()) -> Pair:
    both = Pair(real, reference, scenes)
    both.prepare([creation("networks", "admin", name="public")])
    return both


def refuses(name: str) -> Callable[[Request, int], Answer | None]:
    """A fault: a port of that name is refused where two networks have been made."""
    return lambda sent, number: answer(400, {}) if f'"{name}"'.encode() in (sent.body or b"") and number > 2 else None


def test_references_are_the_ids_of_each_side() -> None:
    real, reference = Fake("a"), Fake("b")
    assert pair(real, reference).play((NET, creation("ports", network_id=Ref("networks", 1)))) is None
    ids = [side.sent[-1][3]["port"]["network_id"] for side in (real, reference)]
    assert [text[:8] for text in ids] == ["a0000002", "b0000002"]


def test_every_story_begins_in_the_same_state_and_scenes_are_played_once() -> None:
    real = Fake("a")
    both = pair(real, Fake("b"), ((NET, NET),))
    for _ in range(3):
        assert both.play((NET, NET, PORT)) is None
    assert len(real.sent) == 1 + 2 + 3
    assert real.made == 4


def test_a_difference_is_shortened_to_what_it_needs() -> None:
    long = (
        NET,
        creation("routers", name="r"),
        NET,
        creation("ports", name="odd", description="d", network_id=Ref("networks", 1)),
    )
    both = pair(Fake("a"), Fake("b", refuses("odd")))
    mismatch = both.play(long)
    assert mismatch is not None
    short = shrinking.shrunk(mismatch, both.play)
    assert short is not None
    assert len(short.story) == 2
    assert short.step.body == {"port": {"name": "odd"}}
    assert short.difference == Difference("status", "", 201, 400)


def test_a_difference_that_does_not_recur_is_chance() -> None:
    answers = iter([answer(400, {})])
    both = pair(
        Fake("a"), Fake("b", lambda sent, _number: next(answers, None) if b"odd" in (sent.body or b"") else None)
    )
    mismatch = both.play((creation("ports", name="odd"),))
    assert mismatch is not None
    assert shrinking.shrunk(mismatch, both.play) is None


def test_a_story_is_shown_as_commands_without_a_token() -> None:
    lines = shrinking.commands(
        (
            NET,
            creation("ports", "admin", network_id=Ref("networks", 1), name="it's"),
            request("GET", "networks", Ref("networks", 1)),
        )
    )
    assert lines[0].startswith("networks_1=$(curl -s ")
    assert lines[0].endswith('"$URL"/network/v2.0/networks | jq -r .[].id)  # member')
    assert """'{"port": {"network_id": "'"$networks_1"'", """ in lines[1].replace("$'", "'")
    assert lines[2].endswith('"$URL"/network/v2.0/networks/$networks_1 # member')
    assert all('"X-Auth-Token: $OS_TOKEN"' in line for line in lines)


def difference(kind: str = "status", place: str = "", real: Any = 400, reference: Any = 201) -> Difference:
    return Difference(kind, place, real, reference)


@pytest.mark.parametrize(
    ("entry", "step", "observed", "explains"),
    [
        (Entry("r"), NET, difference(), True),
        (Entry("r", kind="key"), NET, difference(), False),
        (Entry("r", request="POST /v2.0/networks"), NET, difference(), True),
        (Entry("r", request="GET *"), NET, difference(), False),
        (Entry("r", places=("*.tags", "*.b")), NET, difference("key", "network.b"), True),
        (Entry("r", places=("*.tags",)), NET, difference("key", "network.b"), False),
        (Entry("r", real="400", reference="20[01]"), NET, difference(), True),
        (Entry("r", real="500"), NET, difference(), False),
        (Entry("r", names=("name",)), NET, difference(), True),
        (Entry("r", names=("mtu",)), NET, difference(), False),
        (Entry("r", names=("name",), value='^"x"$'), NET, difference(), False),
        (Entry("r", callers=("admin",)), NET, difference(), False),
        (Entry("r", body="^[^{]"), NET, difference(), False),
        (Entry("r", body="^[^{]"), request("PUT", "networks", body="x"), difference(), True),
        (Entry("r", names=("x",), value="^1$"), request("GET", "networks", query=(("x", "1"),)), difference(), True),
    ],
)
def test_an_entry_explains_what_it_says(entry: Entry, step: Any, observed: Difference, explains: bool) -> None:
    assert entry.explains(step, observed) is explains


def test_a_search_keeps_what_is_not_lawful_and_counts_what_is() -> None:
    both = pair(Fake("a"), Fake("b", refuses("odd")))
    story = (NET, creation("ports", name="odd"))
    search = Search(both, Lawful(()))
    search.through(iter([story] * 5), steps=8, until=float("inf"))
    assert [mismatch.difference for mismatch in search.mismatches.values()] == [difference(real=201, reference=400)]
    listed = Lawful((Entry("r", names=("name",), value="odd"), Entry("never")))
    search = Search(both, listed)
    search.through(iter([story] * 100), steps=both.sent + 6, until=float("inf"))
    assert not search.mismatches
    assert listed.uses[listed.entries[0]] > 0
    assert not listed.uses[listed.entries[1]]


def test_the_list_is_readable_and_every_entry_has_a_reason() -> None:
    entries = lawful.load().entries
    assert len(entries) == len(tomllib.loads(lawful.FILE.read_text())["lawful"])
    assert all(len(entry.reason) > 20 for entry in entries)


def test_an_entry_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text('[[lawful]]\nreason = "r"\nplace = "x"\n')
    with pytest.raises(TypeError, match="place"):
        lawful.load(tmp_path / "l.toml")


def test_the_same_seed_makes_the_same_requests_and_all_kinds_of_them() -> None:
    drawn = stories.stories(60, 7)
    assert repr(drawn) == repr(stories.stories(60, 7)) != repr(stories.stories(60, 8))
    collections = {str(step.path[2]) for story in drawn for step in story if len(step.path) > 2}
    assert {one.path.rpartition("/")[2] for one in RESOURCES} <= collections
    apis = {story[0].api for story in bodies.requests(40, 1)}
    assert apis == {"compute", "identity"}


def test_the_requests_depend_on_the_seed_alone() -> None:
    """They do not depend on Python's hashes of texts, which differ in each process."""
    script = "from differential import bodies; print(repr(bodies.requests(60, 1)))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_ids_of_the_reference_are_in_the_order_of_creation(tmp_path: Path) -> None:
    """So are those of Neutron beside it: pages in the order of ids have the same objects on both sides."""
    side = reference_side.ReferenceNetwork(tmp_path)
    with closing(side):
        sent = [wire.write(creation("networks", name=str(number)), {}) for number in range(5)]
        ids = [side.send(one, "member").json()["network"]["id"] for one in sent]
    assert ids == sorted(ids)


def test_a_sweep_has_each_change_once_and_in_an_order_of_its_seed() -> None:
    for sweep in (sweeps.networking, sweeps.schemas):
        drawn = [repr(story) for story in sweep(1)]
        assert drawn == [repr(story) for story in sweep(1)]
        assert drawn != [repr(story) for story in sweep(2)]
        assert len(set(drawn)) == len(drawn)
    steps = [story[-1] for story in sweeps.networking(1)]
    posted = {
        (step.path[2], name) for step in steps if step.method == "POST" for name in next(iter(step.body.values()))
    }
    assert {(name, one.name) for name, kind in COLLECTIONS.items() for one in kind.attributes} <= posted


class Lenient(reference_side.ReferenceNetwork):
    """Networking with a fault: unknown attributes are not refused."""

    def send(self, request: Request, caller: str) -> Answer:
        with mock.patch.object(resource, "refuse_unknown", return_value=None):
            return super().send(request, caller)


def test_a_fault_in_a_validation_is_found(tmp_path: Path) -> None:
    right, lenient = reference_side.ReferenceNetwork(tmp_path / "right"), Lenient(tmp_path / "wrong")
    with closing(right), closing(lenient):
        both = Pair(right, lenient, SCENES)
        both.prepare(cloud.SET_UP)
        assert both.play(SCENES[0]) is None
        update = request("PUT", "networks", Ref("networks", 1), body={"network": {"subnets": [], "status": "x"}})
        assert both.play((NET, update)) is None
        assert both.play((NET, creation("networks", unknown=1))) is not None


@pytest.mark.parametrize(
    "arguments", [["--steps", "0"], ["--steps", "x"], ["--release", "1999.1"], ["--only", "x"], ["x"]]
)
def test_wrong_use_is_one_line_and_exit_code_3(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 3
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_found_difference_is_reported_with_its_commands() -> None:
    text = command.report([Mismatch((NET,), difference())])
    assert text.startswith("status: the real service 400, the reference 201\n  curl -i ")


def test_objects_are_learnt_from_what_both_have_made() -> None:
    objects = Objects({"networks": [(A, B)]})
    objects.learn(NET, answer(201, {"network": {"id": C}}), answer(400, {}))
    objects.learn(NET, answer(201, {"network": {"id": C}}), answer(201, {"network": {"id": A}}))
    assert objects.ids["networks"] == [(A, B), (C, A)]
    assert objects.settled(request("GET", "networks", Ref("networks", 3)), 1).path[-1] == A
    assert play.pattern(request("GET", "networks", Ref("networks", 3), tail="/")) == "GET /v2.0/networks/*/"


def test_the_port_of_a_routers_interface_is_learnt_and_shown() -> None:
    plug = request("PUT", "routers", Ref("routers", 0), play.ADD_INTERFACE, body={"subnet_id": Ref("subnets", 2)})
    objects = Objects({})
    objects.learn(plug, answer(200, {"port_id": A}), answer(400, {}))
    objects.learn(plug, answer(200, {"port_id": A}), answer(200, {"port_id": B}))
    assert objects.ids["interfaces"] == [(A, B)]
    lines = shrinking.commands((plug, request("GET", "ports", Ref("interfaces", 0))))
    assert lines[0].startswith("interfaces_0=$(curl -s ")
    assert lines[0].endswith("| jq -r .port_id)  # member")


def test_a_search_says_what_it_finds_and_how_far_it_is() -> None:
    lines: list[str] = []
    both = pair(Fake("a"), Fake("b", refuses("odd")))
    seconds = iter(range(0, 10_000, 15))
    reporter = Progress("network", 100, lines.append, lambda: next(seconds))
    story = (NET, creation("ports", name="odd", description="d" * 500, network_id=Ref("networks", 1)))
    search = Search(both, Lawful(()), reporter)
    search.through(itertools.repeat(story), steps=100, until=float("inf"))
    summaries = [line for line in lines if line.startswith("1. ")]
    assert summaries == ["1. POST /v2.0/ports (name, port) status: the real service 201, the reference 400"]
    progress = next(line for line in lines if line.startswith("network: "))
    assert progress.endswith(" differences")
    assert " of 100 requests, " in progress
    assert lines[0] in summaries
    long = Mismatch((creation("ports", "member", **{"a" * 200: 1}),), difference())
    reporter.found(2, long)
    assert len(lines[-1]) == 160
