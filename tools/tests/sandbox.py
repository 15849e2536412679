"""A place in which the documented commands can be run: a reference under the names that the texts use for clouds, the
files that they name, and programs that do the same as ours for a smaller part of the suite, or less often.
"""

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import yaml
from documented import ROOT, Block, blocks

from reference.tests.clouds import Server, start, stop

CLOUDS = ("acme", "devstack", "openstack")  # names of clouds in the texts, each with an -alt and an -admin
PORT_OF_THE_TEXTS = "http://127.0.0.1:5050"
PATIENCE = 300  # seconds for a command on a busy machine
ONE = "N-AAT-025"  # the requirement that is tested where a text runs the whole suite

# replaces .venv/bin/gman: a part of the suite by default, smaller races, a `serve` that ends once it is up
GMAN = f"""\
#!/bin/sh
case "$1 $* " in
run*" -k "* | run*" --profile race "*) set -- "$@" -k test_topology_race --race-width 4 --race-rounds 1 ;;
run*" --requirement "*) ;;
run*) set -- "$@" --requirement {ONE} ;;
serve*--list* | serve*" -- "* | serve*{{unknown}}*) ;;
serve*) exec {{python}} {{here}}/serve_once.py "$@" ;;
esac
exec {{python}} -m conformance "$@"
"""

BENCH = """\
#!/bin/sh
[ "$1" = growth ] && set -- "$@" --sizes 500
PYTHONPATH={tools} exec {python} -m benching "$@" --rounds 1
"""


@dataclass
class Sandbox:
    """A directory laid out as the checkout, and the reference."""

    folder: Path
    server: Server
    control: str

    def run(self, script: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run lines of a shell; the first that fails ends them."""
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script.replace(PORT_OF_THE_TEXTS, self.server.url)],
            cwd=self.folder, env={**self.environment(), **more}, capture_output=True, text=True, timeout=PATIENCE,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def environment(self) -> dict[str, str]:
        ours = f"{self.folder / '.venv/bin'}:{Path(sys.executable).parent}"
        clouds = self.folder / "clouds.yaml"
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("OS_", "GMAN_", "XDG_"))
        }
        return {
            **environment,
            "PATH": f"{ours}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "OS_CLIENT_CONFIG_FILE": str(clouds),
            "PYTHONPATH": str(ROOT),
            "CLOUDS": clouds.read_text() if clouds.exists() else "",
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
        }

    def reset(self) -> None:
        """Empty all projects again."""
        requests.post(f"{self.control}/reset", timeout=60).raise_for_status()


@contextmanager
def sandbox(folder: Path, *flags: str) -> Iterator[Sandbox]:
    """Lay one out, with a reference that is served until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = start(folder / "served", "--control-port", str(port), *flags)
    try:
        box = Sandbox(folder, server, f"http://127.0.0.1:{port}")
        _checkout(folder)
        _clouds(folder, server)
        yield box
    finally:
        stop(server)


def _checkout(folder: Path) -> None:
    for name in ("conformance", "docs", "gabbits", "reference", "pyproject.toml", "tox.ini"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "tools").mkdir()
    for path in (ROOT / "tools").iterdir():
        if path.name not in ("setup", "bench"):
            (folder / "tools" / path.name).symlink_to(path)
    _program(folder / "tools/setup", "#!/bin/sh\n")  # all is installed that the tests take
    _program(folder / "tools/bench", BENCH.format(python=sys.executable, tools=ROOT / "tools"))
    placeholders = {"python": sys.executable, "here": Path(__file__).parent, "unknown": "--no-such-flag"}
    _program(folder / ".venv/bin/gman", GMAN.format(**placeholders))
    (folder / ".venv/bin/towncrier").symlink_to(Path(sys.executable).with_name("towncrier"))
    _program(folder / ".venv/bin/python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _clouds(folder: Path, server: Server) -> None:
    """clouds.yaml with the clouds of the texts; and where `gman serve` puts its own, which has them too."""
    clouds = yaml.safe_load((server.data / "clouds.yaml").read_text())
    for name in CLOUDS:
        for suffix in ("", "-alt", "-admin"):
            clouds["clouds"][name + suffix] = clouds["clouds"]["gman" + suffix]
    at_home = folder / "home/.local/share/gman/clouds.yaml"
    at_home.parent.mkdir(parents=True)
    for path in (folder / "clouds.yaml", at_home):
        path.write_text(yaml.safe_dump(clouds))
    login = clouds["clouds"]["gman"]["auth"]
    account = {key: login[key] for key in ("username", "password", "project_name")}
    (folder / "accounts.yaml").write_text(yaml.safe_dump([account]))


def furnish(box: Sandbox) -> None:
    """The files that the texts name: reports, a key, lists of known failures."""
    folder = box.folder
    (folder / "home/.ssh").mkdir()
    keys = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "home/.ssh/id_ed25519")]
    subprocess.run(keys, check=True, timeout=PATIENCE)
    shutil.copy(folder / "home/.ssh/id_ed25519.pub", folder / "id_ed25519.pub")
    completed = box.run("gman run --cloud acme --sign ~/.ssh/id_ed25519 --report acme-1.0")
    assert completed.returncode == 0, completed.stdout + completed.stderr
    for name in ("acme-0.9", "report", "report-before"):
        shutil.copytree(folder / "acme-1.0", folder / name)
    shutil.make_archive(str(folder / "acme-1.0"), "gztar", folder, "acme-1.0")
    (folder / "gman.toml").write_text("workers = 1\n")
    (folder / "script.sh").write_text("#!/bin/sh\necho here\n")
    (folder / "known.yaml").write_text(named(ROOT / "docs/vendors.md", "known.yaml").text)
    (folder / "left-out.txt").write_text(named(ROOT / "docs/operators.md", "left-out.txt").text)


def named(file: Path, name: str) -> Block:
    """The block of a text that begins with `# name`."""
    return next(block for block in blocks(file) if re.match(rf"# {re.escape(name)}\b", block.text))
