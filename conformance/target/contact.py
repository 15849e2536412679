"""What one process of a run knows of the services it calls, shared by all its connections."""

from collections import Counter
from collections.abc import Iterable

from conformance.deadlines import Deadlines
from conformance.target.answered import Listener, ignore
from conformance.target.gateway import AnsweringServices
from conformance.target.user_agent import UserAgent
from conformance.waits import Waits

PATIENCE = 10  # calls in a row without an answer, after which a host is not called any more


class Contact:
    """`user_agent` names the suite in every call; `services` are those that have answered by themselves.

    `listener` hears of every answered call.
    `unanswered` counts, for each host (scheme and host), the calls in a row that had no answer. `waits` are those for
    the cloud, with the usual deadlines if none are given.
    """

    def __init__(self, services: Iterable[str] = (), waits: Waits | None = None) -> None:
        self.waits = waits or Waits(Deadlines())
        self.user_agent = UserAgent()
        self.services = AnsweringServices(services)
        self.unanswered = Counter[str]()
        self.listener: Listener = ignore

    @property
    def why_host_is_lost(self) -> str:
        """Why no more calls are made, where a host does not answer and each test would wait for it anew; else empty."""
        for host, calls in self.unanswered.items():
            if calls >= PATIENCE:
                return f"{host} has not answered {calls} calls in a row: it is not asked any more"
        return ""
