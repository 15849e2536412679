"""Guests that are virtual machines: Nova's libvirt driver, a libvirt of the cloud's own, and the image they boot."""

import configparser
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openstack_cloud import cli, configs, guest_image, libvirt, machine, ovn, sandbox, services
from openstack_cloud.settings import Settings


@pytest.fixture
def cloud(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "cloud", "2026.2", 15000, guests="machines")
    settings.save()
    return settings


def test_nova_finds_the_libvirt_and_the_switch_of_the_state_directory(cloud: Settings) -> None:
    texts = configs.render(cloud, configs.common(cloud, "mysql://", "rabbit://", memcached=True))
    nova = configparser.ConfigParser(interpolation=None)
    nova.read_string(texts["nova.conf"])
    assert nova["DEFAULT"]["compute_driver"] == "libvirt.LibvirtDriver"
    assert nova["libvirt"]["connection_uri"] == f"qemu+unix:///system?socket={cloud.state}/run/libvirt/libvirt-sock"
    assert nova["libvirt"]["virt_type"] == "qemu"
    assert nova["os_vif_ovs"]["ovsdb_connection"] == ovn.remote(cloud, "switch")
    assert nova["placement"]["username"] == "nova"
    plugs = nova["vif_plug_ovs_privileged"]["helper_command"]
    assert plugs.startswith(f"nsenter --net={cloud.state}/run/ovn/namespace "), "no interface of it is on the machine"


def test_nova_plugs_and_libvirt_runs_what_a_stand_in_did(cloud: Settings) -> None:
    programs = {program.name: program for program, _ in services.programs(cloud)}
    assert {"libvirtd", "metadata-api", "ovn-metadata-agent", "outside"} <= set(programs)
    assert not {"ovn-plugger", "guests"} & set(programs)
    assert "venv/bin/nova-compute" in programs["nova-compute"].command[0]
    names = list(programs)
    assert names.index("libvirtd") < names.index("nova-compute"), "which gives up without it"
    assert programs["libvirtd"].command[:2] == ["nsenter", f"--net={cloud.state}/run/ovn/namespace"]


def test_the_daemons_see_the_state_directory_in_their_fixed_places(cloud: Settings) -> None:
    line = libvirt.command(cloud)
    for name, place in libvirt.PLACES.items():
        assert line[line.index(place) - 2 : line.index(place)] == ["--bind", f"{cloud.state}/data/libvirt/{name}"]
    assert line[line.index("/run/libvirt") - 1] == f"{cloud.state}/run/libvirt"
    assert {"--unshare-pid", "--die-with-parent"} <= set(line), "virtual machines end with them"
    assert line[line.index("--hostname") + 1] == ovn.HOST, "Nova refuses a node whose name changes"


def test_every_shell_reads_what_a_guest_runs_first() -> None:
    for file in sorted(sandbox.SOURCES.iterdir()):
        subprocess.run(["sh", "-n", str(file)], check=True)


def test_their_files_are_made_again_and_the_node_keeps_its_id(cloud: Settings) -> None:
    libvirt.prepare(cloud)
    etc = libvirt.home(cloud) / "etc"
    before = {file.name: file.read_text() for file in etc.iterdir()}
    (libvirt.sockets(cloud) / "libvirt-sock").touch()
    libvirt.prepare(cloud)
    assert before == {file.name: file.read_text() for file in etc.iterdir()}
    assert before["passwd"].count("libvirt-qemu:") == before["group"].count("libvirt-qemu:") == 1
    assert not (libvirt.sockets(cloud) / "libvirt-sock").exists()
    assert not libvirt.accepts(cloud)


def test_the_packages_of_machines_are_asked_for_with_machines_alone(
    cloud: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "MACHINE_PACKAGES", {"libvirt-daemon": "/nowhere/libvirtd", "cpio": "/bin/sh"})
    assert "libvirt-daemon" in machine.missing_packages(cloud)
    assert "cpio" not in machine.missing_packages(cloud)
    other = Settings(cloud.state, "2026.2", 15000, guests="namespaces")
    assert "libvirt-daemon" not in machine.missing_packages(other)


def modules(target: Path, **needed: str) -> None:
    """A kernel's package, unpacked: its modules with what each depends on."""
    place = target / "lib" / "modules" / "6.1" / "kernel" / "drivers"
    place.mkdir(parents=True)
    for name, others in needed.items():
        (place / f"{name}.ko").write_text(others)
    (target / "boot").mkdir()
    (target / "boot" / "vmlinuz-6.1").write_text("kernel")


