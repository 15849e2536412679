"""Calls of a volley that a gateway has turned away, and no service has heard of.

They did not take part, but nothing has come of them either: they are released again, together. A race in which most of
the calls came later than the first ones shows nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic

from conformance.deadlines import FIRST_PAUSE, LONGEST_PAUSE, rest
from conformance.race.engine.volley import Delivery, VolleyError
from conformance.race.engine.wire import Request
from conformance.target.gateway import AnsweringServices, rate_limited, retry_after

Release = Callable[[Sequence[Request]], list[Delivery]]


def released(
    requests: Sequence[Request], release: Release, seconds: float, services: AnsweringServices
) -> list[Delivery]:
    """The deliveries of all requests, in their order; those still turned away after so many seconds are lost.

    `services` tells a gateway's answer from a service's. Raises VolleyError when none could be released.
    """
    until, pause = monotonic() + seconds, FIRST_PAUSE
    deliveries = release(requests)
    while away := [place for place, delivery in enumerate(deliveries) if turned_away(delivery) is not None]:
        wait = max(pause, *(turned_away(deliveries[place]) or 0.0 for place in away))
        pause = min(pause * 2, LONGEST_PAUSE)
        if monotonic() + wait >= until:
            break
        rest(wait)
        try:
            later = release([requests[place] for place in away])
        except VolleyError:  # of these; the others have happened
            break
        for place, delivery in zip(away, later, strict=True):
            deliveries[place] = replace(delivery, retries=deliveries[place].retries + 1)
    return [_without_gateway(delivery, services) for delivery in deliveries]


def turned_away(delivery: Delivery) -> float | None:
    """Seconds after which the request may be sent again, where a gateway said so; None for all others."""
    answer = delivery.answer
    return None if answer is None else retry_after(answer.status, answer.headers)


def _without_gateway(delivery: Delivery, services: AnsweringServices) -> Delivery:
    """The delivery, lost where the answer is a gateway's."""
    answer = delivery.answer
    if answer is None:
        return delivery
    if turned_away(delivery) is not None:
        lost = rate_limited(answer.status)
    else:
        lost = services.gateway_answer(delivery.request.url, answer.status, answer.headers, answer.body)
    return replace(delivery, answer=None, completed=None, lost=lost) if lost else delivery
