"""The registry: invalid entries are refused, and requirements and tests fit each other."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from conformance.coverage import requirement_tests
from conformance.gabbi import every_response
from conformance.requirements import registry
from conformance.requirements.areas import AREAS, family
from conformance.requirements.registry import Level, Profile, RegistryError, Requirement, load, problems

Read = Callable[..., Mapping[str, Requirement]]

ENTRY = """\
- id: N-AAT-001
  level: MUST
  profile: core
  sentence: >-
    The first GET
    builds it.
  source: api-ref
  observable: user
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(*texts: str) -> Mapping[str, Requirement]:
        for number, text in enumerate(texts):
            (tmp_path / f"family-{number}.yaml").write_text(text)
        return load(tmp_path)

    return read


def test_an_entry_becomes_a_requirement(read: Read) -> None:
    [entry] = read(ENTRY).values()
    assert (entry.id, entry.level, entry.profile) == ("N-AAT-001", Level.MUST, Profile.CORE)
    assert entry.sentence == "The first GET builds it."
    assert (entry.since, entry.untested) == ("", "")
    assert entry.counts


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("id: N-AAT-001", "id: AAT 1"), "'AAT 1' is not an id"),
        (("level: MUST", "level: SHALL"), "'SHALL' is not a valid Level"),
        (("profile: core", "profile: basic"), "'basic' is not a valid Profile"),
        (("observable: user", "observable: maybe"), "observable 'maybe' is not one of"),
        (("source: api-ref", "origin: api-ref"), "unknown key origin"),
        (("  source: api-ref\n", ""), "source missing"),
        (("observable: user", "observable: user\n  since: 8"), "not a mapping of keys to texts"),
        ((ENTRY, "requirements: none"), "not a list"),
        ((ENTRY, "- just a line"), "not a mapping"),
        (("- id", "- [id"), "expected"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(read: Read, change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(RegistryError, match=complaint) as refused:
        read(ENTRY.replace(*change))
    assert str(refused.value).startswith("family-0.yaml: ")


def test_an_id_is_not_used_twice(read: Read) -> None:
    with pytest.raises(RegistryError, match=r"family-1.yaml: N-AAT-001 is there twice"):
        read(ENTRY, ENTRY)


@pytest.mark.parametrize(("level", "observable", "counts"), [("MAY", "user", False), ("MUST", "not", False)])
def test_requirements_that_decide_no_profile(read: Read, level: str, observable: str, counts: bool) -> None:
    text = ENTRY.replace("MUST", level).replace("observable: user", f"observable: {observable}")
    [entry] = read(text).values()
    assert entry.counts is counts


def test_registry_and_tests_have_to_fit(read: Read) -> None:
    requirements = read(ENTRY, ENTRY.replace("001", "002") + "  untested: Nobody can look.\n")
    assert problems(requirements, {"N-AAT-001": ["a"]}) == []
    assert problems(requirements, {}) == ["N-AAT-001 has no test, and no reason for that (untested)"]
    assert problems(requirements, {"N-AAT-001": ["a"], "N-AAT-003": ["b"]}) == [
        "b covers N-AAT-003, which is not in the registry"
    ]
    assert problems(requirements, {"N-AAT-001": ["a"], "N-AAT-002": ["b"]}) == [
        "N-AAT-002 says why it is untested, and is tested by b"
    ]


def test_the_suite_does_not_contradict_itself() -> None:
    requirements = registry.load()
    assert problems(requirements, requirement_tests.covered(requirements)) == []


def test_each_area_has_a_name_that_says_what_it_is_about() -> None:
    assert {family(id_) for id_ in load()} == AREAS.keys()


def test_rules_for_every_response_are_requirements() -> None:
    assert set(every_response.REQUIREMENTS) <= registry.load().keys()


def test_python_tests_are_read_without_running_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirement_tests, "PACKAGE", tmp_path / "conformance")
    folder = tmp_path / "conformance" / "stress"
    folder.mkdir(parents=True)
    (folder / "test_it.py").write_text(
        "import pytest, nothing_there\n\n@pytest.mark.requirement('N-AAT-001', 'N-AAT-002')\ndef test_one(): ...\n"
        "\ndef helper(): ...\n"
    )
    names = dict(requirement_tests._of_python(folder))
    assert names == {"conformance/stress/test_it.py::test_one": ["N-AAT-001", "N-AAT-002"]}
