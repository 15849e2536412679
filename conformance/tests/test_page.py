"""The page in a browser: light, dark, narrow, printed. Where there is no Chromium it is skipped, but not in CI, which
installs one."""

import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from conformance.report.files import html
from conformance.tests.test_report import GOOD, report, result
from conformance.verdict.states import State

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
]  # fmt: skip
MARGIN = 10  # pixels at the right that a page which fits leaves empty
PATIENCE = 120  # seconds for a browser on a busy machine
LONG = "answered 500 " + "x" * 400
NAME = "RouterInterfaceInUse" * 5  # a word in the sentence of a requirement

pytestmark = pytest.mark.skipif(
    not CHROMIUM and "CI" not in os.environ, reason="takes Chromium: apt-get install chromium"
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    bad = result(f"gabbits/network/{'long-' * 30}.yaml::a test", State.FAIL, LONG, N_A_001=State.FAIL)
    text = html(report(*GOOD, bad, leaks=["project p keeps networks n"])).replace("promises", NAME)
    (tmp_path / "page.html").write_text(text)
    return tmp_path / "page.html"


def shown(page: Path, width: int, height: int, *more: str) -> list[list[tuple[int, ...]]]:
    """The rows of pixels that the browser paints."""
    image = page.with_suffix(".png")
    size = [f"--window-size={width},{height}", f"--user-data-dir={page.parent / 'browser'}"]
    command = [CHROMIUM, *QUIET, *size, *more, f"--screenshot={image}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return pixels(image.read_bytes())


def pixels(png: bytes) -> list[list[tuple[int, ...]]]:
    """An image of eight bits a colour, without interlacing, which is what the browser writes."""
    header = struct.unpack(">IIBBBBB", png[16:29])
    width, depth, kind = header[0], header[2], header[3]
    assert (depth, header[6]) == (8, 0)
    step = {2: 3, 6: 4}[kind]
    data, at = b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    raw, before, rows = zlib.decompress(data), bytearray(width * step), []
    for start in range(0, len(raw), width * step + 1):
        line = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + width * step]), before, step)
        rows.append([tuple(line[x : x + 3]) for x in range(0, len(line), step)])
        before = line
    return rows


def _unfiltered(kind: int, line: bytearray, above: bytearray, step: int) -> bytearray:
    for x in range(len(line)):
        remaining, corner = (line[x - step], above[x - step]) if x >= step else (0, 0)
        paeth = min((remaining, above[x], corner), key=lambda one: abs(remaining + above[x] - corner - one))
        line[x] = (line[x] + (0, remaining, above[x], (remaining + above[x]) // 2, paeth)[kind]) % 256
    return line


def test_it_is_light_or_dark_as_the_reader_likes(page: Path) -> None:
    assert shown(page, 600, 300)[0][0] == (255, 255, 255)
    dark = shown(page, 600, 300, "--force-dark-mode")
    assert max(dark[0][0]) < 60
    assert any(min(pixel) > 200 for row in dark for pixel in row)  # the text is light


def test_it_fits_a_narrow_window(page: Path) -> None:
    rows = shown(page, 500, 2500)
    edge = {pixel for row in rows for pixel in row[-MARGIN:]}
    assert edge == {(255, 255, 255)}
    assert any(pixel != (255, 255, 255) for row in rows for pixel in row)


def test_it_prints(page: Path) -> None:
    out = page.with_suffix(".pdf")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={page.parent / 'browser'}", f"--print-to-pdf={out}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    assert out.read_bytes().startswith(b"%PDF")
