"""Records of guests in a report: what was written is read back, and what somebody else wrote is checked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.guests import records
from conformance.guests.records import GuestLog, Target, scene_of
from conformance.tests.guest_records import NONCE, guest, mac_of, target, words

RECORD = guest(
    words=words(peers={"10.0.0.6": mac_of(6)}, reached={"10.0.0.7": f"{NONCE} {mac_of(7)}"}, heard={"10.0.0.8": ""}),
    targets=(Target("10.0.0.7", mac_of(7), "project-2", "server-2"),),
)


def written(folder: Path, plain: Any) -> Path:
    path = folder / "scene.run.host.main.ndjson"
    path.write_text(json.dumps(plain) + "\n", encoding="utf-8")
    return path


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value in JSON, the whole included."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy of the value with another one at that place."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


PLAIN = json.loads(json.dumps(RECORD.to_plain()))


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    GuestLog(tmp_path, RECORD.scene, "run").add([RECORD])
    assert records.scene_of(tmp_path, RECORD.scene) == [RECORD]


@pytest.mark.parametrize("path", list(places(PLAIN)), ids=lambda path: ".".join(map(str, path)) or "whole")
def test_a_value_of_another_kind_is_refused(tmp_path: Path, path: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"ndjson:1: not a record of a guest: .*(has to be|is not as|lacks)"):
        records.read([written(tmp_path, replaced(PLAIN, path, {"x": [None]}))])


@pytest.mark.parametrize("name", ["shown", "words", "targets"])
def test_missing_keys_are_named(tmp_path: Path, name: str) -> None:
    plain = {key: value for key, value in PLAIN.items() if key != name}
    with pytest.raises(ValueError, match=f"it lacks {name}"):
        records.read([written(tmp_path, plain)])


def test_records_come_back_from_the_report_as_they_were(tmp_path: Path) -> None:
    records = [guest(targets=(target(9),)), guest(words=None, silence="its console is empty")]
    GuestLog(tmp_path, "first-boot", "run").add(records)
    assert scene_of(tmp_path, "first-boot") == records


@pytest.mark.parametrize("line", ["{}", "[1]", "nonsense", '{"scene": "x"}'])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "guests").mkdir()
    (tmp_path / "guests" / "first-boot.r.h.w.ndjson").write_text(line)
    with pytest.raises(ValueError, match=r"first-boot\.r\.h\.w\.ndjson:1: not a record of a guest"):
        scene_of(tmp_path, "first-boot")
