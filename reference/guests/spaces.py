"""Network namespaces and what is done in them, by iproute2 and nftables."""

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
    """Make these namespaces, with their loopback up; those that are there are made anew. Errors: Failed."""
    wanted = list(names)
    remove([name for name in wanted if (ROOT / name).exists()])
    if wanted:
        ROOT.mkdir(exist_ok=True)
        _run(["ip", "-batch", "-"], "".join(f"netns add {name}\n" for name in wanted))


def remove(names: Iterable[str]) -> None:
    """Take these namespaces away, with all the links in them. Errors: Failed."""
    if wanted := [name for name in names if (ROOT / name).exists()]:
        _run(["ip", "-batch", "-"], "".join(f"netns delete {name}\n" for name in wanted))


def links(space: str, commands: Iterable[str], *, force: bool = False) -> None:
    """Run commands of `ip` in the namespace; with `force` those after one that failed, too. Errors: Failed."""
    if lines := list(commands):
        forced = ["-force"] if force else []
        try:
            _run(["ip", "-n", space, *forced, "-batch", "-"], "\n".join(lines) + "\n")
        except Failed:
            if not force:
                raise


def rules(space: str, text: str) -> None:
    """Let nftables do that in the namespace, all of it or nothing. Errors: Failed."""
    _run(["nsenter", f"--net={path(space)}", programs.path_of("nft"), "-f", "-"], text, "nft")


def switches(space_path: str, values: Mapping[str, str]) -> None:
    """Set the kernel's switches below /proc/sys/net in the namespace at that path; those it lacks are left out."""

    def write() -> None:
        for name, value in values.items():
            switch = Path("/proc/sys/net") / name
            if switch.exists():
                switch.write_text(value)

    isolation.in_network(space_path, write)


def _run(command: list[str], text: str, name: str = "ip") -> None:
    argv = [programs.path_of(command[0]), *command[1:]]
    try:
        done = subprocess.run(  # noqa: S603 - a list of our own words
            argv, input=text, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{name} did not end within {LONGEST:.0f} s") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Failed(f"{name}: {lines[0] if lines else f'exit {done.returncode}'}")
