"""The numbered requirements, as data: one YAML file a family, beside this module."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from conformance.yaml_files import load_yaml

HERE = Path(__file__).parent
ID = re.compile(r"[A-Z](-[A-Z][A-Z0-9]*)*-\d+[a-z]?")
OBSERVABLE = ("user", "two-projects", "admin", "disruptive", "concurrent", "not")


class Level(StrEnum):
    """How much hangs on a requirement: nothing, for MAY."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Profile(StrEnum):
    """What a cloud can claim."""

    CORE = "core"
    COMPUTE = "compute"
    RACE = "race"
    IPV6 = "ipv6"
    POLICY = "policy"
    OPERATOR = "operator"
    CONNECTIVITY = "connectivity"


ABOUT: Mapping[str, str] = {
    Profile.CORE: "Networking: the topology, its parts, lists and errors",
    Profile.COMPUTE: "servers: how they get their network, and what the API shows of them",
    Profile.RACE: "many requests at once",
    Profile.IPV6: "topologies with IPv6",
    Profile.POLICY: "who may see and change what",
    Profile.OPERATOR: "what administrators set, and what follows from it",
    Profile.CONNECTIVITY: "packets: which addresses servers really have, and what they reach",
}

DEFAULT_CLAIMS = (Profile.CORE, Profile.COMPUTE, Profile.RACE)


class RegistryError(Exception):
    """The registry contradicts itself; the text names the file and the entry."""


@dataclass(frozen=True)
class Requirement:
    """`observable` says what it takes to look; `untested` why no test does.

    `extension` is the alias of the optional one that it is about, and `feature` what a back end may have, in words: a
    cloud without it breaks no promise.
    """

    id: str
    level: Level
    profile: Profile
    sentence: str
    source: str
    observable: str
    since: str = ""
    untested: str = ""
    extension: str = ""
    feature: str = ""

    @property
    def optional(self) -> bool:
        """Whether it is about something that a cloud need not have."""
        return bool(self.extension or self.feature)

    @property
    def counts(self) -> bool:
        """Whether a profile depends on it. A requirement that no test observes is listed, but does not affect the
        verdict.
        """
        return self.level is not Level.MAY and self.observable != "not" and not self.untested


KEYS = {field.name: field.default is MISSING for field in fields(Requirement)}


@cache
def load(directory: Path = HERE) -> Mapping[str, Requirement]:
    """All requirements by id, in the order of the files. Raises RegistryError."""
    registry: dict[str, Requirement] = {}
    for path in sorted(directory.glob("*.yaml"), key=lambda path: path.stem):
        for requirement in _read(path):
            if requirement.id in registry:
                raise RegistryError(f"{path.name}: {requirement.id} is there twice")
            registry[requirement.id] = requirement
    return registry


def version(directory: Path = HERE) -> str:
    """The version of the requirements: their date, and after + what tells them from others of that date."""
    texts = "\n".join(map(repr, sorted(load(directory).values(), key=lambda entry: entry.id)))
    date = (directory / "version.txt").read_text(encoding="utf-8").strip()
    return f"{date}+{hashlib.sha256(texts.encode()).hexdigest()[:8]}"


def problems(registry: Mapping[str, Requirement], covered: Mapping[str, Collection[str]]) -> list[str]:
    """What does not fit between the registry and the tests; `covered` gives each id the names of its tests."""
    unknown = [
        f"{name} covers {id_}, which is not in the registry"
        for id_, names in covered.items()
        for name in names
        if id_ not in registry
    ]
    tested = {id_ for id_, names in covered.items() if names}
    bare = [
        f"{entry.id} has no test, and no reason for that (untested)"
        for entry in registry.values()
        if entry.id not in tested and not entry.untested
    ]
    both = [
        f"{entry.id} says why it is untested, and is tested by {min(covered[entry.id])}"
        for entry in registry.values()
        if entry.untested and entry.id in tested
    ]
    return unknown + bare + both


def _read(path: Path) -> Iterator[Requirement]:
    try:
        entries = load_yaml(path)
    except yaml.YAMLError as error:
        raise RegistryError(f"{path.name}: {error}") from None
    if not isinstance(entries, list):
        raise RegistryError(f"{path.name}: not a list of requirements")
    for number, entry in enumerate(entries, 1):
        try:
            yield _requirement(entry)
        except ValueError as error:
            raise RegistryError(f"{path.name}: entry {number}: {error}") from None


def _requirement(entry: Any) -> Requirement:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise ValueError("not a mapping of keys to texts")
    if unknown := entry.keys() - KEYS.keys():
        raise ValueError(f"unknown key {', '.join(sorted(unknown))}")
    if missing := [key for key, needed in KEYS.items() if needed and not entry.get(key)]:
        raise ValueError(f"{', '.join(missing)} missing")
    if not ID.fullmatch(entry["id"]):
        raise ValueError(f"{entry['id']!r} is not an id such as N-AAT-001")
    if entry["observable"] not in OBSERVABLE:
        raise ValueError(f"observable {entry['observable']!r} is not one of {', '.join(OBSERVABLE)}")
    texts = {key: " ".join(value.split()) for key, value in entry.items()}
    level, profile = Level(texts.pop("level")), Profile(texts.pop("profile"))
    return Requirement(level=level, profile=profile, **texts)
