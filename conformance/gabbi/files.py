"""The gabbi files of the suite, as data: what each covers, needs and sends, checked before anything is sent."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from conformance import PACKAGE
from conformance.requirements import registry
from conformance.schema import complaint
from conformance.yaml_files import load_yaml

COVERS = (
    "response_covers"  # the key of a test with the requirements that it observes; without it, a test is only a step
)

EARLIER_TEST = re.compile(r"\$HISTORY\['(.*?)'\]")
SERVICES = {"compute": "COMPUTE", "identity": "IDENTITY", "image": "IMAGE"}  # by the folder of a file; else NETWORK


class GabbiFileError(Exception):
    """A gabbi file is invalid; the text names the file and the key."""


@dataclass(frozen=True)
class GabbiFile:
    """One file. `id` is its path below the folder of gabbits, the same wherever the suite is installed."""

    id: str
    path: Path
    covers: Mapping[str, frozenset[str]]
    fixtures: tuple[str, ...]
    requires: tuple[str, ...]
    content: Mapping[str, Any]

    @property
    def microversion(self) -> str:
        """The microversion of its requests by default; empty if there is none, or for the newest one."""
        return requested_microversion(self.content.get("defaults", {}).get("request_headers", {}))

    def full_url(self, url: str) -> str:
        """The URL of a test for gabbi: a path becomes a URL of the file's service, by the variable that holds its
        endpoint.
        """
        service = SERVICES.get(self.path.parent.name, "NETWORK")
        return f"$ENVIRON['GMAN_{service}_URL']{url}" if str(url).startswith("/") else url

    def covered_by(self, test: str) -> list[str]:
        """The ids of the requirements that a test of this file observes."""
        return [requirement for requirement, tests in self.covers.items() if test in tests]


VERSION_HEADERS = {
    "openstack-api-version": r"compute (\d+\.\d+)",
    "x-openstack-nova-api-version": r"(\d+\.\d+)",
}


def requested_microversion(headers: Mapping[str, Any]) -> str:
    """The microversion in a request's headers; empty if there is none, or for the newest one."""
    matches = (re.fullmatch(form, str(headers.get(name, ""))) for name, form in VERSION_HEADERS.items())
    return next((match[1] for match in matches if match), "")


def folder() -> Path:
    """The folder of the gabbi files: beside this package in a checkout, inside the package in an installation."""
    installed = PACKAGE / "_gabbits"
    return installed if installed.is_dir() else PACKAGE.parent / "gabbits"


def files(below: Path) -> list[Path]:
    """All gabbi files below a folder, sorted, so that every process sees the same order."""
    return sorted(below.rglob("*.yaml"))


class GabbiFolder:
    """The gabbi files below a folder, each read and checked once.

    `checked` is what another process has read already, as its `to_plain` gave it.
    """

    def __init__(self, path: Path, checked: str = "{}") -> None:
        self.path = path
        self._contents: dict[str, Any] = json.loads(checked)  # id -> content

    def to_plain(self) -> str:
        """All files as text, so that another process need not read and check them again."""
        return json.dumps({gabbi_file.id: gabbi_file.content for gabbi_file in self})

    def __iter__(self) -> Iterator[GabbiFile]:
        """All files, in the order of `files`. Raises GabbiFileError."""
        return map(self.read, files(self.path))

    def read(self, path: Path) -> GabbiFile:
        """The file at that path. Raises GabbiFileError."""
        id_ = f"gabbits/{path.relative_to(self.path).as_posix()}"
        if id_ not in self._contents:
            self._contents[id_] = _checked(path, id_)
        content = self._contents[id_]
        covers: dict[str, set[str]] = {}
        for test in content["tests"]:
            for requirement in test.get(COVERS, ()):
                covers.setdefault(requirement, set()).add(test["name"])
        return GabbiFile(
            id=id_,
            path=path,
            covers={requirement: frozenset(tests) for requirement, tests in covers.items()},
            fixtures=tuple(content["fixtures"]),
            requires=tuple(content.get("requires", ())),
            content=content,
        )


@cache
def installed() -> GabbiFolder:
    """The files that this suite comes with."""
    return GabbiFolder(folder())


def _checked(path: Path, id_: str) -> Any:
    try:
        content = load_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise GabbiFileError(f"{id_}: {error}") from None
    if problem := complaint("gabbit", content) or _contradiction(content["tests"]):
        raise GabbiFileError(f"{id_}: {problem}{_test_of(problem, content)}")
    return content


def _contradiction(tests: Sequence[Mapping[str, Any]]) -> str:
    """The first error in a file's tests that a schema cannot express, as `path: error`; empty if there is none."""
    names = [test["name"] for test in tests]
    for name in names:
        if names.count(name) > 1:
            return f"$.tests: there are two tests named {name!r}"
    for number, test in enumerate(tests):
        for requirement in test.get(COVERS, ()):
            if requirement not in registry.load():
                return f"$.tests[{number}].{COVERS}: {requirement} is not in the registry"
        for name in EARLIER_TEST.findall(json.dumps(test, ensure_ascii=False, default=str)):
            if "'" in name:
                return f"$.tests[{number}]: {name!r} has an apostrophe, which gabbi cannot read in $HISTORY"
            if name not in names[:number]:
                return f"$.tests[{number}]: no test before it is named {name!r}"
    return "" if any(COVERS in test for test in tests) else f"$.tests: no test has {COVERS}"


def _test_of(problem: str, content: Any) -> str:
    """The test that the problem is about, as ` (test 'name')`; empty if its path, such as `$.tests[1].data`, names
    none.
    """
    match = re.match(r"\$\.tests\[(\d+)\]", problem)
    test = content["tests"][int(match[1])] if match else {}
    return f" (test {test['name']!r})" if isinstance(test, dict) and "name" in test else ""
