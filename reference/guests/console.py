"""A guest's console: its output, in a file of bounded size that keeps the end."""

import asyncio
import os
import threading
from pathlib import Path

LONGEST = 256 * 1024  # bytes a console's file may have
KEPT = LONGEST // 2  # bytes of it that stay when it is full
AT_ONCE = 16 * 1024  # bytes that are read of it at a time
PAUSE = 0.02  # seconds between two such reads: a guest that writes more has to wait, as on a serial line


class Console:
    """The file at `path`, made anew; any thread may write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = self._open(path)
        self._size = 0
        self._closed = False

    def _open(self, path: Path) -> int:
        path.unlink(missing_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, output: bytes) -> bool:
        """Add to the end; False where the console is closed."""
        with self._lock:
            if self._closed:
                return False
            if self._size + len(output) > LONGEST:
                self._cut()
            self._size += os.pwrite(self._file, output[-KEPT:], self._size)
        return True

    def _cut(self) -> None:
        """Keep the end only, from a line's beginning on; a reader sees the old file or the new one."""
        end = os.pread(self._file, KEPT, max(0, self._size - KEPT))
        end = end[end.find(b"\n") + 1 :]
        draft = self.path.with_suffix(".draft")
        shorter = self._open(draft)
        self._size = os.pwrite(shorter, end, 0)
        draft.replace(self.path)
        os.close(self._file)
        self._file = shorter

    def note(self, text: str) -> None:
        """Add a line of the machine's own, as a hypervisor would."""
        self.write(f"guest: {text}\n".encode())

    def close(self) -> None:
        """Close the console, and delete its file."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._file)
                self.path.unlink(missing_ok=True)


async def follow(pipe: int, console: Console) -> None:
    """Write what comes out of the pipe to the console until one of them ends; the pipe is closed then."""
    loop = asyncio.get_running_loop()
    os.set_blocking(pipe, False)
    try:
        while True:
            await _readable(loop, pipe)
            output = os.read(pipe, AT_ONCE)
            if not output or not console.write(output):
                return
            await asyncio.sleep(PAUSE if len(output) == AT_ONCE else 0)
    finally:
        os.close(pipe)


async def _readable(loop: asyncio.AbstractEventLoop, pipe: int) -> None:
    ready = asyncio.Event()
    loop.add_reader(pipe, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(pipe)
