"""Booting guests, and waiting until their consoles show what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, NamedTuple, Self

from conformance.guests import console
from conformance.guests.apis import shown
from conformance.guests.console import ConsoleReader
from conformance.guests.outside_watch import OutsideWatch, answers_here
from conformance.guests.records import GIVEN, GONE, GuestRecord, Target
from conformance.guests.script import Plan
from conformance.guests.words import Words
from conformance.target import responses
from conformance.target.capabilities import Capabilities
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Inconclusive, Unsupported

MICROVERSION = "2.37"  # the lowest that knows `networks: auto`
HEADERS = {"OpenStack-API-Version": f"compute {MICROVERSION}", "X-OpenStack-Nova-API-Version": MICROVERSION}
NOT_STARTED = 409  # the answer about the console of a server that has not started
WITHHELD = (400, 403, 404, 405, 501)  # answers where a policy or a driver does not let users read consoles
REFUSED = (400, 403)  # answers to a boot


@dataclass(frozen=True)
class Template:
    """What guests are booted from.

    `name` is what the servers' names begin with, `versions` are the IP versions of the default pools. `outside` are
    URLs of places beyond the external network, `answering` those of them that answered this machine when the run
    began. `external` is the id of the default external network.
    """

    image_id: str
    flavor_id: str
    name: str
    versions: tuple[int, ...]
    outside: tuple[str, ...]
    external: str
    answering: tuple[str, ...] = ()

    @classmethod
    def of(cls, capabilities: Capabilities, outside: Sequence[str], run: str) -> Self:
        """The template for a cloud and the run with that id. Raises Unsupported where the cloud has nothing to boot."""
        if not capabilities.guest_image_id or not capabilities.guest_flavor_id:
            raise Unsupported("there is no image, or no flavor, for servers that report what they see")
        return cls(
            capabilities.guest_image_id,
            capabilities.guest_flavor_id,
            f"gman-{run}-guest",
            capabilities.default_pools,
            tuple(outside),
            capabilities.external_network_id,
            tuple(url for url in outside if answers_here(url)),
        )

    def of_versions(self, *versions: int) -> "Template":
        """The same template, for a cloud whose default pools have these IP versions."""
        return replace(self, versions=versions)

    def name_of(self, plan: Plan) -> str:
        """The name in the request that boots servers by that plan; their own names begin with it."""
        return f"{self.name}-{plan.nonce[:6]}"

    def body(self, plan: Plan, count: int, group: str = "") -> dict[str, Any]:
        """The body of the request that boots `count` servers by that plan, in the security group with that id, if any.

        The config drive brings the script even to a server whose network does not work, so that it can report this.
        """
        server = {
            "name": self.name_of(plan),
            "imageRef": self.image_id,
            "flavorRef": self.flavor_id,
            "networks": "auto",
            "user_data": plan.user_data(),
            "config_drive": True,
            "min_count": count,
        }
        return {"server": {**server, **({"security_groups": [{"name": group}]} if group else {})}}


def request(account: Account, template: Template, plan: Plan, count: int = 1, group: str = "") -> None:
    """Send the request that boots `count` servers by that plan. Raises Unsupported where it is refused for its user
    data, else ApiError where it is refused.
    """
    try:
        account.call("POST", f"{account.endpoints.compute}/servers", template.body(plan, count, group), HEADERS)
    except ApiError as error:
        if error.status in REFUSED and "user_data" in str(error):
            raise Unsupported(f"servers take no user data: {error}") from None
        raise


def built(account: Account, template: Template, plan: Plan) -> list[str]:
    """The sorted ids of the servers that were booted by that plan, once all of them run.

    Raises Inconclusive where one does not, within the deadline `server_build`; ApiError.
    """
    name = template.name_of(plan)
    statuses: dict[str, str] = {}
    for _ in account.waits.attempts("server_build"):
        listed = responses.items(account, f"{account.endpoints.compute}/servers/detail", "servers")
        statuses = {server["id"]: server.get("status", "") for server in listed if server["name"].startswith(name)}
        if statuses and "BUILD" not in statuses.values():
            break
    if not statuses or {*statuses.values()} != {"ACTIVE"}:
        raise Inconclusive(f"servers did not come to run: {', '.join(sorted(statuses.values())) or 'none is listed'}")
    return sorted(statuses)


class Heard(NamedTuple):
    """A server's words on its console, None where it said nothing in time; `silence` then quotes the end of its
    console. `moment` (monotonic seconds) is when this was known.
    """

    words: Words | None
    silence: str
    moment: float


def listen(account: Account, servers: Sequence[str], nonce: str) -> dict[str, Heard]:
    """What each server said, by its id, once all have spoken, or after the deadline `guest`.

    Raises Unsupported where users cannot read consoles, ApiError.
    """
    readers = {server: ConsoleReader(nonce) for server in servers}
    outputs = dict.fromkeys(servers, "")
    heard: dict[str, Heard] = {}
    for _ in account.waits.attempts("guest"):
        for server in [server for server in servers if server not in heard]:
            outputs[server] = console_of(account, server) or outputs[server]
            if (text := readers[server].read(outputs[server])) is not None:
                heard[server] = Heard(Words.parse(text), "", monotonic())
        if len(heard) == len(servers):
            break
    for server in set(servers) - set(heard):
        end = console.tail(outputs[server], {account.token})
        nothing = f"within {account.deadlines.guest:g} s its console had no words of ours"
        silence = f"{nothing}, and ends with: {end}" if end else f"{nothing}: it is empty"
        heard[server] = Heard(None, silence, monotonic())
    return heard


def console_of(account: Account, server: str) -> str:
    """What a server has written to its console so far; empty before it has started.

    Raises Unsupported where users cannot read consoles, ApiError.
    """
    url = f"{account.endpoints.compute}/servers/{server}/action"
    try:
        answer = account.call("POST", url, {"os-getConsoleOutput": {}})
    except ApiError as error:
        if error.status == NOT_STARTED:
            return ""
        if error.status in WITHHELD:
            raise Unsupported(f"consoles are withheld: {error}") from None
        raise
    return str(answer.get("output") or "") if isinstance(answer, dict) else ""


def observe(
    account: Account,
    template: Template,
    plan: Plan,
    servers: Sequence[str],
    record: GuestRecord,
    watch: OutsideWatch,
    admin: Account | None = None,
    began: float = 0.0,
) -> list[GuestRecord]:
    """Wait for the servers' words; a copy of `record`, which has scene, role and targets, for each. `began` is when
    their request was sent (monotonic seconds), and `watch` has watched the outside since then. Raises ApiError, or
    Unsupported where users cannot read consoles.
    """
    heard = listen(account, servers, plan.nonce)
    outside = GIVEN if plan.outside else ""
    if watch.was_gone():
        outside = GONE
    return [
        replace(
            record,
            project=account.project_id,
            server=server,
            nonce=plan.nonce,
            shown=shown(account, server, template.external, admin),
            words=heard[server].words,
            silence=heard[server].silence,
            outside=outside,
            seconds=round(heard[server].moment - began, 3),
        )
        for server in servers
    ]


def targets_of(records: Sequence[GuestRecord]) -> Iterator[Target]:
    """The servers' addresses, for other servers to try.

    An address that the server itself does not report is left out: it cannot answer.
    """
    for record in records:
        own = {address.partition("/")[0] for address in record.words.addresses} if record.words else set()
        for address in record.shown.addresses:
            if address.ip in own:
                yield Target(address.ip, record.shown.mac, record.project, record.server)
