"""How old the services of a cloud are, for what came after its release is not asked of it.

Compute tells its release by its newest microversion, or nearly: where two releases have the same, it is taken for the
older. Networking tells nothing. It is taken to be as old as Compute, unless whoever starts the run says what it is.
"""

import re

RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+)")  # as the registry has it; a microversion has two numbers
Numbers = tuple[int, ...]
# the newest microversion of Compute, its release, and that of the Networking of its time; what is younger has them all
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


def later(since: str, service: str, microversion: str, told: str) -> str:
    """Why a requirement `since` a release of compute or network (`service`) is not asked of this cloud; empty if it is.

    `microversion` is Compute's newest, or empty; `told` is Networking's release as far as somebody said it: "27" is any
    27.
    """
    if not RELEASE.fullmatch(since):
        return ""
    if told and service == "network":
        younger = numbers(since)[: len(numbers(told))] > numbers(told)
        return f"Networking {told} is older than {since}" if younger else ""
    found = numbers(microversion)
    for newest, compute, network in TIMES if found else ():
        release = compute if service == "compute" else network
        if found <= newest:
            return _by(microversion, service, release, since) if release < numbers(since) else ""
    return ""


def _by(microversion: str, service: str, release: Numbers, since: str) -> str:
    taken = f"by the newest microversion of Compute, {microversion}, this is {service} {release[0]} or older"
    advice = ": --networking-release says otherwise" if service == "network" else ""
    return f"{taken}, and {since} brought it{advice}"


def numbers(text: str) -> Numbers:
    """The numbers of a release or a microversion; none of what is neither."""
    return tuple(map(int, text.split("."))) if re.fullmatch(r"\d+(\.\d+)*", text) else ()
