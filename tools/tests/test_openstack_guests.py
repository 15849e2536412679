"""Kinds of servers: how they are chosen, the records between Nova's driver and the runner, and the walls around a
guest.
"""

import configparser
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openstack_cloud import configs, guest_kinds, guest_records, machine, metadata_api, ovn, sandbox, services
from openstack_cloud.errors import UsageError
from openstack_cloud.guest_records import Record
from openstack_cloud.settings import Settings

RECORD = Record("server-1", "first", (("0f0f0f0f-0000-4000-8000-000000000001", "fa:16:3e:00:00:01"),))


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
def test_missing_programs_decide_the_default_kind_of_guests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: set[str], reference: str, network: str, kind: str
) -> None:
    monkeypatch.setattr(guest_kinds, "program", lambda name: name if name in programs else None)
    monkeypatch.setattr(guest_kinds, "static_busybox", lambda: "busybox" if "busybox" in programs else None)
    new = Settings(tmp_path / "new", "2026.2", reference=reference, network=network)
    assert guest_kinds.choose(new, None) == kind
    assert guest_kinds.choose(new, "none") == "none"


@pytest.mark.parametrize("facts", [{"network": "agents"}, {"reference": "compute"}, {"reference": "network"}])
@pytest.mark.parametrize("kind", ["namespaces", "machines"])
def test_guests_need_a_switch_and_a_nova(tmp_path: Path, facts: dict[str, Any], kind: str) -> None:
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
def test_isolated_processes_end_with_their_parent(tmp_path: Path, number: signal.Signals) -> None:
    sandbox_ = tmp_path / "bwrap"  # a stub: its child ends with it, and it ends with its parent
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
