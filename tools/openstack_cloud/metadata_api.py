"""Starts Nova's metadata API with its port on the compute node: `python -m openstack_cloud.metadata_api STATE`.

OVN's agent, which forwards guests' requests to it, is in the node's network namespace, the databases are not. So the
process stays with the databases, and only its listening socket is made in the node's namespace.
"""

import ctypes
import os
import socket
import sys
from pathlib import Path

from . import ovn
from .settings import load

PORT = 8775
DESCRIPTOR = 3  # uWSGI's file names it
NETWORK = 0x40000000  # CLONE_NEWNET of sched.h


def enter(namespace: int) -> None:
    """Put this thread into the network namespace of an open file. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, NETWORK):
        raise OSError(ctypes.get_errno(), "the compute node's network namespace cannot be entered")


def listen(namespace: Path) -> socket.socket:
    """A socket that listens in another network namespace."""
    with Path("/proc/thread-self/ns/net").open("rb") as here, namespace.open("rb") as there:
        enter(there.fileno())
        try:
            return socket.create_server(("127.0.0.1", PORT), backlog=64)
        finally:
            enter(here.fileno())


def main() -> None:
    settings = load(Path(sys.argv[1]))
    if settings is None:
        sys.exit(f"no cloud in {sys.argv[1]}")
    with listen(ovn.namespace(settings)) as server:
        os.dup2(server.fileno(), DESCRIPTOR)
        os.set_inheritable(DESCRIPTOR, True)
        uwsgi = settings.bin("uwsgi")
        os.execv(uwsgi, [uwsgi, "--ini", f"{settings.etc}/uwsgi-metadata-api.ini"])  # noqa: S606 our own


if __name__ == "__main__":
    main()
