"""The real services: programs of `real/` in their own environment, which is made once and kept."""

import json
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cached_venv
from fuzzing.wire import Answer, Request
from openstack_cloud import releases

from differential.sides import identified

PROGRAMS = Path(__file__).parent / "real"
PATIENCE = 180.0  # seconds until an answer counts as lost; the first answer includes the start
SERVICES = ("neutron", "nova", "keystone")
# imported by Neutron's test base, though no package requires it
BESIDES = ("WebTest", "oslotest", "testresources", "testscenarios", "testtools", "fixtures", "setuptools<81")


class ServiceError(Exception):
    """A real service did not start, or did not answer."""


def python(release: str) -> Path:
    """The interpreter of an environment with that release. Raises UsageError, pip's CalledProcessError."""
    constraints = releases.release(release).constraints
    versions = releases.RELEASES[release]
    requirements = (*(f"{name}=={versions[name]}" for name in SERVICES), *BESIDES)
    place = cached_venv.folder(f"services-{release}", requirements, "GMAN_SERVICES_VENV")
    return cached_venv.installed(place, requirements, ["--constraint", str(constraints)]) / "python"


class Program:
    """A program of `real/`, which answers a line of JSON with another one. `log` has its other output."""

    def __init__(self, interpreter: Path, name: str, log: Path) -> None:
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(  # noqa: S603 - the interpreter of our own environment
                [str(interpreter), str(PROGRAMS / name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file
            )

    def ask(self, message: Mapping[str, Any]) -> Any:
        """The answer to a message. Raises ServiceError."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._error("ended") from None
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            raise self._error(f"did not answer within {PATIENCE:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise self._error("ended")
        return json.loads(line)

    def call(self, request: Request, caller: str, target: str) -> Answer:
        """The answer to a request of that caller. Raises ServiceError."""
        body = None if request.body is None else request.body.decode("latin-1")
        headers = identified(request, caller)
        answer = self.ask({"call": {"method": request.method, "target": target, "headers": headers, "body": body}})
        return Answer(answer["status"], answer.get("headers", {}), answer["body"].encode("latin-1"))

    def _error(self, what: str) -> ServiceError:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return ServiceError(f"the real service {what}: {lines[-1] if lines else 'it wrote nothing'}")

    def close(self) -> None:
        """End the program; it does so by itself where its input ends."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class RealNetwork:
    """Neutron itself."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def send(self, request: Request, caller: str) -> Answer:
        """Raises ServiceError."""
        return self.program.call(request, caller, request.target.removeprefix("/network"))

    def keep(self, name: str) -> None:
        self.program.ask({"do": "keep", "name": name})

    def restore(self, name: str) -> None:
        self.program.ask({"do": "restore", "name": name})


class RealSchemas:
    """The request schemas of Nova and Keystone: 200 for what fits them, 400 for what does not."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def send(self, request: Request, caller: str) -> Answer:
        """Raises ServiceError."""
        return self.program.call(request, caller, request.target)

    def keep(self, name: str) -> None:
        """Schemas have no state."""

    restore = keep
