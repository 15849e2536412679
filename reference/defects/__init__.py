"""Faults that can be planted in a running reference, so that a suite can be seen to find them.

Each defect is a small function that replaces one named thing at a seam that exists for its own sake; the reference's
own code knows nothing of it. They are planted before the workers are forked, by `gman serve --defect ID`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reference.defects import compute, topology

DEFECTS: dict[str, Callable[[], None]] = {**topology.DEFECTS, **compute.DEFECTS}


def plant(ids: Iterable[str]) -> list[str]:
    """Plant these defects; the ids that name none, in which case nothing is planted."""
    wanted = list(ids)
    unknown = [each for each in wanted if each not in DEFECTS]
    if not unknown:
        for each in wanted:
            DEFECTS[each]()
    return unknown
