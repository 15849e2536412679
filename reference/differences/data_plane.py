"""What clouds differ in below their APIs, with `gman serve --guests`: metadata, consoles, how long an image takes."""

import time
from typing import Any

from reference.compute.errors import fault
from reference.compute.handlers.locks import Locks
from reference.differences.catalogue import difference
from reference.faults.seams import replace, wrap

BOOT = 4.0  # seconds that an image takes to boot
KERNEL = b"\n[   12.345678] audit: type=1400 apparmor=DENIED operation=mount\n"
ELSEWHERE = 8775  # a port on which no server looks for metadata
BROKEN_EVERY = 5  # of this many pieces of output, a line of the kernel interrupts one


@difference("clouds with config drives alone", guests=True)
def no_metadata_service() -> None:
    """Nobody answers at the address of the metadata service: what servers need to know is on their config drives."""
    from reference.guests import networks

    replace(networks, "METADATA_PORT", ELSEWHERE)


@difference("images of distributions, which take a minute", guests=True)
def images_take_long_to_boot() -> None:
    """A server that is ACTIVE is still booting for a while."""
    from reference.guests.guests import RunningGuest
    from reference.guests.spaces import Failed

    since: dict[str, float] = {}

    def apply(right: Any, self: RunningGuest, guest: Any, networks: Any) -> None:
        if time.monotonic() < since.setdefault(guest.id, time.monotonic()) + BOOT:
            raise Failed("it is booting")  # the agent tries again
        right(self, guest, networks)

    wrap(RunningGuest, "apply", apply)


@difference("kernels that write to the console they were given", guests=True)
def consoles_mix_lines() -> None:
    """The kernel writes to the console at any time, also in the middle of others' lines."""
    from reference.guests.console import Console

    written = [0]

    def write(right: Any, self: Console, output: bytes) -> bool:
        written[0] += 1
        middle = len(output) // 2 if written[0] % BROKEN_EVERY == 0 else 0
        return bool(right(self, output[:middle] + KERNEL + output[middle:]))

    wrap(Console, "write", write)


@difference("Nova with Ironic, or a policy that keeps consoles from members", choice="consoles", guests=True)
def no_consoles() -> None:
    """Compute gives nobody the output of a console."""

    def withhold(_right: Any, _self: Locks, *_arguments: Any) -> Any:
        raise fault(501, "Unable to get console log, functionality not implemented")

    wrap(Locks, "_console", withhold)
