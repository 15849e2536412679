"""Races at the edge of a quota: more boots at once than there is room for, then one more of whoever lost.

A service may turn away, or let fail, more than it must; what runs in the end is never more than the quota.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from conformance.deadlines import attempts
from conformance.projects import quotas
from conformance.race.engine.caller import Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.operations import servers
from conformance.race.operations.servers import CREATE, SHOW, Template, shown, status
from conformance.race.operations.topology import GET_TOPOLOGY
from conformance.race.scenarios.contention import Rule
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Unsupported

ALONE = "-again"  # what follows the name of the race where its losers ask again
OVER_LIMIT = 403  # of a POST /servers that is beyond a quota


class Limit:
    """A context manager: a project's quota set by an administrator, and what it was when the block ends.

    `url` is that of the project's quota set. Raises Unsupported where the service has none, or keeps limits elsewhere.
    """

    def __init__(self, admin: Account, url: str, envelope: str, **limits: int) -> None:
        self._admin = admin
        self._url = url
        self._envelope = envelope
        self._limits = limits
        self._before: dict[str, int] = {}

    def __enter__(self) -> Self:
        try:
            before = quotas.limits(self._admin, self._url, self._envelope)
            self._before = {name: before[name] for name in self._limits if name in before}
            kept = quotas.set_limits(self._admin, self._url, self._envelope, self._limits)
        except ApiError as wrong:
            if wrong.status in (403, 404, 501):
                raise Unsupported(f"no quota can be set: {wrong}") from None
            raise
        if not kept:
            raise Unsupported(f"no quota can be set: {quotas.ELSEWHERE}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._admin.call("PUT", self._url, json={self._envelope: self._before})


def ports_in_use(caller: Caller, still: float, most: float) -> int:
    """How many ports the project has once its topology is there, and none has come for `still` of `most` seconds."""
    caller.call(GET_TOPOLOGY, "GET", caller.topology_url)
    seen, since = -1, 0.0
    for passed in attempts(most):
        record = caller.call("prepare_ports", "GET", f"{caller.network_url}/ports?project_id={caller.project}")
        found = len((record.answer or {}).get("ports", []))
        since = passed if found != seen else since
        seen = found
        if passed - since >= still:
            break
    return seen


def run(caller: Caller, template: Template, *, networks: str, width: int) -> None:
    """`width` boots at once, followed to the end of their builds; then everything is deleted."""
    release_together([template.call(caller, networks=networks)] * width)
    made = servers.listed(caller)
    servers.await_builds(caller, made, template.seconds)
    servers.inspect(caller, made)
    servers.clear(caller.afterwards, template.seconds)


def retry(caller: Caller, template: Template, *, networks: str) -> None:
    """One boot alone, when there is room again, under the name of the race followed by -again."""
    again = caller.within(caller.race + ALONE)
    again.send(template.call(again, networks=networks))
    made = servers.listed(again)
    servers.await_builds(again, made, template.seconds)
    servers.clear(again.afterwards, template.seconds)


def no_more_run_than(limit: int) -> Rule:
    def held(history: Sequence[Record]) -> list[str]:
        running = sum(status(look) == "ACTIVE" for look in _last(history))
        return [f"{running} servers run, the quota is {limit}"] if running > limit else []

    return held


def losers_are_told(history: Sequence[Record]) -> list[str]:
    """Refused with 403, or accepted and in ERROR with a fault (C-CW-08, C-CW-09)."""
    refused = {record.status for record in history if record.operation == CREATE and record.completed}
    failed = [look for look in _last(history) if status(look) == "ERROR"]
    mute = [look.target for look in failed if not isinstance(shown(look).get("fault"), dict)]
    return [
        *(f"a request was answered {each}" for each in sorted(refused - {202, OVER_LIMIT}, key=str)),
        *(f"server {server} is in ERROR and does not say why" for server in mute),
    ]


def whoever_asks_alone_is_served(history: Sequence[Record]) -> list[str]:
    """Within the quota, and in nobody's way."""
    answers = [record.status for record in history if record.operation == CREATE and record.completed]
    running = sum(status(look) == "ACTIVE" for look in _last(history))
    return [] if answers == [202] and running == 1 else [f"a boot alone was answered {answers}, {running} servers run"]


def _last(history: Sequence[Record]) -> list[Record]:
    """The last answer to SHOW of every server."""
    return list({record.target: record for record in history if record.operation == SHOW and not record.lost}.values())
