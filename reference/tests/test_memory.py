"""What threads allocate comes from one heap, where the C library can be told so."""

import ctypes
import subprocess
import sys

import pytest

HEAPS = """
import ctypes, threading
from reference import memory
{before}
everybody_is_here = threading.Barrier(8)
def allocate():
    kept = [bytes(2000) for _ in range(200)]
    everybody_is_here.wait(30)
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join(30)
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
output = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, output)
libc.fflush(output)
"""


def heaps(before: str) -> int:
    """How many heaps a process has after eight threads have allocated; `before` is a line that it runs first."""
    program = HEAPS.format(before=before)
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return answer.stdout.count("<heap nr=")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="glibc alone has heaps to count")
def test_one_heap_for_all_threads() -> None:
    assert heaps("pass") > 1
    assert heaps("memory.one_heap()") == 1
