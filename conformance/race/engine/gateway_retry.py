"""Retrying calls of a volley that a gateway turned away before they reached a service.

They had no effect, and are released again, together. A race in which most calls were only released again shows nothing
(`too_many_came_later`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic

from conformance.deadlines import FIRST_PAUSE, LONGEST_PAUSE, rest
from conformance.race.engine.volley import Delivery, VolleyError
from conformance.race.engine.wire import Request
from conformance.target.gateway import AnsweringServices, rate_limited, retry_after

Release = Callable[[Sequence[Request]], list[Delivery]]


def release_with_retries(
    requests: Sequence[Request], release: Release, seconds: float, services: AnsweringServices
) -> list[Delivery]:
    """The deliveries of all requests, in their order; a request that a gateway still refuses after `seconds` is lost.

    `services` tells a gateway's answer from a service's. Raises VolleyError where none could be released.
    """
    deadline, pause = monotonic() + seconds, FIRST_PAUSE
    deliveries = release(requests)
    while turned_away := [number for number, delivery in enumerate(deliveries) if retry_delay(delivery) is not None]:
        wait = max(pause, *(retry_delay(deliveries[number]) or 0.0 for number in turned_away))
        pause = min(pause * 2, LONGEST_PAUSE)
        if monotonic() + wait >= deadline:
            break
        rest(wait)
        try:
            retried = release([requests[number] for number in turned_away])
        except VolleyError:  # the retry alone failed: the other calls have been made
            break
        for number, delivery in zip(turned_away, retried, strict=True):
            deliveries[number] = replace(delivery, retries=deliveries[number].retries + 1)
    return [_without_gateway(delivery, services) for delivery in deliveries]


def retry_delay(delivery: Delivery) -> float | None:
    """Seconds after which a gateway says to retry the request; None for all other answers."""
    answer = delivery.answer
    return None if answer is None else retry_after(answer.status, answer.headers)


def _without_gateway(delivery: Delivery, services: AnsweringServices) -> Delivery:
    """The delivery, marked as lost where the answer is a gateway's."""
    answer = delivery.answer
    if answer is None:
        return delivery
    if retry_delay(delivery) is not None:
        lost = rate_limited(answer.status)
    else:
        lost = services.gateway_answer(delivery.request.url, answer.status, answer.headers, answer.body)
    return replace(delivery, answer=None, completed=None, lost=lost) if lost else delivery
