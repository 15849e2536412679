"""One server before many are booted: whether it says anything on its console, and what it can say of the cloud."""

from collections.abc import Iterator

from conformance.guests.checks.outside import seen_from_outside
from conformance.guests.records import GuestRecord, listed
from conformance.guests.scene import Scene
from conformance.guests.words import Words
from conformance.target.cloud import ApiError
from conformance.verdict.signals import TestEnded

IMAGE = "name an image whose servers run user data and write to their console: --guest-image"
PLACE = "run gman outside where the external network reaches it without translation, and name that: --outside"


def rehearse(scene: Scene) -> Iterator[tuple[str, str]]:
    """(finding, remedy), each one line; the remedy is empty where all is right. Boots a server, but deletes none."""
    try:
        [record] = scene.boot("rehearsal", back=True)
    except (ApiError, TestEnded) as error:
        yield f"a server that tells what it sees: {error}", IMAGE
        return
    if record.words is None:
        yield f"a server said nothing on its console: {record.silence}", IMAGE
        return
    yield f"user data is run, and the console is read: {record.seconds:.1f} s from the request to the words", ""
    yield from _about(record, record.words)


def _about(record: GuestRecord, words: Words) -> Iterator[tuple[str, str]]:
    if words.deaf:
        yield "the image has nothing to listen with (busybox httpd, python3): nobody can be seen to get in", IMAGE
    answered = words.answers.get("metadata", (False, ""))[0]
    yield f"the metadata service {'answers' if answered else 'does not answer, which is lawful'}", ""
    if not record.outside:
        yield "no place beyond the external network is named", PLACE
        return
    source = seen_from_outside(record)
    reached, reason = words.answers.get("outside4", (False, ""))
    if not reached:
        yield f"the outside is not reached: {reason or 'no answer'}", PLACE
    elif source not in record.shown.router and record.shown.snat:
        yield f"the outside sees {source or 'nobody'}, and the router has {listed(record.shown.router)}", PLACE
    else:
        yield f"the outside is reached, and sees {source}", ""
