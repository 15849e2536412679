"""The programs that the data plane consists of, and the Debian packages that have them."""

import os
import shutil
import struct
from pathlib import Path

PACKAGES = {
    "bwrap": "bubblewrap",
    "busybox": "busybox-static",
    "dnsmasq": "dnsmasq-base",
    "ip": "iproute2",
    "nft": "nftables",
    "nsenter": "util-linux",
}
ADMIN_PATHS = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not in every user's PATH
_INTERPRETER = 3  # PT_INTERP: the program needs a loader, and so libraries


def find(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *ADMIN_PATHS]))


def path_of(name: str) -> str:
    """The path of that program. Raises FileNotFoundError."""
    path = find(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed")
    return path


def missing() -> str:
    """A line that names missing programs and how to install them; empty where none is missing."""
    absent = [
        name for name in PACKAGES if not (path := find(name)) or (name == "busybox" and not is_static(Path(path)))
    ]
    if not absent:
        return ""
    packages = " ".join(PACKAGES[name] for name in absent)
    note = " (busybox has to be linked statically)" if "busybox" in absent else ""
    return f"--guests needs {', '.join(absent)}{note}: apt-get install {packages}"


def is_static(program: Path) -> bool:
    """Whether an ELF program of 64 or 32 bits, little-endian, runs without any library."""
    with program.open("rb") as file:
        header = file.read(64)
        wide = header[4:5] == b"\x02"
        if header[:4] != b"\x7fELF" or header[5:6] != b"\x01":
            return False
        offset, size, count = struct.unpack_from("<Q14xHH" if wide else "<I10xHH", header, 32 if wide else 28)
        file.seek(offset)
        kinds = [struct.unpack_from("<I", file.read(size))[0] for _ in range(count)]
    return _INTERPRETER not in kinds
