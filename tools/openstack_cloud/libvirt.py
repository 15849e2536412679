"""The libvirt of a cloud whose guests are machines: `python -m openstack_cloud.libvirt STATE`, in the node's network.

Its daemons have fixed places, so they see those of the state directory there. They are in a process namespace of their
own: virtual machines end with them, whatever ends them.
"""

import os
import shlex
import socket
import sys
import uuid
from contextlib import suppress
from pathlib import Path

from . import ovn
from .settings import Settings, load

# directory in the state's data/libvirt -> the path at which the daemons see it
PLACES = {
    "etc": "/etc/libvirt",
    "lib": "/var/lib/libvirt",
    "cache": "/var/cache/libvirt",
    "log": "/var/log/libvirt",
}
QEMU_CONF = """user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "logd"
"""
LIBVIRTD_CONF = """auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
unix_sock_rw_perms = "0700"
host_uuid = "{uuid}"
log_outputs = "2:stderr"
"""
VIRTLOGD_CONF = 'log_outputs = "2:stderr"\n'
# libvirt needs a user of that name, even if machines run as root
ACCOUNT = {"passwd": "libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin", "group": "libvirt-qemu:x:64055:"}
# A virtual machine's interface is also one of the node's kernel, which must not answer in its place.
QUIET = "echo 8 > /proc/sys/net/ipv4/conf/all/arp_ignore; echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"

# The switch reads an interface's flags, adds one and writes them back. Where libvirt has brought the interface up in
# between, that is lost, and the machine hears nobody: so whatever is down when something of it changed is brought up.
DOWN = r"/<[^>]*\bUP\b/!s/^[0-9]*: \(tap[^:@ ]*\): .*/\1/p"  # of what `ip -o monitor link` says
KEPT_UP = f"ip -o monitor link | sed -un '{DOWN}' | while read -r tap; do ip link set dev $tap up; done"


def home(settings: Settings) -> Path:
    return settings.state / "data" / "libvirt"


def sockets(settings: Settings) -> Path:
    return settings.state / "run" / "libvirt"


def uri(settings: Settings) -> str:
    """Where Nova finds it."""
    return f"qemu+unix:///system?socket={sockets(settings)}/libvirt-sock"


def accepts(settings: Settings) -> bool:
    with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
        probe.connect(str(sockets(settings) / "libvirt-sock"))
        return True
    return False


def prepare(settings: Settings) -> None:
    """Write the daemons' files; the node keeps its id."""
    for place in (sockets(settings), *(home(settings) / name for name in PLACES)):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    (sockets(settings) / "libvirt-sock").unlink(missing_ok=True)  # left by an earlier daemon
    etc = home(settings) / "etc"
    node = uuid.uuid5(uuid.NAMESPACE_URL, str(settings.state))
    (etc / "qemu.conf").write_text(QEMU_CONF)
    (etc / "libvirtd.conf").write_text(LIBVIRTD_CONF.format(uuid=node))
    (etc / "virtlogd.conf").write_text(VIRTLOGD_CONF)
    for name, line in ACCOUNT.items():
        lines = [
            entry for entry in Path("/etc", name).read_text().splitlines() if not entry.startswith("libvirt-qemu:")
        ]
        (etc / name).write_text("\n".join([*lines, line, ""]))


def command(settings: Settings) -> list[str]:
    walls = ["--tmpfs", "/run", "--bind", str(sockets(settings)), "/run/libvirt", "--tmpfs", "/sys/fs/cgroup"]
    walls += ["--unshare-uts", "--hostname", ovn.HOST]  # the name by which Nova knows the node
    for name, place in PLACES.items():
        walls += ["--bind", str(home(settings) / name), place]
    for name in ACCOUNT:
        walls += ["--ro-bind", str(home(settings) / "etc" / name), f"/etc/{name}"]
    daemons = [["virtlogd", "-f", "/etc/libvirt/virtlogd.conf"], ["libvirtd", "-f", "/etc/libvirt/libvirtd.conf"]]
    script = " & exec ".join(shlex.join(daemon) for daemon in daemons)
    return [*ovn.isolated(), *walls, "sh", "-c", f"{QUIET}; {KEPT_UP} & {script}"]


def main() -> None:
    settings = load(Path(sys.argv[1]))
    if settings is None:
        sys.exit(f"no cloud in {sys.argv[1]}")
    prepare(settings)
    line = command(settings)
    os.execvp(line[0], line)  # noqa: S606 our own


if __name__ == "__main__":
    main()
