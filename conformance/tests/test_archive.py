"""Reports in archives: they are read like their directories, within limits, as they may come from anybody."""

import io
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from conformance.race.engine.history import History, Record
from conformance.report import archive
from conformance.report.folder import RACES
from conformance.tests.conftest import Gman
from conformance.tests.test_bundle import written
from conformance.tests.test_report import GOOD, report

MODES: dict[str, Any] = {"tar": "w", "tar.gz": "w:gz", "tar.xz": "w:xz"}


@pytest.fixture(params=[*MODES, "zip"])
def packed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A report, packed as its directory."""
    folder = written(tmp_path / "acme-1.0", report(*GOOD))
    path = tmp_path / f"acme-1.0.{request.param}"
    if request.param == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in folder.iterdir():
                archive.write(file, f"acme-1.0/{file.name}")
    else:
        with tarfile.open(path, MODES[request.param]) as archive:
            archive.add(folder, "acme-1.0")
    return path


def test_an_archive_is_as_good_as_its_directory(gman: Gman, packed: Path) -> None:
    folder = str(packed.parent / "acme-1.0")
    assert gman("verify", str(packed)) == gman("verify", folder)
    assert gman("compare", folder, str(packed)) == (0, "0 requirements differ, 0 regressed\n")
    assert gman("report", str(packed)) == gman("report", folder)
    assert gman("matrix", str(packed), "--format", "json") == gman("matrix", folder, "--format", "json")


def test_the_races_of_an_archive_are_those_in_it(gman: Gman, tmp_path: Path) -> None:
    folder = written(tmp_path / "acme", report(*GOOD))
    history = History(folder / RACES / "topology.run.host.main.ndjson")
    history.path.parent.mkdir()
    history.add(Record("topology-1", "get_topology", "p", 1.0, volley=True, completed=2.0, status=200))
    packed = shutil.make_archive(str(tmp_path / "sent" / "acme"), "zip", tmp_path, "acme")
    page = gman("report", str(folder), "--format", "html")
    assert "topology-1" in page[1]
    assert gman("report", packed, "--format", "html") == page


def tar(path: Path, *members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(path, MODES[path.name.partition(".")[2]]) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(content) if kind == tarfile.REGTYPE else 0, "/etc/passwd"
            archive.addfile(info, io.BytesIO(content))
    return path


def refused(gman: Gman, path: Path) -> str:
    for command in (["verify", str(path)], ["compare", str(path), str(path)], ["matrix", str(path)]):
        code, text = gman(*command)
        assert (code, text.count("\n")) == (3, 1)
    return text


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/gman-out.txt", "a/../../out.txt", "a\\\\out.txt"])
def test_no_file_is_written_elsewhere(gman: Gman, tmp_path: Path, name: str) -> None:
    assert "is no file below it" in refused(gman, tar(tmp_path / "a.tar", (name, b"x")))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"x")
    assert "is no file below it" in refused(gman, tmp_path / "a.zip")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_only_files_are_unpacked(gman: Gman, tmp_path: Path, kind: bytes) -> None:
    assert "is no file below it" in refused(gman, tar(tmp_path / "a.tar", ("report.json", b""), kind=kind))


def test_an_archive_is_bounded(gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 2)
    assert "more than 2 files" in refused(gman, tar(tmp_path / "a.tar", ("a", b""), ("b", b""), ("c", b"")))
    monkeypatch.setattr(archive, "MOST_FILE", 10)
    assert "a file of more than" in refused(gman, tar(tmp_path / "b.tar", ("a", b"x" * 11)))
    monkeypatch.setattr(archive, "MOST_FILE", 1000)
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1500)
    assert "MiB of files" in refused(gman, tar(tmp_path / "c.tar.gz", ("a", b"x" * 1000), ("b", b"x" * 1000)))
    assert "larger than 0 MiB" in refused(gman, tmp_path / "a.tar")


def test_directories_count_as_files_do(gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 50)
    path = tar(tmp_path / "a.tar.gz", *((f"d{number}", b"") for number in range(51)), kind=tarfile.DIRTYPE)
    assert "more than 50 files and directories" in refused(gman, path)
    tar(tmp_path / "b.tar.gz", *((f"d{number}", b"") for number in range(50)), kind=tarfile.DIRTYPE)
    assert "0 reports in it" in refused(gman, tmp_path / "b.tar.gz")


def test_the_list_of_files_is_bounded(gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_LISTED", 1024)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for number in range(30):
            file.writestr(f"{number}", b"")
    assert "a list of its files of more than" in refused(gman, tmp_path / "a.zip")


@pytest.mark.parametrize("kind", archive.HEADERS)
def test_headers_that_follow_each_other_end(gman: Gman, tmp_path: Path, kind: bytes) -> None:
    """The reader stops at a file with thousands of headers, or at an archive of headers alone."""
    info = tarfile.TarInfo("a")
    info.type = kind
    (tmp_path / "a.tar").write_bytes(info.tobuf() * 3000 + bytes(1024))
    refused(gman, tmp_path / "a.tar")


@pytest.mark.parametrize("kind", archive.HEADERS)
def test_a_header_is_bounded(gman: Gman, tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("a")
    info.type, info.size = kind, 2**32
    (tmp_path / "a.tar").write_bytes(info.tobuf() + b"x" * 1024)
    assert "a header of more than 1 MiB" in refused(gman, tmp_path / "a.tar")


def test_an_invalid_archive_is_refused_in_one_line(gman: Gman, tmp_path: Path, packed: Path) -> None:
    assert "0 reports in it" in refused(gman, tar(tmp_path / "a.tar", ("a", b"")))
    assert "2 reports in it" in refused(gman, tar(tmp_path / "b.tar", ("a/report.json", b""), ("b/report.json", b"")))
    assert "File exists" in refused(gman, tar(tmp_path / "c.tar", ("a", b""), ("a", b"")))
    cut = packed.with_name(f"cut.{packed.name.partition('.0.')[2]}")
    cut.write_bytes(packed.read_bytes()[: packed.stat().st_size // 2])
    refused(gman, cut)
