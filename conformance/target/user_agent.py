"""The headers by which a service's logs show that a call is the suite's, and which requirements it observes."""

from collections.abc import Iterable
from uuid import uuid4

from conformance import USER_AGENT

AGENT = "user-agent"
REQUEST_ID = "x-openstack-request-id"  # names a request, in each answer of a service, too


class UserAgent:
    """The headers that name the suite, and the requirements of the test at work: a process has one test at a time."""

    def __init__(self) -> None:
        self._observed: tuple[str, ...] = ()

    def observe(self, requirements: Iterable[str] = ()) -> None:
        """Name these requirements in the calls from now on."""
        self._observed = tuple(requirements)

    def headers(self) -> dict[str, str]:
        """The next call's headers: the suite's version, the requirements, and a request id that services take over."""
        agent = f"{USER_AGENT} ({', '.join(self._observed)})" if self._observed else USER_AGENT
        return {AGENT: agent, REQUEST_ID: f"req-{uuid4()}"}
