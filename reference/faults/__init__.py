"""Faults that can be planted in a running reference, so that a suite can be seen to find them.

Each replaces one named thing at a seam that exists for its own sake; the reference's own code knows nothing of it. They
are planted before the workers are forked, by `gman serve --fault ID`. A new one is an entry in the table of its module,
or a function below it. It names the requirements it breaks; `tools/prove` checks that the suite finds it by one.
"""

from reference.faults import (
    addresses,
    compute,
    data_plane,
    endless,
    identity_and_image,
    in_passing,
    listed,
    neighbours,
    network,
    stale,
    topology,
    untrue,
)
from reference.faults.catalogue import CATALOGUE, Fault

# name of a release -> the faults that it is known for
EMULATIONS = {
    release: tuple(fault.id for fault in CATALOGUE.values() if release in fault.live)
    for release in sorted({release for fault in CATALOGUE.values() for release in fault.live})
}

# the newest release of each service
NEWEST = tuple({release.split("-")[0]: release for release in EMULATIONS}.values())

__all__ = [
    "CATALOGUE",
    "EMULATIONS",
    "NEWEST",
    "Fault",
    "addresses",
    "compute",
    "data_plane",
    "endless",
    "identity_and_image",
    "in_passing",
    "listed",
    "neighbours",
    "network",
    "stale",
    "topology",
    "untrue",
]
