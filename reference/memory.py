"""How a server saves memory: the threads of a process share one heap, and workers share what their parent loaded."""

import ctypes
import gc

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's mallopt(3)


def one_heap() -> None:
    """Let all threads allocate from one heap. Call this before starting any of them.

    glibc gives each thread a heap of its own, up to eight heaps for each core, and each heap stays as large as its
    thread ever needed. That is to let threads allocate at the same time, which Python's lock prevents anyway. With
    another C library, this does nothing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def keep_what_is_loaded() -> None:
    """Exempt all present objects from garbage collection, which writes to each object that it visits: in a forked
    worker that would copy memory shared with the parent.
    """
    gc.collect()
    gc.freeze()
