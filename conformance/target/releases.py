"""The releases of a cloud's services: requirements of newer releases do not apply to it.

Compute's release follows from its newest microversion; where two releases have the same one, it is taken for the older.
Networking does not show its release: it is taken to be of Compute's time, unless the run names it.
"""

import re

RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+)")  # the form in the registry; a microversion has two numbers
Numbers = tuple[int, ...]
# the newest microversion of Compute, its release, and that of the Networking of its time; a newer cloud has them all
TIMES: tuple[tuple[Numbers, Numbers, Numbers], ...] = (
    ((2, 25), (13, 0, 0), (8, 0, 0)),
    ((2, 38), (14, 0, 0), (9, 0, 0)),
    ((2, 42), (15, 0, 0), (10, 0, 0)),
    ((2, 53), (16, 0, 0), (11, 0, 0)),
    ((2, 60), (17, 0, 0), (12, 0, 0)),
    ((2, 65), (18, 0, 0), (13, 0, 0)),
    ((2, 72), (19, 0, 0), (14, 0, 0)),
    ((2, 79), (20, 0, 0), (15, 0, 0)),
    ((2, 87), (21, 0, 0), (16, 0, 0)),
    ((2, 88), (23, 0, 0), (18, 0, 0)),
    ((2, 90), (24, 0, 0), (19, 0, 0)),
    ((2, 93), (26, 0, 0), (21, 0, 0)),
    ((2, 95), (27, 0, 0), (22, 0, 0)),
    ((2, 96), (29, 0, 0), (24, 0, 0)),
    ((2, 100), (31, 0, 0), (26, 0, 0)),
)


def newer_than_cloud(since: str, service: str, microversion: str, networking: str) -> str:
    """Why a requirement that came with release `since` of `service` (compute or network) does not apply to this cloud;
    empty where it does.

    `microversion` is Compute's newest, or empty; `networking` is the release of Networking that the run names ("27" is
    any 27), or empty.
    """
    if not RELEASE.fullmatch(since):
        return ""
    if networking and service == "network":
        newer = numbers(since)[: len(numbers(networking))] > numbers(networking)
        return f"Networking {networking} is older than {since}" if newer else ""
    version = numbers(microversion)
    row = next((row for row in TIMES if version and version <= row[0]), None)
    release = row[1 if service == "compute" else 2] if row else ()
    if not release or release >= numbers(since):
        return ""
    evidence = f"by the newest microversion of Compute, {microversion}, this is {service} {release[0]} or older"
    advice = ": --networking-release says otherwise" if service == "network" else ""
    return f"{evidence}, and {since} brought it{advice}"


def numbers(text: str) -> Numbers:
    """The numbers of a release or a microversion, to compare by; empty for other text."""
    return tuple(map(int, text.split("."))) if re.fullmatch(r"\d+(\.\d+)*", text) else ()
