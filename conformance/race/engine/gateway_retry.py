"""Calls of a volley that what stands in front of the service has turned away, and no service has heard of.

They did not take part, but nothing has come of them either: they are released again, together. A race in which most of
the calls came later than the first ones shows nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic

from conformance.deadlines import FIRST_PAUSE, LONGEST_PAUSE, rest
from conformance.race.engine.remote_senders import Sent
from conformance.race.engine.volley import VolleyError
from conformance.race.engine.wire import Request
from conformance.target import gateway

Release = Callable[[Sequence[Request]], list[Sent]]


def released(requests: Sequence[Request], release: Release, seconds: float) -> list[Sent]:
    """What became of them, in the same order; those still turned away after so many seconds are lost.

    Raises VolleyError when they could not be released at all.
    """
    until, pause = monotonic() + seconds, FIRST_PAUSE
    found = release(requests)
    while away := [place for place, sent in enumerate(found) if told_to_wait(sent) is not None]:
        wait = max(pause, *(told_to_wait(found[place]) or 0.0 for place in away))
        pause = min(pause * 2, LONGEST_PAUSE)
        if monotonic() + wait >= until:
            break
        rest(wait)
        try:
            later = release([requests[place] for place in away])
        except VolleyError:  # of these; the others have happened
            break
        for place, sent in zip(away, later, strict=True):
            found[place] = replace(sent, again=found[place].again + 1)
    return [_settled(sent) for sent in found]


def told_to_wait(sent: Sent) -> float | None:
    """As of any answer; None also where there is none."""
    answer = sent.flight.answer
    return None if answer is None else gateway.told_to_wait(answer.status, answer.headers)


def _settled(sent: Sent) -> Sent:
    """An answer that is not the service's is none."""
    answer = sent.flight.answer
    if answer is None:
        return sent
    away = told_to_wait(sent) is not None
    url = sent.flight.request.url
    lost = (
        gateway.limited(answer.status)
        if away
        else gateway.services.got(url, answer.status, answer.headers, answer.body)
    )
    return replace(sent, flight=replace(sent.flight, answer=None, completed=None, lost=lost)) if lost else sent
