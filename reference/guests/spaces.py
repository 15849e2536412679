"""Network namespaces: created, deleted and configured by iproute2 and nftables."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from reference.guests import isolation, programs

ROOT = Path("/run/netns")  # where iproute2 keeps their names
LONGEST = 20.0  # seconds a command may take on a busy machine


class Failed(Exception):
    """A program refused; the message is its own."""


def path(space: str) -> str:
    return str(ROOT / space)


def add(names: Iterable[str]) -> None:
    """Create these namespaces, in place of existing ones of these names. Raises Failed."""
    new_names = list(names)
    remove([name for name in new_names if (ROOT / name).exists()])
    if new_names:
        ROOT.mkdir(exist_ok=True)
        _run(["ip", "-batch", "-"], "".join(f"netns add {name}\n" for name in new_names))


def remove(names: Iterable[str]) -> None:
    """Delete these namespaces, with all links in them; names that do not exist are ignored. Raises Failed."""
    if existing := [name for name in names if (ROOT / name).exists()]:
        _run(["ip", "-batch", "-"], "".join(f"netns delete {name}\n" for name in existing))


def links(space: str, commands: Iterable[str], *, force: bool = False) -> None:
    """Run commands of `ip` in the namespace; with `force` go on after one that fails. Raises Failed unless `force`."""
    if lines := list(commands):
        forced = ["-force"] if force else []
        try:
            _run(["ip", "-n", space, *forced, "-batch", "-"], "\n".join(lines) + "\n")
        except Failed:
            if not force:
                raise


def rules(space: str, text: str) -> None:
    """Load `text`, a file of nftables commands, in the namespace, as one transaction. Raises Failed."""
    _run(["nsenter", f"--net={path(space)}", programs.path_of("nft"), "-f", "-"], text, "nft")


def sysctls(space_path: str, values: Mapping[str, str]) -> None:
    """Set kernel parameters below /proc/sys/net in the namespace at that path; those it does not have are ignored."""

    def write() -> None:
        for name, value in values.items():
            parameter = Path("/proc/sys/net") / name
            if parameter.exists():
                parameter.write_text(value)

    isolation.in_network(space_path, write)


def _run(command: list[str], text: str, name: str = "ip") -> None:
    argv = [programs.path_of(command[0]), *command[1:]]
    try:
        process = subprocess.run(  # noqa: S603 - no shell, and names that were checked
            argv, input=text, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{name} did not end within {LONGEST:.0f} s") from None
    if process.returncode:
        lines = (process.stderr or process.stdout).strip().splitlines()
        raise Failed(f"{name}: {lines[0] if lines else f'exit {process.returncode}'}")
