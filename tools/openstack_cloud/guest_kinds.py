"""Which guests a cloud has: its servers run in network namespaces, or exist in the API alone."""

from .errors import UsageError
from .machine import program, static_busybox
from .settings import NAMESPACES, NO_GUESTS, OVN, Settings


def choose(settings: Settings, requested: str | None) -> str:
    """The kind of guests: as `requested`; for None, namespaces if the machine has the programs for them, else none.

    A cloud that was up before keeps its kind. Raises UsageError where the requested kind is not possible.
    """
    if settings.file.exists():
        if requested not in (None, settings.guests):
            raise UsageError(
                f"{settings.state} holds a cloud with --guests {settings.guests}: name another directory with --state"
            )
        return settings.guests
    possible = settings.backend == OVN and not settings.reference
    if requested is None:
        return NAMESPACES if possible and program("bwrap") and static_busybox() else NO_GUESTS
    if requested != NO_GUESTS and not possible:
        raise UsageError(f"--guests {requested} needs a Nova of the cloud's own, and its Neutron on OVN")
    return requested
