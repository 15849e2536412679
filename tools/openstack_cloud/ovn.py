"""OVN of a cloud's own: its databases, northd, and the compute node's Open vSwitch and controller.

All of it lives in the state directory: databases in data/ovn, sockets in run/ovn, logs beside the others. The switch
moves packets by itself (datapath netdev, no kernel module) in a network namespace of its own, so no device of it shows
on the machine, and nothing of it reaches the machine's network.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

from .errors import UsageError
from .machine import run, succeeds
from .processes import Program
from .settings import OVN, Settings

HOST = "compute1"  # the compute node's name in Neutron and Nova
TUN = Path("/dev/net/tun")
SCHEMAS = {
    "nb": "/usr/share/ovn/ovn-nb.ovsschema",
    "sb": "/usr/share/ovn/ovn-sb.ovsschema",
    "switch": "/usr/share/openvswitch/vswitch.ovsschema",
}
NODE = {
    "system-id": HOST,
    "hostname": HOST,
    "ovn-encap-type": "geneve",
    "ovn-encap-ip": "127.0.0.1",
    "ovn-bridge": "br-int",
    "ovn-bridge-mappings": "public:br-ex",
    "ovn-bridge-datapath-type": "netdev",
    "ovn-cms-options": "enable-chassis-as-gw",
    "ovn-monitor-all": "true",
}
BRIDGES = {"br-int": "secure", "br-ex": "standalone"}  # and their modes while no controller is there
NAMES = ("ovsdb-nb", "ovsdb-sb", "ovsdb-switch", "ovn-northd", "ovs-vswitchd", "ovn-controller")  # in starting order
ANSWER_SECONDS = 20  # seconds that one request to a database may take


def used(settings: Settings) -> bool:
    """Whether OVN is the back end of this cloud's Neutron."""
    return settings.backend == OVN


def check(settings: Settings) -> None:
    """Raise `UsageError` where this user or machine cannot run a switch in its own namespace."""
    if not used(settings):
        return
    if os.geteuid():
        raise UsageError("--network ovn makes a network namespace: run this as root, or with --network agents")
    if not TUN.exists():
        raise UsageError(f"--network ovn needs {TUN}, which this machine lacks: use --network agents")


def sockets(settings: Settings) -> Path:
    return settings.state / "run" / "ovn"


def data(settings: Settings) -> Path:
    return settings.state / "data" / "ovn"


def remote(settings: Settings, database: str) -> str:
    """How clients reach a database: nb, sb or switch."""
    return f"unix:{sockets(settings)}/{database}.sock"


def namespace(settings: Settings) -> Path:
    """The file that holds the compute node's network namespace."""
    return sockets(settings) / "namespace"


def inside(settings: Settings) -> list[str]:
    """The words before a command by which it runs in the compute node's network namespace."""
    return ["nsenter", f"--net={namespace(settings)}"]


def isolated() -> list[str]:
    """The words before a command that give it its own named namespaces and processes, which end with it. They have a
    shell as their parent, as the process that starts them ends early.
    """
    parent = ["sh", "-c", 'trap "kill \\$!" TERM; "$@" & wait $!', "sh"]
    walls = ["--dev-bind", "/", "/", "--tmpfs", "/run/netns", "--proc", "/proc", "--unshare-pid"]
    return [*parent, "bwrap", *walls, "--die-with-parent", "--cap-add", "ALL"]


def databases(settings: Settings) -> list[Program]:
    """The servers of the three databases."""
    programs = []
    for name in SCHEMAS:
        file = str(data(settings) / f"{name}.db")
        command = ["ovsdb-server", f"--remote=p{remote(settings, name)}", *control(settings, f"ovsdb-{name}"), file]
        programs.append(Program(f"ovsdb-{name}", command, file, environment(settings)))
    return programs


def daemons(settings: Settings) -> list[Program]:
    """northd, the switch and its controller, in starting order."""
    north, south, switch = (remote(settings, name) for name in SCHEMAS)
    northd = ["ovn-northd", f"--ovnnb-db={north}", f"--ovnsb-db={south}", *control(settings, "ovn-northd")]
    vswitchd = [*inside(settings), "ovs-vswitchd", switch, *control(settings, "ovs-vswitchd")]
    controller = [*inside(settings), "ovn-controller", switch]  # knows no --unixctl
    environ = environment(settings)
    return [
        Program("ovn-northd", northd, f"--ovnnb-db={north}", environ),
        Program("ovs-vswitchd", vswitchd, f"ovs-vswitchd {switch}", environ),
        Program("ovn-controller", controller, f"ovn-controller {switch}", environ),
    ]


def control(settings: Settings, name: str) -> list[str]:
    """The option for a program's control socket, which by default has the process id in its name and is left behind."""
    return [f"--unixctl={sockets(settings)}/{name}.ctl"]


def environment(settings: Settings) -> dict[str, str]:
    """The variables that name the programs' directories, for all that has no option, such as a bridge's control
    socket.
    """
    places = {"RUNDIR": sockets(settings), "DBDIR": data(settings), "LOGDIR": settings.state / "log"}
    return {f"{kind}_{key}": str(place) for kind in ("OVS", "OVN") for key, place in places.items()}


def prepare(settings: Settings) -> None:
    """Make the databases and the namespace, where they are not there; the namespace has but its own loopback."""
    for place in (data(settings), sockets(settings)):
        place.mkdir(mode=0o700, exist_ok=True)
    for name, schema in SCHEMAS.items():
        file = data(settings) / f"{name}.db"
        if not file.exists():
            run(settings, "ovn", ["ovsdb-tool", "create", str(file), schema])
    file = namespace(settings)
    if not os.path.ismount(file):
        file.touch()
        run(settings, "ovn", ["unshare", f"--net={file}", "true"])
    run(settings, "ovn", [*inside(settings), "ip", "link", "set", "lo", "up"])


def describe_node(settings: Settings) -> None:
    """Make the first rows of the databases, and describe this node in the switch's."""
    run(settings, "ovn", ["ovn-nbctl", f"--db={remote(settings, 'nb')}", "init"])
    run(settings, "ovn", ["ovn-sbctl", f"--db={remote(settings, 'sb')}", "init"])
    facts = NODE | {"ovn-remote": remote(settings, "sb")}
    line = ["--no-wait", "init", "--", "set", "Open_vSwitch", "."]
    line += [f"external_ids:{key}={value}" for key, value in facts.items()]
    for bridge, mode in BRIDGES.items():
        line += ["--", "--may-exist", "add-br", bridge]
        line += ["--", "set", "bridge", bridge, "datapath_type=netdev", f"fail-mode={mode}"]
    run(settings, "ovn", ["ovs-vsctl", f"--db={remote(settings, 'switch')}", *line])


def accepts(settings: Settings, database: str) -> bool:
    """Whether the server of a database (`ovsdb-nb`) accepts connections."""
    with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
        probe.connect(str(sockets(settings) / f"{database.removeprefix('ovsdb-')}.sock"))
        return True
    return False


def reported(settings: Settings) -> bool:
    """Whether the southbound database knows this node, which its controller enters."""
    ask = ["ovn-sbctl", f"--timeout={ANSWER_SECONDS}", f"--db={remote(settings, 'sb')}"]
    return succeeds(*ask, "get", "chassis", HOST, "name")


def remove_namespace(settings: Settings) -> None:
    """Let go of the namespace; the kernel removes it with the last process in it."""
    file = namespace(settings)
    if os.path.ismount(file):
        run(settings, "ovn", ["umount", str(file)])
    file.unlink(missing_ok=True)
