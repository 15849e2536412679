"""What one process of a run knows of the services that it calls; all its connections share that."""

from collections import Counter
from collections.abc import Iterable

from conformance.deadlines import Deadlines
from conformance.target.answered import Listener, ignore
from conformance.target.gateway import AnsweringServices
from conformance.target.user_agent import UserAgent
from conformance.waits import Waits

PATIENCE = 10  # calls in a row without an answer, after which the host is given up


class Contact:
    """What the connections of a process share.

    `user_agent` makes the headers that name the suite in every call. `services` remembers which services have answered
    by themselves, so that an answer is not taken for a gateway's. `unanswered` counts, for each host (scheme and host),
    the latest calls in a row that got no answer. `listener` is called with every call that was made. `waits` are the
    waits for the cloud; their deadlines are the defaults unless the caller gives others.
    """

    def __init__(self, services: Iterable[str] = (), waits: Waits | None = None) -> None:
        self.waits = waits or Waits(Deadlines())
        self.user_agent = UserAgent()
        self.services = AnsweringServices(services)
        self.unanswered = Counter[str]()
        self.listener: Listener = ignore

    @property
    def why_host_is_lost(self) -> str:
        """A sentence that names a host that is not called any more, as it does not answer; empty if there is none."""
        for host, calls in self.unanswered.items():
            if calls >= PATIENCE:
                return f"{host} has not answered {calls} calls in a row: it is not asked any more"
        return ""
