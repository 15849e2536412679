"""The root file system that all guests share, read-only for them: busybox and a few files, in memory."""

import shutil
import subprocess
from importlib import resources
from pathlib import Path

from reference.guests import programs
from reference.guests.metadata import documents
from reference.guests.records import Guest

EMPTY = ("dev", "etc", "mnt", "proc", "run", "tmp")


def build(root: Path) -> None:
    """Write the root file system to the folder `root`. Raises OSError, CalledProcessError."""
    binaries = root / "bin"
    binaries.mkdir(parents=True)
    for name in EMPTY:
        (root / name).mkdir()
    busybox = binaries / "busybox"
    shutil.copy(programs.path_of("busybox"), busybox)
    busybox.chmod(0o755)
    command = [str(busybox), "--list"]
    process = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own copy
    for applet in process.stdout.split():
        if applet != busybox.name:  # busybox lists itself
            (binaries / applet).symlink_to(busybox.name)
    image = resources.files("reference.guests") / "image"
    for source, target in (("init", root / "init"), ("dhcp", root / "etc" / "dhcp")):
        target.write_text((image / source).read_text())
        target.chmod(0o755)
    (root / "etc" / "resolv.conf").symlink_to("/run/resolv.conf")
    (root / "etc" / "passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
    (root / "etc" / "group").write_text("root:x:0:\n")


def build_drive(place: Path, guest: Guest) -> None:
    """Write the guest's config drive to the folder `place`: the documents of the metadata service as files."""
    latest = place / "openstack" / "latest"
    latest.mkdir(parents=True, exist_ok=True)
    for name, content in documents(guest).items():
        (latest / name).write_bytes(content)
