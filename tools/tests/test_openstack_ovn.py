"""OVN beside Neutron: where all of it lives, what it needs of the machine, and which ports are plugged."""

import os
import re
import shlex
from pathlib import Path

import pytest
from openstack_cloud import cli, cloud, machine, ovn, plugging, settings, setup
from openstack_cloud.errors import UsageError
from openstack_cloud.settings import Settings

PORTS = ("0f0f0f0f-0000-4000-8000-000000000001", "0e0e0e0e-0000-4000-8000-000000000002")


@pytest.fixture
def on_ovn(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "cloud", "2026.2", 15000)
    settings.save()
    return settings


@pytest.fixture
def on_agents(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "other", "2026.2", 15000, network="agents")


def test_all_that_is_named_lies_in_the_state_directory(on_ovn: Settings) -> None:
    for program in [*ovn.databases(on_ovn), *ovn.daemons(on_ovn)]:
        named = [word for part in program.command for word in re.findall(r"/[^\s:=]+", part)]
        assert named
        assert [path for path in [*named, *program.environ.values()] if not path.startswith(f"{on_ovn.state}/")] == []


def test_the_programs_are_those_of_the_cloud_in_starting_order(on_ovn: Settings, on_agents: Settings) -> None:
    names = [program.name for program in [*ovn.databases(on_ovn), *ovn.daemons(on_ovn)]]
    assert tuple(names) == ovn.NAMES
    assert set(names) <= set(cloud.Cloud(on_ovn, print).names())
    assert not set(names) & set(cloud.Cloud(on_agents, print).names())
    assert [name for name in cloud.BASE if name in names] == names[::-1], "the last to start is the first to end"


def test_each_is_known_by_its_command_line(on_ovn: Settings) -> None:
    programs = [*ovn.databases(on_ovn), *ovn.daemons(on_ovn)]
    for program in programs:
        assert [other.name for other in programs if program.marker in " ".join(other.command)] == [program.name]


def test_only_the_switch_and_its_controller_are_in_the_namespace(on_ovn: Settings) -> None:
    entering = [program.name for program in ovn.daemons(on_ovn) if program.command[0] == "nsenter"]
    assert entering == ["ovs-vswitchd", "ovn-controller"]


def test_the_switch_gets_the_address_of_its_database_and_moves_packets_by_itself(
    on_ovn: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(ovn, "run", lambda settings, log, command: lines.append(shlex.join(command)))
    ovn.describe_node(on_ovn)
    (line,) = (line for line in lines if line.startswith("ovs-vsctl"))
    assert f"external_ids:ovn-remote=unix:{on_ovn.state}/run/ovn/sb.sock" in line
    assert line.count("datapath_type=netdev") == len(ovn.BRIDGES) == 2


def test_what_is_missing_is_one_line_where_nothing_may_be_installed(
    on_ovn: Settings, on_agents: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = {"ovs-vswitchd", "ovn-northd", "ovn-controller"}
    monkeypatch.setattr(machine, "program", lambda name: None if name in absent else f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert set(machine.missing_packages(on_agents)).isdisjoint(machine.OVN_PACKAGES)
    with pytest.raises(UsageError, match=r"^install .*openvswitch-switch ovn-central ovn-host .*as root on Debian$"):
        machine.install_packages(on_ovn)


@pytest.mark.parametrize(("user", "device", "hint"), [(1000, __file__, "as root"), (0, "/nowhere", "/nowhere")])
def test_a_missing_right_for_a_switch_is_named_first(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    user: int,
    device: str,
    hint: str,
) -> None:
    monkeypatch.setattr(settings, "PLAIN_PATH", re.compile(".*"))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(ovn, "TUN", Path(device))
    assert cli.main(["up", "--state", str(tmp_path / "new")]) == 3
    error = capfd.readouterr().err
    assert hint in error
    assert "--network agents" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_other_networks_ask_nothing_of_the_user(on_agents: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    ovn.check(on_agents)
    ovn.check(Settings(Path("/s"), "2026.2", reference="network"))
    monkeypatch.setattr(ovn, "run", lambda *call: pytest.fail("something was run"))
    setup.Setup(cloud.Cloud(on_agents, print)).start_ovn()


def test_a_database_is_there_when_its_socket_is(on_ovn: Settings) -> None:
    assert not ovn.accepts(on_ovn, "ovsdb-nb")


def test_a_namespace_that_is_not_there_is_let_go(on_ovn: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ovn, "run", lambda *call: pytest.fail("something was run"))
    ovn.remove_namespace(on_ovn)


def test_a_port_gets_an_interface_that_the_controller_can_find() -> None:
    line = " ".join(plugging.changes(set(), {PORTS[0]}))
    assert line == (
        "-- --may-exist add-port br-int tap0f0f0f0f-00 "
        f"-- set interface tap0f0f0f0f-00 type=internal external_ids:iface-id={PORTS[0]}"
    )


def test_only_what_changed_is_plugged_and_unplugged() -> None:
    assert list(plugging.changes({PORTS[0]}, {PORTS[0]})) == []
    line = " ".join(plugging.changes({PORTS[0]}, {PORTS[1]}))
    assert "del-port br-int tap0f0f0f0f-00" in line
    assert "add-port br-int tap0e0e0e0e-00" in line


def test_a_port_may_be_bound_to_two_hosts() -> None:
    assert plugging.chassis({"requested-chassis": "compute1,compute2"}) == ["compute1", "compute2"]
    assert plugging.chassis({}) == [""]


def test_what_is_plugged_is_read_from_the_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = f"iface-id={PORTS[0]}\n\niface-id={PORTS[1]} other=thing\n"
    monkeypatch.setattr(plugging, "vsctl", lambda database, *arguments: listing)
    assert plugging.plugged("unix:socket") == set(PORTS)
