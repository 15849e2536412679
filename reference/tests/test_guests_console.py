"""A console's file is bounded and keeps the end; and how much guests use, by a look at all processes."""

import asyncio
import os
from pathlib import Path

from reference.guests.console import KEPT, LONGEST, Console, follow
from reference.guests.watch import Usage, usage


def test_a_console_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("of another start")
    console = Console(tmp_path / "c")
    console.note("here")
    assert (tmp_path / "c").read_text() == "guest: here\n"
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o600
    console.close()
    assert not (tmp_path / "c").exists()
    assert not console.write(b"late")
    console.close()


def test_the_end_stays(tmp_path: Path) -> None:
    console = Console(tmp_path / "c")
    lines = [b"line %06d\n" % number for number in range(3 * LONGEST // 12)]
    for line in lines:
        console.write(line)
        assert (tmp_path / "c").stat().st_size <= LONGEST
    remaining = (tmp_path / "c").read_bytes().splitlines(keepends=True)
    assert remaining == lines[-len(remaining) :]
    assert len(remaining) * 12 > KEPT - 12
    console.write(b"x" * 3 * LONGEST)
    assert (tmp_path / "c").stat().st_size <= LONGEST
    console.close()


def test_what_comes_through_a_pipe_is_written(tmp_path: Path) -> None:
    console = Console(tmp_path / "c")
    read, write = os.pipe()
    os.write(write, b"one\ntwo\n")
    os.close(write)
    asyncio.run(asyncio.wait_for(follow(read, console), 10))
    assert (tmp_path / "c").read_text() == "one\ntwo\n"
    console.close()


def process(proc: Path, pid: int, parent: int, pages: int, name: str = "sh") -> None:
    (proc / str(pid)).mkdir()
    fields = ["S", str(parent), *["0"] * 19, str(pages), *["0"] * 20]
    (proc / str(pid) / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}\n")


def test_a_guest_uses_what_its_processes_use(tmp_path: Path) -> None:
    page = os.sysconf("SC_PAGE_SIZE")
    process(tmp_path, 10, 1, 100)
    process(tmp_path, 11, 10, 20, name="odd ) name (")
    process(tmp_path, 12, 11, 3)
    process(tmp_path, 20, 1, 1000)
    (tmp_path / "99").mkdir()  # it ended meanwhile
    (tmp_path / "20" / "net").mkdir()
    (tmp_path / "20" / "net" / "dev").write_text("Inter-| Receive\n face |bytes\n    lo: 0 0\n  eth0: 7 1\n")
    expected = {10: Usage(3, 123 * page), 20: Usage(1, 1000 * page, 2), 30: Usage()}
    assert usage([10, 20, 30], tmp_path) == expected
