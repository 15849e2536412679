"""What the servers of a cloud are: nothing behind the API, or something that sends packets."""

from .errors import UsageError
from .machine import program, static_busybox
from .settings import NAMESPACES, NO_GUESTS, OVN, Settings


def choose(settings: Settings, wanted: str | None) -> str:
    """What guests are to be; where nobody says, what the machine has the programs for.

    A cloud that was up before keeps what it has. `UsageError` where what is wanted cannot be.
    """
    if settings.file.exists():
        if wanted not in (None, settings.guests):
            raise UsageError(
                f"{settings.state} holds a cloud with --guests {settings.guests}: name another directory with --state"
            )
        return settings.guests
    possible = settings.backend == OVN and not settings.reference
    if wanted is None:
        return NAMESPACES if possible and program("bwrap") and static_busybox() else NO_GUESTS
    if wanted != NO_GUESTS and not possible:
        raise UsageError(f"--guests {wanted} needs a Nova of the cloud's own, and its Neutron on OVN")
    return wanted
