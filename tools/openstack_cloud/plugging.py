"""The interfaces of the compute node's switch: which ports have one, and the commands that add and remove them."""

import subprocess
from collections.abc import Iterator, Set

BRIDGE = "br-int"
ANSWER_SECONDS = 20


def interface(port: str) -> str:
    """The name of a port's interface, which the kernel lets have 15 characters."""
    return f"tap{port[:11]}"


def vsctl(database: str, *arguments: str) -> str:
    """Run ovs-vsctl on the switch's database and return its output; `CalledProcessError` where it fails."""
    line = ["ovs-vsctl", f"--timeout={ANSWER_SECONDS}", f"--db={database}", *arguments]
    return subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 the line is ours


def plugged(database: str) -> set[str]:
    """The ids of the ports that have an interface, as an earlier run may have left them."""
    listing = vsctl(database, "--bare", "--columns=external_ids", "find", "interface", "type=internal")
    return {word.partition("=")[2] for word in listing.split() if word.startswith("iface-id=")}


def changes(have: Set[str], want: Set[str]) -> Iterator[str]:
    """Arguments for ovs-vsctl that replace the interfaces of `have` by those of `want`."""
    for port in sorted(have - want):
        yield from ("--", "--if-exists", "del-port", BRIDGE, interface(port))
    for port in sorted(want - have):
        name = interface(port)
        yield from ("--", "--may-exist", "add-port", BRIDGE, name)
        yield from ("--", "set", "interface", name, "type=internal", f"external_ids:iface-id={port}")


def chassis(options: dict[str, str]) -> list[str]:
    """The hosts for which a port is bound, from the options of its binding; several while a server moves."""
    return options.get("requested-chassis", "").split(",")
