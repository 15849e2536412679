"""Waivers: what a list may hold, what it matches, and that none outlives its failure."""

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.coverage import requirement_tests
from conformance.requirements.registry import load
from conformance.settings import UsageProblem
from conformance.target.capabilities import Capabilities
from conformance.tests.mistakes import changed
from conformance.verdict import waivers
from conformance.verdict.states import State
from conformance.verdict.waivers import Waiver, unknown, unneeded, waiver_for

TODAY = date(2026, 6, 1)
ENTRY: dict[str, Any] = {
    "requirement": "N-AAT-053",
    "reason": "the router is gone although the delete was refused",
    "link": "https://bugs.example.org/1",
    "owner": "network team",
    "expires": "2027-01-31",
}


def write(folder: Path, *entries: dict[str, Any]) -> str:
    path = folder / "known.yaml"
    path.write_text(yaml.safe_dump(list(entries)))
    return str(path)


def made(**keys: Any) -> Waiver:
    return Waiver(**{"reason": "r", "link": "l", "owner": "o", "expires": date.max, **keys})


def test_a_list_is_read(tmp_path: Path) -> None:
    [waiver] = waivers.load(write(tmp_path, {**ENTRY, "test": "gabbits/*", "intermittent": True}), TODAY)
    assert (waiver.requirement, waiver.test, waiver.intermittent) == ("N-AAT-053", "gabbits/*", True)
    assert waiver.expires == date(2027, 1, 31)


@pytest.mark.parametrize("expires", [date(2027, 1, 31), "2027-01-31"])
def test_a_date_may_stand_with_or_without_quotes(tmp_path: Path, expires: object) -> None:
    [waiver] = waivers.load(write(tmp_path, {**ENTRY, "expires": expires}), TODAY)
    assert waiver.expires == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"expires": "2026-05-31"}, "N-AAT-053 expired on 2026-05-31: remove it, or renew its reason"),
        ({"expires": "next year"}, "'next year' is no date"),
        ({"reason": None}, r"\$\[0\].reason: None is not of type 'string'"),
        ({"ticket": "1"}, "'ticket' was unexpected"),
        ({"requirement": "53"}, "'53' does not match"),
        ({"when": {"weather": "fine"}}, "'weather' was unexpected"),
        ({"link": "see mail"}, "'see mail' does not match"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageProblem, match=complaint):
        waivers.load(write(tmp_path, {**ENTRY, **change}), TODAY)


def test_a_date_in_place_of_a_text_is_that_text(tmp_path: Path) -> None:
    [waiver] = waivers.load(write(tmp_path, {**ENTRY, "test": date(2026, 6, 1), "reason": date(2026, 6, 1)}), TODAY)
    assert not waiver.matches_test("gabbits/a.yaml::b")
    assert waiver.excuse("no") == "no (waived: 2026-06-01)"


def test_an_entry_names_what_it_is_for(tmp_path: Path) -> None:
    nothing = {key: value for key, value in ENTRY.items() if key != "requirement"}
    with pytest.raises(UsageProblem, match="is not valid under any"):
        waivers.load(write(tmp_path, nothing), TODAY)


def test_a_waiver_is_good_on_its_last_day(tmp_path: Path) -> None:
    assert waivers.load(write(tmp_path, ENTRY), date(2027, 1, 31))


def test_a_list_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageProblem, match=r"waivers 'neutron-1999': no such file, .* with the suite: "):
        waivers.load("neutron-1999", TODAY)


