"""The place beyond the external network: one host, which is that network's router, and on which `gman outside` answers.

It is in a network namespace of its own, with an interface on the compute node's outer bridge:
`unshare --net python -m openstack_cloud.outside STATE GMAN`, where GMAN is that program. It has
no routes to the servers' own addresses: answers go to the addresses to which routers translate these.
"""

import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from types import FrameType

from . import ovn, plugging
from .settings import Settings, load

BRIDGE, INTERFACE = "br-ex", "outside"
ADDRESSES = ("198.51.100.7", "2001:db8:0:ffff::7")  # an address of the host itself, reserved for documentation
PORT = 8043
LOOK_SECONDS = 1.0
OBJECTS = tomllib.loads(Path(__file__).with_name("objects.toml").read_text())


def urls() -> list[str]:
    """Where servers find it, for `--outside`."""
    versions = {4: "http://{}:{}/", 6: "http://[{}]:{}/"}
    return [versions[ip_address(address).version].format(address, PORT) for address in ADDRESSES]


def gateways() -> list[str]:
    """The addresses, with their prefixes' lengths, that the external network's subnets have for a gateway."""
    return [f"{row['gateway_ip']}/{ip_network(row['cidr']).prefixlen}" for row in OBJECTS["subnets"]]


def steps(settings: Settings, pid: int) -> Iterator[list[str]]:
    """The commands that give the network namespace of this process an interface on the bridge, and its addresses."""
    place = ["ovs-vsctl", f"--timeout={plugging.ANSWER_SECONDS}", f"--db={ovn.remote(settings, 'switch')}"]
    # an earlier process may have taken the interface with it
    yield [*place, "--if-exists", "del-port", BRIDGE, INTERFACE]
    yield [*place, "add-port", BRIDGE, INTERFACE, "--", "set", "interface", INTERFACE, "type=internal"]
    yield [*ovn.inside(settings), "ip", "link", "set", "dev", INTERFACE, "netns", str(pid)]
    for address in gateways():
        yield _address(address, INTERFACE)
    for address in ADDRESSES:
        yield _address(address, "lo")
    for device in ("lo", INTERFACE):
        yield ["ip", "link", "set", "dev", device, "up"]


def _address(address: str, device: str) -> list[str]:
    return ["ip", "address", "add", address, "dev", device, *(["nodad"] if ":" in address else [])]


def command(gman: str) -> list[str]:
    return [gman, "outside", *(part for address in ADDRESSES for part in ("--address", address)), "--port", str(PORT)]


def plugged() -> bool:
    """Whether the interface is still there: it goes with the switch that made it."""
    return INTERFACE in {name for _, name in socket.if_nameindex()}


def main() -> int:
    """Serve until terminated; 1 where the interface is gone, which a new start repairs."""
    settings = load(Path(sys.argv[1]))
    if settings is None:
        sys.exit(f"no cloud in {sys.argv[1]}")
    for step in steps(settings, os.getpid()):
        subprocess.run(step, check=True)  # noqa: S603 our own
    signals: list[int] = []
    server: subprocess.Popen[bytes] | None = None

    def end(number: int, frame: FrameType | None) -> None:
        signals.append(number)
        if server:
            server.terminate()

    signal.signal(signal.SIGTERM, end)  # before the server starts, which would be left behind
    server = subprocess.Popen(command(sys.argv[2]))  # noqa: S603 our own
    if signals:
        server.terminate()
    while plugged():
        try:
            return server.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    server.terminate()
    server.wait()
    return 1


if __name__ == "__main__":
    sys.exit(main())
