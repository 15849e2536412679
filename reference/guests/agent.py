"""The agent: hands each new state of the APIs to the plane, and starts the plane again if it died.

It runs outside of the plane's namespaces, so that it reaches the APIs; when it ends, the plane and all guests end.
"""

import json
import logging
import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from reference.guests import isolation, plane
from reference.guests.cloud import Cloud, Unanswered

LOG = logging.getLogger(__name__)
INTERVAL = 0.15  # seconds between two looks at the APIs, at least
SHARE = 4  # the pause between two looks, in lengths of a look, so that an idle cloud is hardly disturbed
LONGEST = 1.0  # seconds between two looks at most, however long one takes
RETRY = 1.0  # seconds until a plane that died, or a cloud that did not answer, is tried again


@dataclass(frozen=True)
class Task:
    """The URLs of the services, the file clouds.yaml, the folder of consoles, and how many seconds a guest may run."""

    urls: Mapping[str, str]
    clouds: Path
    consoles: Path
    seconds: int


class _Stopped(Exception):
    """SIGTERM arrived."""


def run(task: Task, parent: int, ready: int) -> NoReturn:
    """Be the agent, in a process of its own whose parent is `parent`, until that ends or sends SIGTERM.

    One line is written to the pipe `ready` when the plane is up, or why it is not.
    """
    code = 0
    child: list[isolation.Isolated] = []
    try:
        signal.signal(signal.SIGTERM, _stop)
        os.setsid()  # the parent handles Ctrl-C, and then sends SIGTERM
        isolation.end_with_parent(signal.SIGTERM)
        if os.getppid() == parent:
            _empty(task.consoles)
            _follow(task, child, ready)
    except _Stopped:
        pass
    except BaseException:
        LOG.exception("the agent of the data plane failed")
        code = 1
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for isolated in child:
            _end(isolated)
        shutil.rmtree(task.consoles, ignore_errors=True)
        os._exit(code)


def _stop(_number: int, _frame: object) -> None:
    raise _Stopped


def _empty(consoles: Path) -> None:
    shutil.rmtree(consoles, ignore_errors=True)
    consoles.mkdir(mode=0o700, parents=True)


def _follow(task: Task, child: list[isolation.Isolated], ready: int) -> None:
    """Hand the plane each new state of the APIs, and start it again when it died. `child` is empty while none runs."""
    say = _once(ready)
    cloud, sent_state, complained = Cloud(task.urls, task.clouds), b"", False
    while True:
        if not child:
            try:
                child.append(isolation.spawn(lambda: plane.run(task.consoles, task.seconds, say)))
            except isolation.Refused as error:
                say(str(error))
                return
            sent_state = b""
        began = time.monotonic()
        try:
            new_state = json.dumps(cloud.state()).encode() + b"\n"
            complained = False
            if new_state != sent_state:
                _tell(child[0].orders, new_state)
                sent_state = new_state
                LOG.info("looked in %.3f s, and there is news", time.monotonic() - began)
        except Unanswered as error:
            if not complained and sent_state:
                LOG.warning("the data plane stays as it is: %s", error)
            complained = True
        except BrokenPipeError:
            pass  # the plane is gone, which is handled below
        time.sleep(max(INTERVAL, min(LONGEST, SHARE * (time.monotonic() - began))))
        if _is_gone(child[0]):
            LOG.warning("the data plane died and is started again")
            child.clear()
            time.sleep(RETRY)


def _tell(orders: int, state: bytes) -> None:
    while state:
        state = state[os.write(orders, state) :]


def _once(ready: int) -> Callable[[str], None]:
    """A function that writes a line to the pipe, or to the log once the reader has closed the pipe."""

    def say(line: str) -> None:
        try:
            os.write(ready, f"{line}\n".encode())
        except OSError:
            LOG.warning("the data plane: %s", line)

    return say


def _is_gone(isolated: isolation.Isolated) -> bool:
    pid, _status = os.waitpid(isolated.pid, os.WNOHANG)
    if pid:
        os.close(isolated.orders)
    return bool(pid)


def _end(isolated: isolation.Isolated) -> None:
    """End the plane with all that is in it."""
    try:
        os.kill(isolated.pid, signal.SIGKILL)
        os.waitpid(isolated.pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
