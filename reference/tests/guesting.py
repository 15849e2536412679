"""Servers that run, for tests: whether they can run here, booting one, and its output."""

import base64
import os
import time
from pathlib import Path
from typing import Any

import pytest

from reference.guests import isolation, programs
from reference.tests.clouds import User

WORD = 60.0  # seconds until a guest has spoken on a busy machine
GONE = 20.0  # seconds until what should end has ended
VERSION = {"OpenStack-API-Version": "compute 2.90"}
OUTSIDE, OUTSIDE_V6 = "198.51.100.7", "2001:db8:ffff::7"
ENDED = "user data ended"
HOW = "see docs/reference.md, Servers that run"


def require_guests() -> None:
    """Skip, with the reason and what to do about it, where servers cannot run; in CI that is a failure."""
    if reason := programs.missing() or _refused():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{reason}; {HOW}")


def _refused() -> str:
    try:
        isolated = isolation.spawn(lambda: None)
    except isolation.Refused as error:
        return str(error)
    ended(isolated)
    return ""


def boot(user: User, script: str = "true", **more: Any) -> str:
    """The id of a server that runs the script."""
    image = user("GET", "/image/v2/images").json()["images"][0]["id"]
    data = base64.b64encode(f"#!/bin/sh\n{script}\n".encode()).decode()
    body = {"name": "s", "imageRef": image, "flavorRef": "1", "networks": "auto", "user_data": data, **more}
    answer = user("POST", "/compute/v2.1/servers", json={"server": body}, headers=VERSION)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["server"]["id"])


def console(user: User, server: str, **detail: Any) -> str:
    """The console's output; empty while the server is on no host yet."""
    path, body = f"/compute/v2.1/servers/{server}/action", {"os-getConsoleOutput": detail}
    answer = user("POST", path, json=body, headers=VERSION)
    if answer.status_code == 409:
        return ""
    assert answer.status_code == 200, answer.text
    return str(answer.json()["output"])


def said(user: User, server: str, word: str = ENDED) -> str:
    """The console's output, once that word is in it."""
    deadline = time.monotonic() + WORD
    while word not in (output := console(user, server)):
        assert time.monotonic() < deadline, f"no {word!r} in: {output}"
        time.sleep(0.05)
    return output


def tells(user: User, script: str, **more: Any) -> str:
    """The output of that script on a new server, which is deleted afterwards."""
    server = boot(user, script, **more)
    try:
        return said(user, server)
    finally:
        delete(user, server)


def delete(user: User, server: str) -> None:
    assert user("DELETE", f"/compute/v2.1/servers/{server}").status_code == 204
    deadline = time.monotonic() + GONE
    while user("GET", f"/compute/v2.1/servers/{server}").status_code != 404:
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.05)


def ports_of(user: User, server: str) -> list[dict[str, Any]]:
    """Its ports, once it has some."""
    deadline = time.monotonic() + WORD
    while not (ports := user.network("GET", f"/ports?device_id={server}").json()["ports"]):
        assert time.monotonic() < deadline, "the server has no port"
        time.sleep(0.05)
    return list(ports)


def address_of(user: User, server: str, version: int = 4) -> str:
    addresses = [fixed["ip_address"] for port in ports_of(user, server) for fixed in port["fixed_ips"]]
    return str(next(ip for ip in addresses if (":" in ip) == (version == 6)))


def children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []


def descendants(pid: int) -> list[int]:
    """All processes below that one."""
    return [below for child in children(pid) for below in (child, *descendants(child))]


def running(pids: list[int]) -> list[int]:
    """Those of the processes that still run."""
    return [pid for pid in pids if _state(pid) not in ("", "Z", "X")]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def until(condition: Any, what: str, seconds: float = GONE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def ended(isolated: isolation.Isolated) -> None:
    """Wait for the end of what was done in namespaces of its own."""
    os.close(isolated.orders)
    os.waitpid(isolated.pid, 0)
