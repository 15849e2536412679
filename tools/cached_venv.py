"""Virtual environments with other people's programs, for tools that run them: made once, kept in the user's cache."""

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path


def folder(name: str, requirements: Sequence[str], variable: str) -> Path:
    """The environment's folder: of the environment variable, else one in the cache, named after its contents."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256(f"{sys.version}{tuple(requirements)}".encode()).hexdigest()[:12]
    return Path(os.environ.get(variable) or cache / "gman" / f"{name}-{digest}")


def installed(place: Path, requirements: Sequence[str], options: Sequence[str] = ()) -> Path:
    """The folder of the environment's programs, set up where it is missing. Raises pip's CalledProcessError."""
    marker = place / "installed"
    if not marker.exists():
        print(f"setting up {place} ...", file=sys.stderr)
        venv.create(place, with_pip=False, symlinks=True, clear=True)
        pip = [*_pip(place / "bin" / "python"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *options, *requirements], check=True)  # noqa: S603
        marker.touch()
    return place / "bin"


def _pip(python: Path) -> list[str]:
    """The command of a pip that installs for that Python: the system's, else one of ensurepip's."""
    base = Path(getattr(sys, "_base_executable", sys.executable))
    pip = [str(base), "-m", "pip", "--python", str(python)]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:  # noqa: S603
        subprocess.run([str(python), "-m", "ensurepip"], check=True, capture_output=True)  # noqa: S603
        pip = [str(python), "-m", "pip"]
    return pip
