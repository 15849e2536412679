"""Races at the edge of a quota: more boots at once than it allows, then, with the quota free again, one boot alone.

A service may refuse more boots than it must, or let more fail; but more servers than the quota allows must never run.
"""

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from conformance.deadlines import attempts
from conformance.projects import quotas
from conformance.race.engine.caller import Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.operations import servers
from conformance.race.operations.servers import CREATE, SHOW, Template, server_in, status
from conformance.race.operations.topology import GET_TOPOLOGY
from conformance.race.scenarios.contention import RETRY_SUFFIX, Rule
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Unsupported

OVER_LIMIT = 403  # the answer to a POST /servers beyond a quota


class Limits:
    """A context manager: inside the block a project has the quotas `limits`, set and at the end restored by `admin`.

    `url` is that of the project's quota set, `envelope` the key of the set in bodies. Raises Unsupported where the
    quotas cannot be set, or have no effect because the service keeps its limits elsewhere; ApiError.
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
            with suppress(ApiError):  # the limit may have been set in spite of the error, and the project is used again
                self._restore()
            if error.status in (403, 404, 501):
                raise Unsupported(f"no quota can be set: {error}") from None
            raise
        if not effective:
            raise Unsupported(f"no quota can be set: {quotas.ELSEWHERE}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _restore(self) -> None:
        self._admin.call("PUT", self._url, json={self._envelope: self._before})


def ports_in_use(caller: Caller, still: float, most: float) -> int:
    """The number of ports in the project once it has a topology.

    As agents may still add ports, it is the number that has not changed for `still` seconds, or the last number after
    `most` seconds.
    """
    caller.call(GET_TOPOLOGY, "GET", caller.topology_url)
    number, unchanged_since = -1, 0.0
    for passed in attempts(most):
        record = caller.call("prepare_ports", "GET", f"{caller.network_url}/ports?project_id={caller.project}")
        listed = len((record.answer or {}).get("ports", []))
        if listed != number:
            number, unchanged_since = listed, passed
        if passed - unchanged_since >= still:
            break
    return number


def run(caller: Caller, template: Template, *, networks: str, width: int) -> None:
    """Release `width` boots at once in an empty project, wait until all builds have ended, then delete everything."""
    servers.require_none(caller)
    release_together([template.call(caller, networks=networks)] * width)
    ids = servers.list_servers(caller)
    servers.await_builds(caller, ids, template.wait)
    servers.inspect(caller, ids)
    servers.clear(caller.afterwards, template.wait)


def retry(caller: Caller, template: Template, *, networks: str) -> None:
    """Boot one server alone in the emptied project; its record has the race's name and RETRY_SUFFIX."""
    retry_caller = caller.within(caller.race + RETRY_SUFFIX)
    servers.require_none(retry_caller)
    retry_caller.send(template.call(retry_caller, networks=networks))
    servers.await_builds(retry_caller, servers.list_servers(retry_caller), template.wait)
    servers.clear(retry_caller.afterwards, template.wait)


def no_more_run_than(limit: int) -> Rule:
    """The rule that at most `limit` servers are ACTIVE."""

    def rule(history: Sequence[Record]) -> list[str]:
        running = sum(status(shown) == "ACTIVE" for shown in _last_shown(history))
        return [f"{running} servers run, the quota is {limit}"] if running > limit else []

    return rule


def losers_are_refused_or_show_a_fault(history: Sequence[Record]) -> list[str]:
    """Every boot is either refused with 403 or accepted, and every server in ERROR has a fault (C-CW-08, C-CW-09)."""
    statuses = {record.status for record in history if record.operation == CREATE and record.completed}
    failed = [shown for shown in _last_shown(history) if status(shown) == "ERROR"]
    without_fault = [shown.target for shown in failed if not isinstance(server_in(shown).get("fault"), dict)]
    return [
        *(f"a request was answered {status}" for status in sorted(statuses - {202, OVER_LIMIT}, key=str)),
        *(f"server {server} is in ERROR and does not say why" for server in without_fault),
    ]


def a_boot_alone_succeeds(history: Sequence[Record]) -> list[str]:
    """A boot within the quota, without others at the same time, succeeds."""
    answers = [record.status for record in history if record.operation == CREATE and record.completed]
    running = sum(status(shown) == "ACTIVE" for shown in _last_shown(history))
    return [] if answers == [202] and running == 1 else [f"a boot alone was answered {answers}, {running} servers run"]


def _last_shown(history: Sequence[Record]) -> list[Record]:
    """The last record of each server's SHOW that was answered."""
    return list({record.target: record for record in history if record.operation == SHOW and not record.lost}.values())