def unpacked(settings: Settings, target: Path) -> None:
    modules(target, virtio="", virtio_net="net_failover,virtio", net_failover="failover", failover="")


def modinfo(settings: Settings, log: str, command: Sequence[str]) -> str:
    return f"{Path(command[-1]).read_text()}\n"


def small_root(place: Path) -> None:
    (place / "bin").mkdir(parents=True)
    (place / "init").write_text("init")
    (place / "bin" / "sh").symlink_to("busybox")


@pytest.mark.skipif(not shutil.which("cpio"), reason="takes cpio")
def test_the_same_packages_make_the_same_image(cloud: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guest_image, "_unpack_kernel", unpacked)
    monkeypatch.setattr(guest_image, "DRIVERS", ("virtio_net",))
    monkeypatch.setattr(machine, "run", modinfo)
    monkeypatch.setattr(sandbox, "make_root", small_root)
    builds = []
    for umask in (0o022, 0o022):
        os.umask(umask)
        guest_image.build(cloud)
        files = sorted(guest_image.place(cloud).iterdir())
        assert [file.name for file in files] == ["initrd", "vmlinuz"]
        builds.append([file.read_bytes() for file in files])
        for file in files:
            os.utime(file, (1, 1))
    assert builds[0] == builds[1]


def test_a_driver_comes_after_all_that_it_needs(
    tmp_path: Path, cloud: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked(cloud, tmp_path / "kernel")
    monkeypatch.setattr(guest_image, "DRIVERS", ("virtio_net", "virtio"))
    monkeypatch.setattr(machine, "run", modinfo)
    guest_image._add_drivers(cloud, tmp_path / "kernel", tmp_path / "root")
    order = (tmp_path / "root" / "order").read_text().split()
    assert order == ["failover", "net_failover", "virtio", "virtio_net"]
    assert {f"{name}.ko" for name in order} | {"order"} == {file.name for file in (tmp_path / "root").iterdir()}


def test_kernel_and_ramdisk_are_uploaded_once(cloud: Settings) -> None:
    guest_image.place(cloud).mkdir(parents=True)
    for name in ("vmlinuz", "initrd"):
        (guest_image.place(cloud) / name).write_bytes(name.encode())
    uploaded: dict[str, Any] = {}

    class Images:
        def find_image(self, name: str) -> Any:
            return uploaded.get(name)

        def create_image(self, name: str, data: bytes, **facts: Any) -> Any:
            assert name not in uploaded
            uploaded[name] = SimpleNamespace(id=f"id-of-{data.decode()}", **facts)
            return uploaded[name]

    first, again = (guest_image.upload(Images(), cloud) for _ in range(2))
    assert first == again
    assert (first["kernel_id"], first["ramdisk_id"]) == ("id-of-vmlinuz", "id-of-initrd")
    assert "console=ttyS0" in first["os_command_line"]


def test_image_builds_and_tells_where_the_files_are(
    cloud: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(settings: Settings) -> None:
        guest_image.place(settings).mkdir(parents=True)
        (guest_image.place(settings) / "initrd").write_bytes(bytes(17))

    monkeypatch.setattr(guest_image, "build", build)
    monkeypatch.setattr(machine, "program", lambda name: None if name == "cpio" else name)
    assert cli.main(["image", "--state", str(cloud.state)]) == 3
    assert capsys.readouterr().err == "openstack: install cpio (Debian's names)\n"
    monkeypatch.setattr(machine, "program", lambda name: name)
    assert cli.main(["image", "--state", str(cloud.state)]) == 0
    assert capsys.readouterr().out.split() == ["17", f"{cloud.state}/data/guest-image/initrd"]


@pytest.mark.skipif(
    not machine.succeeds("unshare", "--user", "--map-root-user", "--net", "true"), reason="no namespaces"
)
def test_an_interface_of_a_machine_that_is_taken_down_is_brought_up_again() -> None:
    is_up = "ip -o link show tap0 | grep -q '[<,]UP[,>]'"
    fall = f"ip link set tap0 up; ip link set tap0 down; sleep 0.1; {is_up} && exit"
    script = f"({libvirt.KEPT_UP}) & ip tuntap add dev tap0 mode tap; for _ in $(seq 100); do {fall}; done; exit 1"
    walls = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "timeout", "30"]
    subprocess.run([*walls, "sh", "-c", script], check=True)
