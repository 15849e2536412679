"""What servers are: the choice, what Nova's side and the runner tell each other, and the walls around a guest."""

import configparser
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest
from openstack_cloud import configs, guest_kinds, guest_records, guests, machine, metadata_api, ovn, sandbox, services
from openstack_cloud.errors import UsageError
from openstack_cloud.guest_records import Record
from openstack_cloud.guests import Runner
from openstack_cloud.sandbox import Guest
from openstack_cloud.settings import Settings

PORT, OTHER = "0f0f0f0f-0000-4000-8000-000000000001", "0e0e0e0e-0000-4000-8000-000000000002"
RECORD = Record("server-1", "first", ((PORT, "fa:16:3e:00:00:01"),))


@pytest.fixture
def cloud(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "cloud", "2026.2", 15000, guests="namespaces")
    settings.save()
    return settings


@pytest.mark.parametrize(
    ("programs", "reference", "network", "kind"),
    [
        ({"bwrap", "busybox"}, "", "ovn", "namespaces"),
        ({"bwrap"}, "", "ovn", "none"),
        ({"busybox"}, "", "ovn", "none"),
        ({"bwrap", "busybox"}, "", "agents", "none"),
        ({"bwrap", "busybox"}, "compute", "ovn", "none"),
        ({"bwrap", "busybox"}, "network", "ovn", "none"),
    ],
)
def test_what_is_missing_decides_when_nobody_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: set[str], reference: str, network: str, kind: str
) -> None:
    monkeypatch.setattr(guest_kinds, "program", lambda name: name if name in programs else None)
    monkeypatch.setattr(guest_kinds, "static_busybox", lambda: "busybox" if "busybox" in programs else None)
    new = Settings(tmp_path / "new", "2026.2", reference=reference, network=network)
    assert guest_kinds.choose(new, None) == kind
    assert guest_kinds.choose(new, "none") == "none"


@pytest.mark.parametrize("facts", [{"network": "agents"}, {"reference": "compute"}, {"reference": "network"}])
@pytest.mark.parametrize("kind", ["namespaces", "machines"])
def test_guests_need_a_switch_and_a_nova(tmp_path: Path, facts: dict[str, str], kind: str) -> None:
    with pytest.raises(UsageError, match=f"--guests {kind} needs"):
        guest_kinds.choose(Settings(tmp_path / "new", "2026.2", **facts), kind)


def test_a_cloud_keeps_its_kind_of_guests(cloud: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guest_kinds, "program", lambda name: None)
    assert guest_kinds.choose(cloud, None) == guest_kinds.choose(cloud, "namespaces") == "namespaces"
    with pytest.raises(UsageError, match="name another directory with --state"):
        guest_kinds.choose(cloud, "none")


def test_guests_need_a_busybox_that_needs_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linked = tmp_path / "busybox"
    linked.write_bytes(b"\x7fELF ... /lib64/ld-linux-x86-64.so.2 ...")
    monkeypatch.setattr(machine, "program", lambda name: str(linked))
    assert machine.static_busybox() is None
    linked.write_bytes(b"\x7fELF ...")
    assert machine.static_busybox() == str(linked)


