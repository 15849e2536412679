"""The coverage ledger: the calls of the two APIs that the suite covers, with every answer that each may have, tested or
not.

A line has an endpoint, the first microversion for which it holds, and a status; or several statuses, if the service may
choose. Its note is `observed`, which has to agree with what the gabbi files send and expect, `waived: why`, or `out of
scope: why`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from conformance.gabbi import files as gabbi_files
from conformance.gabbi.files import GabbiFile
from conformance.requirements.registry import RegistryError
from conformance.yaml_files import load_yaml

HERE = Path(__file__).parent / "calls"
OBSERVED = "observed"
EXCUSES = ("waived: ", "out of scope: ")
BASES = {
    "$ENVIRON['GMAN_NETWORK_URL']": "network",
    "$ENVIRON['GMAN_COMPUTE_URL']": "compute",
    "$ENVIRON['GMAN_COMPUTE_ROOT']/v2.1": "compute",
}
LAST, LOCATION = "$LAST_URL", "$LOCATION"
EARLIER = re.compile(r"\$HISTORY\['(.+?)'\]\.\$URL")
ANY = "any"  # no microversion matters, or the requested one does not exist
OLDEST, NEWEST = "2.1", "latest"
MICROVERSION = re.compile(r"2\.(0|[1-9]\d{0,2})")
LITERAL_ID = re.compile(r"None|[0-9a-f-]{30,}")


@dataclass(frozen=True, order=True)
class Line:
    """`statuses` such as "200", or "204|404"; `note` is OBSERVED, or why nothing observes it."""

    service: str
    endpoint: str
    at: str
    statuses: str
    note: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.service, self.endpoint, self.at, self.statuses

    @property
    def plain(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        version = "" if self.at == ANY else f" at {self.at}"
        return f"{self.service} {self.endpoint}{version} {self.statuses}"


def load(folder: Path = HERE) -> list[Line]:
    """All lines, in the order of the files. Raises RegistryError."""
    lines = [line for path in sorted(folder.glob("*.yaml")) for line in _read(path)]
    for number, line in enumerate(lines):
        if any(line.key == other.key for other in lines[:number]):
            raise RegistryError(f"ledger: {line} is there twice")
        if line.note != OBSERVED and not line.note.startswith(EXCUSES):
            raise RegistryError(
                f"ledger: {line}: its note is none of {OBSERVED}, {', '.join(f'{name}REASON' for name in EXCUSES)}"
            )
    return lines


def _read(path: Path) -> Iterator[Line]:
    for entry in load_yaml(path):
        for statuses, note in entry["answers"].items():
            yield Line(path.stem, entry["endpoint"], str(entry.get("at", ANY)), str(statuses), note)


def requests_of(lines: Iterable[Line], gabbi_file: GabbiFile) -> Iterator[tuple[Line, str]]:
    """(line of the ledger, name of the test) for each request of a gabbi file to the two APIs, and what it expects."""
    urls: dict[str, str] = {}
    versions = {(line.service, line.endpoint, line.at) for line in lines}
    defaults = gabbi_file.content.get("defaults", {})
    for test in gabbi_file.content["tests"]:
        method, url = _call({**defaults, **test})
        url = urls[test["name"]] = _expanded(gabbi_file.full_url(url), urls)
        service = next((name for base, name in BASES.items() if url.startswith(base)), "")
        if not service:  # Identity and Image are not in the ledger
            continue
        endpoint = f"{method} {_template(url)}"
        headers = {**defaults.get("request_headers", {}), **test.get("request_headers", {})}
        starts = [
            at for its_service, its_endpoint, at in versions if (its_service, its_endpoint) == (service, endpoint)
        ]
        at = _start(starts, _requested_version({name.lower(): str(value) for name, value in headers.items()}))
        statuses = re.sub(r"\s*\|\|\s*", "|", str(test.get("status", defaults.get("status", 200))))
        yield Line(service, endpoint, at, statuses), f"{gabbi_file.id}::{test['name']}"


def _call(test: Mapping[str, Any]) -> tuple[str, str]:
    """Method and URL, as gabbi reads them: `GET: url`, or `url` with `method`."""
    short = next((key for key in test if key.isupper()), "")
    return (short, str(test[short])) if short else (str(test.get("method", "GET")), str(test.get("url", "")))


def _expanded(url: str, urls: Mapping[str, str]) -> str:
    """The URL, with the URLs of earlier tests in full and without queries. What a POST created has the URL of the POST,
    and its id after that.
    """
    last = next(reversed(list(urls.values())), "").partition("?")[0]
    url = url.replace(LAST, last) if LAST in url else url.replace(LOCATION, f"{last}/{{id}}")
    return EARLIER.sub(lambda match: urls.get(match[1], "").partition("?")[0], url)


def _template(url: str) -> str:
    """The path without its endpoint and its query, every id in it being {id}."""
    base = next((base for base in BASES if url.startswith(base)), "")
    path = re.sub(r"\['.+?'\]", "", url.removeprefix(base)).partition("?")[0]
    return "/".join("{id}" if "$" in part or LITERAL_ID.fullmatch(part) else part for part in path.split("/")) or "/"


def _requested_version(headers: Mapping[str, str]) -> str:
    """The microversion of Compute that the headers ask for, as it stands there even if it is invalid."""
    new = headers.get("openstack-api-version", "")
    if new.startswith("compute "):
        return new.removeprefix("compute ")
    return headers.get("x-openstack-nova-api-version", OLDEST)


def _start(starts: Iterable[str], requested: str) -> str:
    """The newest of `starts`, the microversions of lines, that is not above the requested one; ANY for none."""
    numbered = sorted((_number(start), start) for start in starts if start != ANY)
    if requested != NEWEST and not MICROVERSION.fullmatch(requested):
        return ANY
    fitting = [start for number, start in numbered if requested == NEWEST or number <= _number(requested)]
    return fitting[-1] if fitting else ANY


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def observations(lines: list[Line]) -> dict[tuple[str, str, str, str], list[str]]:
    """Key of a line -> the tests that send its request and expect its answer. Raises GabbiFileError."""
    observed: dict[tuple[str, str, str, str], list[str]] = {}
    for gabbi_file in gabbi_files.installed():
        for line, test in requests_of(lines, gabbi_file):
            observed.setdefault(line.key, []).append(test)
    return observed


def problems(lines: list[Line], observed: Mapping[tuple[str, str, str, str], list[str]]) -> list[str]:
    """Where ledger and tests contradict each other.

    A test that accepts any of several answers observes none of them, but the ledger has to list each.
    """
    keys = {line.key for line in lines}
    unobserved = [
        f"{line} says observed, but no test observes it"
        for line in lines
        if line.note == OBSERVED and line.key not in observed
    ]
    unlisted = [
        f"{Line(*key)} is sent by {tests[0]}, but the ledger does not list it: add it to coverage/calls/{key[0]}.yaml"
        for key, tests in observed.items()
        if key not in keys and not {(*key[:3], status) for status in key[3].split("|")} <= keys
    ]
    return unobserved + unlisted


def state(line: Line, observed: Mapping[tuple[str, str, str, str], list[str]]) -> str:
    """The state of a line: how many tests observe it, or why none does."""
    tests = len(observed.get(line.key, ()))
    return f"{OBSERVED} by {tests} test{'s' if tests > 1 else ''}" if tests else line.note
