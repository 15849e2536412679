"""Work in processes forked from one that has loaded suite and reference, as loading takes longer than most trials.

Such a process leads a session of its own, and all that it starts is killed with it.
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
    """What `work(folder, *arguments)` yields in another process, in a folder of its own that is removed afterwards.

    Raises TimeoutError where it yields nothing for `longest` seconds, RuntimeError where it raises; it is killed then.
    """
    receiver, sender = _FORKED.Pipe(duplex=False)
    with receiver, tempfile.TemporaryDirectory(prefix="gman-prove-", ignore_cleanup_errors=True) as folder:
        process = _FORKED.Process(target=_work, args=(sender, work, Path(folder), arguments))
        process.start()
        sender.close()
        try:
            while receiver.poll(longest):
                result = receiver.recv()
                if isinstance(result, Exception):
                    raise RuntimeError(_one_line(result)) from None
                yield result
            raise TimeoutError(f"did not end within {longest:g} s")
        except EOFError:
            return
        finally:
            process.kill()  # also by its id, as it may not lead a group yet
            with suppress(ProcessLookupError):
                os.killpg(process.pid or 0, signal.SIGKILL)
            process.join()


def _work(sender: Connection, work: Callable[..., Iterator[Any]], folder: Path, arguments: tuple[Any, ...]) -> None:
    """The forked process: send what `work` yields, at last its error as a RuntimeError."""
    os.setsid()
    os.chdir(folder)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        for result in work(folder, *arguments):
            sender.send(result)
    except Exception as error:  # noqa: BLE001 - any error is a line of the table
        sender.send(RuntimeError(_one_line(error)))
    finally:
        os.killpg(0, signal.SIGKILL)


def _one_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
