"""The runner of guests: what it starts, plugs, ends and starts anew, on a node without a switch."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest
from openstack_cloud import guest_records, guests
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


class Node:
    """A node without a switch and sandboxes: records what was started and ended, and the commands for the switch."""

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


def test_a_server_that_is_switched_off_does_not_run(node: Node) -> None:
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


def test_a_guest_that_cannot_start_is_tried_once(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
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