def test_invalid_yaml_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text("- [")
    with pytest.raises(UsageProblem) as refused:
        waivers.load(str(path), TODAY)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("keys", "test", "requirement", "matches"),
    [
        ({"requirement": "N-AAT-053"}, "any", "N-AAT-053", True),
        ({"requirement": "N-AAT-053"}, "any", "N-AAT-054", False),
        ({"test": "gabbits/a.yaml::x"}, "gabbits/a.yaml::x", "N-AAT-053", True),
        ({"test": "gabbits/a.yaml::x"}, "gabbits/a.yaml::x", "", True),
        ({"test": "gabbits/a.yaml::*"}, "gabbits/a.yaml::x [1]", "", True),
        ({"test": "gabbits/a.yaml"}, "gabbits/a.yaml::x", "", False),
        ({"test": "gabbits/a.y?ml::x"}, "gabbits/a.yaml::x", "", False),
        ({"test": "*::x", "requirement": "N-AAT-053"}, "gabbits/a.yaml::x", "N-AAT-053", True),
        ({"test": "*::x", "requirement": "N-AAT-053"}, "gabbits/a.yaml::x", "N-AAT-054", False),
        ({"test": "*::x", "requirement": "N-AAT-053"}, "gabbits/a.yaml::y", "N-AAT-053", False),
    ],
)
def test_matching(keys: dict[str, Any], test: str, requirement: str, matches: bool) -> None:
    assert (waiver_for([made(**keys)], test, requirement) is not None) is matches


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({}, True),
        ({"extensions": ["dvr"]}, True),
        ({"extensions": ["dvr", "qos"]}, False),
        ({"default_pools": [6]}, False),
        ({"max_microversion": "2.96"}, True),
        ({"max_microversion": "2.96", "default_pools": [6]}, False),
    ],
)
def test_conditions(when: dict[str, Any], holds: bool) -> None:
    capabilities = Capabilities(extensions=("dvr", "l3"), default_pools=(4,), max_microversion="2.96")
    assert made(when=when).holds_for(capabilities) is holds


P, F, W = State.PASS, State.FAIL, State.WAIVED


@pytest.mark.parametrize(
    ("keys", "observed", "stale"),
    [
        ({"requirement": "A"}, [("t", "A", W)], False),
        ({"requirement": "A"}, [("t", "A", P)], True),
        ({"requirement": "A"}, [("t", "A", P), ("u", "A", W)], False),
        ({"requirement": "A"}, [("t", "B", P)], False),
        ({"requirement": "A"}, [], False),
        ({"requirement": "A"}, [("t", "A", State.NOT_CLAIMED)], False),
        ({"requirement": "A"}, [("t", "A", State.INCONCLUSIVE)], False),
        ({"requirement": "A", "intermittent": True}, [("t", "A", P)], False),
        ({"test": "t"}, [("t", "", P)], True),
    ],
)
def test_a_waiver_whose_tests_pass_has_to_go(keys: dict[str, Any], observed: list[Any], stale: bool) -> None:
    notes = list(unneeded([made(**keys)], observed))
    assert bool(notes) is stale
    assert all("no longer fails: remove the waiver" in line for line in notes)


def test_a_waiver_has_to_match_something() -> None:
    covered, tests = {"A": ["f::t", "g::param"]}, ["f::t", "f::step", "g::param"]
    fitting = [made(requirement="A"), made(test="f::*"), made(test="f::step"), made(test="g::param[*]")]
    assert list(unknown(fitting, covered, tests)) == []
    useless = [made(requirement="B"), made(test="h::*"), made(requirement="A", test="f::step")]
    assert len(list(unknown(useless, covered, tests))) == len(useless)


@pytest.mark.parametrize("path", sorted(waivers.BUNDLED.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_lists_of_the_suite_fit_it(path: Path) -> None:
    listed = waivers.load(path.stem, TODAY)
    assert list(unknown(listed, requirement_tests.covered(load()), requirement_tests.tests())) == []


@pytest.mark.parametrize("seed", range(100))
def test_a_right_list_with_a_mistake_is_taken_or_refused_in_one_line(tmp_path: Path, seed: int) -> None:
    whole = {**ENTRY, "test": "gabbits/*", "intermittent": True, "when": {"extensions": ["router"], "dry_run": 1}}
    (tmp_path / "known.yaml").write_text(json.dumps(changed([whole, ENTRY], random.Random(seed))))
    output = ""
    try:
        for waiver in waivers.load(str(tmp_path / "known.yaml"), TODAY):
            waiver.holds_for(Capabilities())
            waiver.matches("gabbits/a.yaml: b", "N-AAT-053")
    except UsageProblem as problem:
        output = str(problem)
    assert "\n" not in output


def test_each_star_is_any_text_and_nothing_else_is_special() -> None:
    assert made(test="*a[1]?*").matches_test("xa[1]?y")
    assert not made(test="*a[1]?*").matches_test("xa1zy")
    assert not made(test="*x" * 40 + "!").matches_test("x" * 200)  # without an end where each star tries each place
