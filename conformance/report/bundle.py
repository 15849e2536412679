"""A report's directory as a bundle: a manifest of its files with their digests, and a signature of that.

The signature is detached and made by `ssh-keygen -Y`, as most people have an SSH key already.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from conformance.settings import UsageProblem
from conformance.untrusted import MOST_FILE, UntrustedError, parse_json, read_text

MANIFEST, SIGNATURE = "manifest.json", "manifest.json.sig"
NAMESPACE = "get-me-a-network"  # of the signature: one made for another purpose is not valid here
SIGNER = "signer"
LONGEST = 60  # seconds for ssh-keygen, which may ask its agent


def seal(directory: Path) -> None:
    """Write down the SHA-256 digest of every file of the report. Raises OSError."""
    digests = {name: _digest(directory / name) for name in _files(directory)}
    text = json.dumps({"algorithm": "sha256", "files": digests}, indent=1, sort_keys=True)
    (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")


def differences(directory: Path) -> Iterator[str]:
    """What differs from the manifest, a line each. Raises UsageProblem where there is none."""
    try:
        recorded = parse_json(read_text(directory / MANIFEST))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        recorded = None
    if not isinstance(recorded, dict):
        raise UsageProblem(f"{directory}: no {MANIFEST} that can be read: name the directory of a report")
    present = _files(directory)
    yield from (f"{name} is missing" for name in sorted(set(recorded) - set(present)))
    yield from (f"{name} is not of this report" for name in sorted(set(present) - set(recorded)))
    for name in sorted(set(recorded) & set(present)):
        if (directory / name).is_symlink():
            yield f"{name} is a link instead of a file"
        elif (directory / name).stat().st_size > MOST_FILE:
            yield f"{name} is larger than {MOST_FILE // 1024**2} MiB"
        elif _digest(directory / name) != recorded[name]:
            yield f"{name} has been changed"


def _files(directory: Path) -> list[str]:
    paths = (path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())
    return sorted(name for name in paths if name not in (MANIFEST, SIGNATURE))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sign(directory: Path, key: Path) -> None:
    """Sign the manifest with an SSH key. Raises UsageProblem."""
    (directory / SIGNATURE).unlink(missing_ok=True)
    process = _ssh_keygen("-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(directory / MANIFEST))
    if process.returncode:
        raise UsageProblem(
            f"--sign {key}: {_last_line(process)}: name a private SSH key that needs no passphrase typed"
        )


def signature_problem(directory: Path, key: Path) -> str:
    """What is wrong with the signature, checked by the public key of its expected signer; empty if it is valid.

    Raises UsageProblem where there is no such key.
    """
    if not (directory / SIGNATURE).is_file():
        return f"there is no {SIGNATURE}: it was not signed"
    try:
        public = read_text(key).strip()
    except (OSError, UntrustedError):
        raise UsageProblem(f"--key {key}: no public SSH key can be read there") from None
    with tempfile.TemporaryDirectory(prefix="gman-") as folder, (directory / MANIFEST).open("rb") as message:
        allowed = Path(folder) / "allowed"
        allowed.write_text(f"{SIGNER} {public}\n", encoding="utf-8")
        process = _ssh_keygen(
            *("-Y", "verify", "-f", str(allowed), "-I", SIGNER, "-n", NAMESPACE, "-s", str(directory / SIGNATURE)),
            message=message,
        )
    return "" if process.returncode == 0 else f"the signature is not of {key}: {_last_line(process)}"


def _ssh_keygen(*arguments: str, message: IO[bytes] | int = subprocess.DEVNULL) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageProblem("signatures take ssh-keygen: install OpenSSH's client")
    try:
        return subprocess.run(  # noqa: S603 - ssh-keygen, and no shell
            [program, *arguments], stdin=message, capture_output=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise UsageProblem(f"ssh-keygen did not end within {LONGEST} s") from None


def _last_line(process: subprocess.CompletedProcess[bytes]) -> str:
    """What it said last, on either of its outputs."""
    lines = (process.stdout + process.stderr).decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"ssh-keygen ended with {process.returncode}"