def test_the_packages_of_guests_are_asked_for_with_guests_alone(
    cloud: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = {"bubblewrap", "busybox-static", "haproxy", "iptables"}
    monkeypatch.setattr(machine, "program", lambda name: None)
    assert packages <= set(machine.missing_packages(cloud))
    assert packages.isdisjoint(machine.missing_packages(replace(cloud, guests="none")))


def test_nova_gets_the_driver_that_writes_records(cloud: Settings) -> None:
    for kind, driver, launched in (
        ("namespaces", "fake.GuestDriver", "openstack_cloud.nova_compute"),
        ("none", "fake.FakeDriverWithoutFakeNodes", "venv/bin/nova-compute"),
    ):
        facts = replace(cloud, guests=kind)
        texts = configs.render(facts, configs.common(facts, "mysql://", "rabbit://", memcached=True))
        assert f"compute_driver = {driver}\n" in texts["nova.conf"]
        programs = {program.name: program for program, _ in services.programs(facts)}
        assert launched in " ".join(programs["nova-compute"].command)
        for part in ("guests", "metadata-api", "ovn-metadata-agent", "outside"):
            assert (part in programs) == (kind != "none")


def test_runner_and_agent_are_where_the_switch_is(cloud: Settings) -> None:
    inside = {program.name: program for program, _ in services.programs(cloud) if program.command[0] == "nsenter"}
    assert set(inside) == {"guests", "ovn-metadata-agent"}
    for program in inside.values():
        assert program.command[1] == f"--net={cloud.state}/run/ovn/namespace"
    runner, agent = inside["guests"], inside["ovn-metadata-agent"]
    assert runner.command[-1] == runner.marker == str(cloud.state)
    assert {"bwrap", "--unshare-pid", "--die-with-parent", "/run/netns"} <= set(agent.command)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_is_isolated_ends_with_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    sandbox_ = tmp_path / "bwrap"  # does of it what matters here: its child ends with it, and it with its parent
    sandbox_.write_text('#!/bin/sh\nexec setpriv --pdeathsig KILL sh -c "echo up; exec sleep 60"\n')
    sandbox_.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen([*ovn.isolated(), "agent"], stdout=subprocess.PIPE, env=environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(number)
        assert process.stdout.read() == b"", "the end of the last one that could write"


def test_nova_and_the_agent_share_a_secret_that_is_in_files_alone(cloud: Settings) -> None:
    texts = configs.render(cloud, configs.common(cloud, "mysql://", "rabbit://", memcached=True))
    agent, nova = (parse(texts[file]) for file in ("ovn-metadata-agent.conf", "nova.conf"))
    secret = nova["neutron"]["metadata_proxy_shared_secret"]
    assert agent["DEFAULT"]["metadata_proxy_shared_secret"] == secret == cloud.secret("metadata")
    assert nova["neutron"]["service_metadata_proxy"] == "true"
    assert int(agent["DEFAULT"]["nova_metadata_port"]) == metadata_api.PORT
    assert parse(texts["uwsgi-metadata-api.ini"])["uwsgi"]["http-socket"] == f"fd://{metadata_api.DESCRIPTOR}"
    for program, _ in services.programs(cloud):
        assert secret not in " ".join([*program.command, *program.environ.values()])


def parse(text: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.read_string(text)
    return parsed


def test_the_machine_is_the_place_to_be_after_a_socket_was_made_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered: list[str] = []
    monkeypatch.setattr(metadata_api, "enter", lambda file: entered.append(os.readlink(f"/proc/self/fd/{file}")))
    monkeypatch.setattr(metadata_api.socket, "create_server", lambda *where, **options: pytest.fail("taken"))
    (tmp_path / "namespace").touch()
    with pytest.raises(pytest.fail.Exception, match="taken"):
        metadata_api.listen(tmp_path / "namespace")
    assert entered[0] == str(tmp_path / "namespace")
    assert entered[1].startswith("net:")


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert guest_records.read(tmp_path, RECORD.id) is None
    assert list(guest_records.servers(tmp_path)) == []
    guest_records.write(tmp_path, RECORD, {"openstack/latest/user_data": b"#!/bin/sh\n"})
    assert guest_records.read(tmp_path, RECORD.id) == RECORD
    assert list(guest_records.servers(tmp_path)) == [RECORD.id]
    place = guest_records.root(tmp_path) / RECORD.id
    assert (place / "config/openstack/latest/user_data").read_bytes() == b"#!/bin/sh\n"
    assert guest_records.console(tmp_path, RECORD.id) == b""
    (place / "console").write_bytes(b"hello")
    assert guest_records.console(tmp_path, RECORD.id) == b"hello"
    guest_records.remove(tmp_path, RECORD.id)
    assert list(guest_records.servers(tmp_path)) == []


def test_a_guest_sees_its_root_its_drive_and_no_file_of_the_machine(tmp_path: Path) -> None:
    line = sandbox.command(tmp_path / "root", tmp_path / "home", RECORD, 3, 4)
    shared = [line[place + 1 : place + 3] for place, word in enumerate(line) if "bind" in word]
    assert shared == [[str(tmp_path / "root"), "/"], [str(tmp_path / "home" / "config"), "/config"]]
    assert {word for word in line if "bind" in word} == {"--ro-bind"}
    assert "--unshare-all" in line
    assert "--share-net" not in line
    assert "--clearenv" in line
    rights = {line[place + 1] for place, word in enumerate(line) if word == "--cap-add"}
    assert rights == {"CAP_NET_ADMIN", "CAP_NET_RAW"}


class Node:
    """A node without a switch and without sandboxes: what was started, what ended, and what the switch was told."""

    def __init__(self, cloud: Settings, monkeypatch: pytest.MonkeyPatch, silence: IO[bytes]) -> None:
        self.runner, self.present, self.switch = Runner(cloud), set[str](), list[str]()
        self.ended: set[str] = set()
        self.silence = silence
        monkeypatch.setattr(guests, "interfaces", lambda: set(self.present))
        monkeypatch.setattr(guests.plugging, "vsctl", self.vsctl)
        monkeypatch.setattr(guests.sandbox, "start", self.start)
        monkeypatch.setattr(guests.sandbox, "end", lambda process: None)

    def vsctl(self, database: str, *arguments: str) -> str:
        self.switch.append(" ".join(arguments))
        return ""

    def start(self, root: Path, home: Path, record: Record, names: list[str]) -> Guest:
        self.present -= set(names)
        process = SimpleNamespace(poll=lambda: 0 if record.id in self.ended else None, stdout=self.silence)
        return Guest(record, process)  # type: ignore[arg-type]

    def running(self) -> dict[str, Record]:
        self.runner.look()
        return {server: guest.record for server, guest in self.runner.guests.items()}


@pytest.fixture
def node(cloud: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    monkeypatch.setattr(guests.selectors, "DefaultSelector", guests.selectors.SelectSelector)  # takes any file
    with open(os.devnull, "rb") as silence:
        node = Node(cloud, monkeypatch, silence)
        yield node
        for server in list(node.runner.guests):
            node.runner.end(server)
        node.runner.consoles.close()


def test_a_guest_starts_when_the_switch_has_its_interfaces(node: Node) -> None:
    guest_records.write(node.runner.nova, RECORD)
    assert node.running() == {}
    node.present.add("tap0f0f0f0f-00")
    assert node.running() == {RECORD.id: RECORD}
    assert node.switch == []


def test_a_deleted_server_is_no_guest_and_has_no_interface(node: Node) -> None:
    guest_records.write(node.runner.nova, RECORD)
    node.present.add("tap0f0f0f0f-00")
    assert node.running()
    guest_records.remove(node.runner.nova, RECORD.id)
    assert node.running() == {}
    assert node.switch == ["-- --if-exists del-port br-int tap0f0f0f0f-00"]


def test_a_reboot_plugs_again_and_starts_again(node: Node) -> None:
    guest_records.write(node.runner.nova, RECORD)
    node.present.add("tap0f0f0f0f-00")
    node.running()
    again = replace(RECORD, boots=2)
    guest_records.write(node.runner.nova, again)
    assert node.running() == {}
    assert "del-port br-int tap0f0f0f0f-00" in node.switch[0]
    assert f"external_ids:iface-id={PORT}" in node.switch[1]
    node.present.add("tap0f0f0f0f-00")
    assert node.running() == {RECORD.id: again}


def test_what_is_switched_off_does_not_run(node: Node) -> None:
    guest_records.write(node.runner.nova, replace(RECORD, on=False))
    node.present.add("tap0f0f0f0f-00")
    assert node.running() == {}


def test_a_switch_that_was_started_anew_starts_its_guests_anew(node: Node) -> None:
    guest_records.write(node.runner.nova, RECORD)
    node.present.add("tap0f0f0f0f-00")
    node.running()
    first = node.runner.guests[RECORD.id]
    node.present.add("tap0f0f0f0f-00")
    assert node.running() == {RECORD.id: RECORD}
    assert node.runner.guests[RECORD.id] is not first
    assert node.switch == [], "the switch has made the interfaces by itself"


def test_a_guest_that_ended_by_itself_stays_so_until_its_record_changes(node: Node) -> None:
    guest_records.write(node.runner.nova, RECORD)
    node.present.add("tap0f0f0f0f-00")
    node.running()
    node.ended.add(RECORD.id)
    for _ in range(2):
        assert node.running() == {}
    node.ended.clear()
    guest_records.write(node.runner.nova, replace(RECORD, boots=2))
    node.running()
    node.present.add("tap0f0f0f0f-00")
    assert node.running()


def test_what_cannot_be_started_is_tried_once(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[Record] = []

    def start(root: Path, home: Path, record: Record, names: list[str]) -> Guest:
        tries.append(record)
        raise OSError("no room")

    monkeypatch.setattr(guests.sandbox, "start", start)
    guest_records.write(node.runner.nova, RECORD)
    node.present.add("tap0f0f0f0f-00")
    assert node.running() == node.running() == {}
    assert tries == [RECORD]


def test_interfaces_that_went_with_an_earlier_runner_are_cleared_away(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests.sandbox, "make_root", lambda place: None)
    monkeypatch.setattr(guests.plugging, "plugged", lambda database: {PORT, OTHER})
    node.present.add("tap0e0e0e0e-00")
    node.runner.begin()
    assert node.switch == ["-- --if-exists del-port br-int tap0f0f0f0f-00"]
    guest_records.write(node.runner.nova, RECORD)
    node.running()
    assert f"external_ids:iface-id={PORT}" in node.switch[1]


def test_a_console_is_kept_up_to_a_bound(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "CONSOLE_BYTES", 10)
    guest_records.write(node.runner.nova, RECORD)
    node.present.add("tap0f0f0f0f-00")
    with subprocess.Popen([sys.executable, "-c", "print('0123456789abcdef')"], stdout=subprocess.PIPE) as talker:
        monkeypatch.setattr(guests.sandbox, "start", lambda *call: Guest(RECORD, talker))
        node.runner.look()
        while node.runner.consoles.get_map():
            node.runner.listen(5)
        node.runner.end(RECORD.id)
    assert guest_records.console(node.runner.nova, RECORD.id) == b"0123456789"
