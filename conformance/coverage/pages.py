"""The registry as pages to read, one an area, and an index: what each requirement says, and what is known about it."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance import PACKAGE
from conformance.requirements.areas import areas, family
from conformance.requirements.registry import Requirement

INDEX = "README.md"
OBSERVABLE = {
    "user": "one member of one project",
    "two-projects": "members of two projects",
    "admin": "an administrator",
    "disruptive": "an administrator, with `--disruptive`",
    "concurrent": "several requests at once",
    "not": "nothing: it cannot be seen from outside",
}
FINDINGS = PACKAGE.parent / "docs" / "findings"  # of a checkout; an installed suite has none


@dataclass(frozen=True)
class Known:
    """What is known about requirements, each by its id.

    `tests` are names, `waivers` pairs of a list's name and a reason, `findings` files, `faults` pairs of a name, by
    which it is planted in the reference, and a sentence.
    """

    tests: Mapping[str, Sequence[str]]
    waivers: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    findings: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    faults: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def findings(folder: Path = FINDINGS) -> dict[str, list[Path]]:
    """Requirement id -> the pages about real services that name it in their head."""
    findings_of: dict[str, list[Path]] = {}
    for page in sorted(folder.glob("*.md")):
        for id_ in re.findall(r"\*\*Requirements?\*\*:\s([A-Z][\w, -]*-\d+[a-z]?)", page.read_text(encoding="utf-8")):
            for requirement in id_.split(", "):
                findings_of.setdefault(requirement, []).append(page)
    return findings_of


def pages(entries: Iterable[Requirement], known: Known, folder: Path) -> dict[str, str]:
    """File name -> Markdown, of the pages that are to lie in the folder."""
    texts = {}
    rows = ["| Area | Requirements | MUST | SHOULD | MAY |", "|---|---|---|---|---|"]
    for name, own in areas(entries):
        file = f"{family(own[0].id).lower()}.md"
        texts[file] = "\n".join(
            [f"# {name}", "", *(line for requirement in own for line in _entry(requirement, known, folder))]
        )
        counts = " | ".join(
            str(sum(requirement.level == level for requirement in own)) for level in ("MUST", "SHOULD", "MAY")
        )
        rows.append(f"| [{name}]({file}) | {len(own)} | {counts} |")
    texts[INDEX] = "\n".join(["# Requirements", "", *rows, ""])
    return texts


def _entry(entry: Requirement, known: Known, folder: Path) -> Iterator[str]:
    yield f"## {entry.id}"
    yield ""
    yield f"**{entry.level}**, profile {entry.profile}. {_text(entry.sentence)}"
    yield ""
    yield f"- Source: {_text(entry.source)}"
    yield f"- It takes: {OBSERVABLE[entry.observable]}"
    if entry.since:
        yield f"- Since: {_text(entry.since)}"
    if entry.extension:
        yield f"- Only where the extension `{entry.extension}` is advertised"
    if entry.feature:
        yield f"- Only where a cloud has {_text(entry.feature)}"
    if entry.untested:
        yield f"- Not tested: {_text(entry.untested)}"
    yield from (f"- Test: `{test}`" for test in known.tests.get(entry.id, ()))
    yield from (f"- Waived in `{name}`: {_text(reason)}" for name, reason in known.waivers.get(entry.id, ()))
    for page in known.findings.get(entry.id, ()):
        yield f"- Found broken: [{page.stem}]({Path(os.path.relpath(page, folder)).as_posix()})"
    yield ""


def _text(text: str) -> str:
    """The text, escaped so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", " ".join(text.split()))
