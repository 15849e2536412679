"""A server's memory: one heap for all threads of a process, and what is loaded shared by parent and workers."""

import ctypes
import gc

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's mallopt(3)


def one_heap() -> None:
    """Have threads allocate from one heap; to be called before any of them is started.

    glibc gives every thread a heap of its own, as far as there are eight a core, each with what its thread once needed.
    Under Python's lock no two threads allocate at once, so they gain nothing by that. Where the C library is another
    one, nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def keep_what_is_loaded() -> None:
    """Have no collection visit what is there by now: a visit writes to each object, and so copies shared memory."""
    gc.collect()
    gc.freeze()
