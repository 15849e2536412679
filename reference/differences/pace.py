"""How fast a cloud is."""

import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from reference import serve
from reference.compute.builder import Builder
from reference.differences.catalogue import difference
from reference.faults.seams import wrap

TIMES = 20


@difference("clouds on few machines for many users, and clouds far away", slow=True)
def twenty_times_slower() -> None:
    """Every answer, and every build and deletion of a server, takes twenty times as long as usual."""

    def slow(app: WSGIApplication) -> WSGIApplication:
        def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            answer: list[bytes] = stretched(lambda: list(app(environ, start_response)))
            return answer

        return answered

    # only requests from outside: calls between the services are part of these
    def application(right: Any, apps: dict[str, WSGIApplication], *more: Any) -> WSGIApplication:
        slowed: WSGIApplication = right({name: slow(app) for name, app in apps.items()}, *more)
        return slowed

    wrap(serve, "application", application)
    for step in ("build", "delete"):
        wrap(Builder, step, lambda right, *arguments: stretched(lambda: right(*arguments)))


def stretched(work: Callable[[], Any]) -> Any:
    """The result of the work, after TIMES as long as it took. Measured in processor time, so that a busy machine does
    not slow it twice.
    """
    began = time.thread_time()
    try:
        return work()
    finally:
        time.sleep((time.thread_time() - began) * (TIMES - 1))
