"""Work in processes forked from one that has loaded suite and reference: hundreds of trials would each load them anew.

Such a process has a session of its own, and all that it starts ends with it.
"""

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["proving.preload"])


def results(work: Callable[..., Iterator[T]], *arguments: Any, longest: float) -> Iterator[T]:
    """What `work(folder, *arguments)` yields in another process, in a folder of its own, which goes with it.

    Errors: TimeoutError where `longest` seconds bring nothing new, RuntimeError where it breaks; it is over then.
    """
    receiver, sender = _FORKED.Pipe(duplex=False)
    with receiver, tempfile.TemporaryDirectory(prefix="gman-prove-", ignore_cleanup_errors=True) as folder:
        process = _FORKED.Process(target=_work, args=(sender, work, Path(folder), arguments))
        process.start()
        sender.close()
        try:
            while receiver.poll(longest):
                found = receiver.recv()
                if isinstance(found, Exception):
                    raise RuntimeError(_one_line(found)) from None
                yield found
            raise TimeoutError(f"did not end within {longest:g} s")
        except EOFError:
            return
        finally:
            process.kill()  # it may not have got as far as a group of its own; then there is none
            with suppress(ProcessLookupError):
                os.killpg(process.pid or 0, signal.SIGKILL)
            process.join()


def _work(sender: Connection, work: Callable[..., Iterator[Any]], folder: Path, arguments: tuple[Any, ...]) -> None:
    """What the forked process does."""
    os.setsid()
    os.chdir(folder)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        for found in work(folder, *arguments):
            sender.send(found)
    except Exception as broken:  # noqa: BLE001 - a line in the table, whatever it is
        sender.send(RuntimeError(_one_line(broken)))
    finally:
        os.killpg(0, signal.SIGKILL)


def _one_line(wrong: BaseException) -> str:
    return next(iter(str(wrong).strip().splitlines()), type(wrong).__name__)
