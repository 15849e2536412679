"""Races at the edge of a quota: more boots at once than it allows, then a retry of one that failed.

A service may refuse more boots than it must, or let more fail; but never do more servers run than the quota allows.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from conformance.deadlines import attempts
from conformance.projects import quotas
from conformance.race.engine.caller import Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.operations import servers
from conformance.race.operations.servers import CREATE, SHOW, Template, server_in, status
from conformance.race.operations.topology import GET_TOPOLOGY
from conformance.race.scenarios.contention import Rule
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Unsupported

ALONE = "-again"  # the suffix of the race's name under which the retry is recorded
OVER_LIMIT = 403  # the answer to a POST /servers beyond a quota


class Limit:
    """A context manager in which a project has these quotas, which an administrator sets and restores at the end.

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
            effective = quotas.set_limits(self._admin, self._url, self._envelope, self._limits)
        except ApiError as error:
            if error.status in (403, 404, 501):
                raise Unsupported(f"no quota can be set: {error}") from None
            raise
        if not effective:
            raise Unsupported(f"no quota can be set: {quotas.ELSEWHERE}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._admin.call("PUT", self._url, json={self._envelope: self._before})


def ports_in_use(caller: Caller, still: float, most: float) -> int:
    """The number of ports in the project with its topology, once it has not changed for `still` seconds; at the latest
    after `most` seconds."""
    caller.call(GET_TOPOLOGY, "GET", caller.topology_url)
    number, since = -1, 0.0
    for passed in attempts(most):
        record = caller.call("prepare_ports", "GET", f"{caller.network_url}/ports?project_id={caller.project}")
        listed = len((record.answer or {}).get("ports", []))
        since = passed if listed != number else since
        number = listed
        if passed - since >= still:
            break
    return number


def run(caller: Caller, template: Template, *, networks: str, width: int) -> None:
    """`width` boots at once, until all builds have ended; then everything is deleted."""
    servers.require_none(caller)
    release_together([template.call(caller, networks=networks)] * width)
    ids = servers.list_servers(caller)
    servers.await_builds(caller, ids, template.wait)
    servers.inspect(caller, ids)
    servers.clear(caller.afterwards, template.wait)


def retry(caller: Caller, template: Template, *, networks: str) -> None:
    """One boot alone, when the quota allows it again, recorded under the name of the race followed by -again."""
    retry_caller = caller.within(caller.race + ALONE)
    servers.require_none(retry_caller)
    retry_caller.send(template.call(retry_caller, networks=networks))
    servers.await_builds(retry_caller, servers.list_servers(retry_caller), template.wait)
    servers.clear(retry_caller.afterwards, template.wait)


def no_more_run_than(limit: int) -> Rule:
    """No more servers are ACTIVE than the limit."""

    def rule(history: Sequence[Record]) -> list[str]:
        running = sum(status(look) == "ACTIVE" for look in _last_shown(history))
        return [f"{running} servers run, the quota is {limit}"] if running > limit else []

    return rule


def losers_are_refused_or_show_a_fault(history: Sequence[Record]) -> list[str]:
    """Refused with 403, or accepted and in ERROR with a fault (C-CW-08, C-CW-09)."""
    statuses = {record.status for record in history if record.operation == CREATE and record.completed}
    failed = [look for look in _last_shown(history) if status(look) == "ERROR"]
    without_fault = [look.target for look in failed if not isinstance(server_in(look).get("fault"), dict)]
    return [
        *(f"a request was answered {status}" for status in sorted(statuses - {202, OVER_LIMIT}, key=str)),
        *(f"server {server} is in ERROR and does not say why" for server in without_fault),
    ]


def a_boot_alone_succeeds(history: Sequence[Record]) -> list[str]:
    """A boot within the quota, without others at the same time, succeeds."""
    answers = [record.status for record in history if record.operation == CREATE and record.completed]
    running = sum(status(look) == "ACTIVE" for look in _last_shown(history))
    return [] if answers == [202] and running == 1 else [f"a boot alone was answered {answers}, {running} servers run"]


def _last_shown(history: Sequence[Record]) -> list[Record]:
    """The last answer to SHOW of every server."""
    return list({record.target: record for record in history if record.operation == SHOW and not record.lost}.values())
