"""The image of guests that are machines: Debian's kernel, and busybox with a handful of drivers as its ramdisk.

The same packages make the same files, byte for byte. Takes Debian's apt-get, dpkg, kmod, cpio and busybox-static; no
root. The kernel's package is downloaded, not installed.
"""

import gzip
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import machine, sandbox
from .settings import Settings

# a program of each package that is needed, which shows that the package is installed
PROGRAMS = {"cpio": "cpio", "kmod": "modinfo", "busybox-static": "busybox", "dpkg": "dpkg", "apt": "apt-cache"}
KERNEL, RAMDISK = "vmlinuz", "initrd"
META_PACKAGE = "linux-image-cloud-amd64"
DRIVERS = ("virtio_pci", "virtio_net", "virtio_blk", "virtio_scsi", "virtio-rng", "sr_mod", "ata_piix", "isofs")
# on a busy, translated processor the kernel could not calibrate a clock, and would stop
COMMAND_LINE = "console=ttyS0 quiet panic=-1 no_timer_check"


def place(settings: Settings) -> Path:
    return settings.state / "data" / "guest-image"


def build(settings: Settings) -> None:
    """Make both files in `place`. Raises `NotUpError` where a step fails."""
    home = place(settings)
    shutil.rmtree(home, ignore_errors=True)
    kernel, root = home / "kernel", home / "root"
    kernel.mkdir(parents=True)
    _unpack_kernel(settings, kernel)
    shutil.copy(next((kernel / "boot").glob("vmlinuz-*")), home / KERNEL)
    sandbox.make_root(root)
    (root / "init").rename(root / "init.guest")
    shutil.copy(sandbox.SOURCES / "machine", root / "init")
    (root / "init").chmod(0o755)
    _add_drivers(settings, kernel, root / "lib" / "modules")
    (home / RAMDISK).write_bytes(gzip.compress(_archive(root), 9, mtime=0))
    shutil.rmtree(kernel)
    shutil.rmtree(root)


def upload(images: Any, settings: Settings) -> dict[str, str]:
    """Upload both files by openstacksdk's image API, and answer the properties of an image that is booted with them."""
    ids = {}
    for name, kind in ((KERNEL, "aki"), (RAMDISK, "ari")):
        facts = {"name": f"guest-{name}", "disk_format": kind, "container_format": kind, "visibility": "public"}
        data = (place(settings) / name).read_bytes()
        ids[name] = (images.find_image(facts["name"]) or images.create_image(data=data, wait=True, **facts)).id
    properties = {"kernel_id": ids[KERNEL], "ramdisk_id": ids[RAMDISK], "os_command_line": COMMAND_LINE}
    return {**properties, "hw_rng_model": "virtio"}


def _unpack_kernel(settings: Settings, target: Path) -> None:
    """Download the package of the kernel that Debian's own names, and unpack it."""
    shown = machine.run(settings, "image", ["apt-cache", "depends", META_PACKAGE])
    package = next(line.split()[1] for line in shown.splitlines() if line.strip().startswith("Depends: linux-image"))
    download = 'cd "$1" && apt-get -o APT::Sandbox::User=root download "$2"'
    machine.run(settings, "image", ["sh", "-c", download, "sh", str(target), package])
    (deb,) = target.glob("*.deb")
    machine.run(settings, "image", ["dpkg", "-x", str(deb), str(target)])


def _add_drivers(settings: Settings, kernel: Path, target: Path) -> None:
    """Copy the drivers, with a file `order` in which each comes after all that it needs."""
    files = {file.stem.replace("-", "_"): file for file in kernel.glob("lib/modules/*/kernel/**/*.ko")}
    order: dict[str, Path] = {}

    def add(name: str) -> None:
        file = files[name.replace("-", "_")]
        needed = machine.run(settings, "image", ["modinfo", "-F", "depends", str(file)]).strip()
        for other in filter(None, needed.split(",")):
            add(other)
        order.setdefault(file.stem, file)

    for driver in DRIVERS:
        add(driver)
    target.mkdir(parents=True)
    for name, file in order.items():
        shutil.copy(file, target / f"{name}.ko")
    (target / "order").write_text("".join(f"{name}\n" for name in order))


def _archive(root: Path) -> bytes:
    """The tree as an archive for the kernel: sorted, without times, owned by root."""
    names = sorted(_names(root))
    for name in names:
        os.utime(root / name, (0, 0), follow_symlinks=False)
    options = ["-o", "-0", "-H", "newc", "-R", "0:0", "--reproducible", "--quiet"]
    listed = "".join(f"{name}\0" for name in names).encode()
    cpio = ["cpio", *options]
    return subprocess.run(cpio, check=True, cwd=root, input=listed, stdout=subprocess.PIPE).stdout  # noqa: S603 our own


def _names(root: Path) -> Iterator[str]:
    for path in root.rglob("*"):
        yield str(path.relative_to(root))
