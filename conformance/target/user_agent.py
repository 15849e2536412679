"""How every call of the suite tells a service who is asking, and what for, so that its logs tell.

The requirements named are those of the test at work, of which a process has one at a time: its threads call, too.
"""

from collections.abc import Iterable
from uuid import uuid4

from conformance import USER_AGENT

AGENT, REQUEST_ID = "user-agent", "x-openstack-request-id"

_observed: tuple[str, ...] = ()


def observe(requirements: Iterable[str] = ()) -> None:
    """From now on calls are made to observe these requirements, or none."""
    global _observed
    _observed = tuple(requirements)


def headers() -> dict[str, str]:
    """For the next call: the suite's version, the requirements, and a request id that services take over."""
    asking = f"{USER_AGENT} ({', '.join(_observed)})" if _observed else USER_AGENT
    return {AGENT: asking, REQUEST_ID: f"req-{uuid4()}"}
