"""Booting guests, and waiting for their words on their consoles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, Self

from conformance.guests import console
from conformance.guests.apis import shown
from conformance.guests.console import ConsoleReader
from conformance.guests.outside_server import answers
from conformance.guests.records import GIVEN, GONE, GuestRecord, Target
from conformance.guests.script import Plan, new_nonce
from conformance.guests.words import Words
from conformance.target import responses
from conformance.target.capabilities import Capabilities
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Inconclusive, Unsupported

MICROVERSION = "2.37"  # the first with `networks: auto`
HEADERS = {"OpenStack-API-Version": f"compute {MICROVERSION}", "X-OpenStack-Nova-API-Version": MICROVERSION}
NOT_YET = 409  # of a console whose server has not started
WITHHELD = (400, 403, 404, 405, 501)  # of one that a policy or a driver keeps
REFUSED = (400, 403)
ANSWER = 3.0  # seconds in which a place beyond the external network answers this machine, if it can


@dataclass(frozen=True)
class Template:
    """What guests are booted from.

    `versions` are those of IP that the default pools are for, `outside` URLs beyond the external network, `external`
    the id of the default one, `answering` those of `outside` that answered this machine when the run began.
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
        """For a cloud and the run of that id. Raises Unsupported where there is nothing to boot."""
        if not capabilities.guest_image_id or not capabilities.guest_flavor_id:
            raise Unsupported("there is no image, or no flavor, for servers that tell what they see")
        return cls(
            capabilities.guest_image_id,
            capabilities.guest_flavor_id,
            f"gman-{run}-guest",
            capabilities.default_pools,
            tuple(outside),
            capabilities.external_network_id,
            tuple(url for url in outside if is_there(url)),
        )

    def of_versions(self, *versions: int) -> "Template":
        """The same for a cloud whose default pools are for these versions of IP."""
        return replace(self, versions=versions)

    def body(self, plan: Plan, count: int, group: str = "") -> dict[str, Any]:
        """Of the request that boots `count` of them, in the security group of that id, if any.

        The drive brings the script to a server whose network does not work, which is then what it tells.
        """
        server = {
            "name": f"{self.name}-{plan.nonce[:6]}",
            "imageRef": self.image_id,
            "flavorRef": self.flavor_id,
            "networks": "auto",
            "user_data": plan.user_data(),
            "config_drive": True,
            "min_count": count,
        }
        return {"server": {**server, **({"security_groups": [{"name": group}]} if group else {})}}


def is_there(url: str) -> bool:
    """Whether the place beyond the external network answers this machine, which it need not do."""
    return answers(url, new_nonce(), ANSWER)


def request(account: Account, template: Template, plan: Plan, count: int = 1, group: str = "") -> None:
    """Send the request. Raises ApiError, Unsupported where user data is what is refused."""
    try:
        account.call("POST", f"{account.endpoints.compute}/servers", template.body(plan, count, group), HEADERS)
    except ApiError as error:
        if error.status in REFUSED and "user_data" in str(error):
            raise Unsupported(f"servers take no user data: {error}") from None
        raise


def built(account: Account, template: Template, plan: Plan) -> list[str]:
    """The ids of the servers of that request, once they run. Raises ApiError, Inconclusive."""
    name = f"{template.name}-{plan.nonce[:6]}"
    statuses: dict[str, str] = {}
    for _ in account.waits.attempts("server_build"):
        listed = responses.items(account, f"{account.endpoints.compute}/servers/detail", "servers")
        statuses = {server["id"]: server.get("status", "") for server in listed if server["name"].startswith(name)}
        if statuses and "BUILD" not in statuses.values():
            break
    if not statuses or {*statuses.values()} != {"ACTIVE"}:
        raise Inconclusive(f"servers did not come to run: {', '.join(sorted(statuses.values())) or 'none is listed'}")
    return sorted(statuses)


def listen(account: Account, servers: Sequence[str], nonce: str) -> dict[str, tuple[Words | None, str, float]]:
    """Server -> its words, else None and the end of its console, and when (monotonic) they were there.

    Raises Unsupported where consoles are withheld.
    """
    readers = {server: ConsoleReader(nonce) for server in servers}
    outputs = dict.fromkeys(servers, "")
    spoken: dict[str, tuple[Words | None, str, float]] = {}
    for _ in account.waits.attempts("guest"):
        for server in [server for server in servers if server not in spoken]:
            outputs[server] = console_of(account, server) or outputs[server]
            if (text := readers[server].read(outputs[server])) is not None:
                spoken[server] = Words.parse(text), "", monotonic()
        if len(spoken) == len(servers):
            break
    for server in set(servers) - set(spoken):
        end = console.tail(outputs[server], {account.token})
        within = f"within {account.deadlines.guest:g} s its console had no words of ours"
        spoken[server] = None, f"{within}, and ends with: {end}" if end else f"{within}: it is empty", monotonic()
    return spoken


def console_of(account: Account, server: str) -> str:
    """What a server has written so far. Raises Unsupported where it is withheld, ApiError."""
    url = f"{account.endpoints.compute}/servers/{server}/action"
    try:
        answer = account.call("POST", url, {"os-getConsoleOutput": {}})
    except ApiError as error:
        if error.status == NOT_YET:
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
    admin: Account | None = None,
    began: float = 0.0,
) -> list[GuestRecord]:
    """The records of these servers, made from `record`, which says scene, role and targets, once they have spoken."""
    spoken = listen(account, servers, plan.nonce)
    outside = GONE if any(not is_there(url) for url in template.answering) else GIVEN if plan.outside else ""
    return [
        replace(
            record,
            project=account.project_id,
            server=server,
            nonce=plan.nonce,
            shown=shown(account, server, template.external, admin),
            words=spoken[server][0],
            silence=spoken[server][1],
            outside=outside,
            seconds=round(spoken[server][2] - began, 3),
        )
        for server in servers
    ]


def targets_of(records: Sequence[GuestRecord]) -> Iterator[Target]:
    """The addresses that those servers have, for others to try: what only the APIs show nobody can answer at."""
    for record in records:
        own = {address.partition("/")[0] for address in record.words.addresses} if record.words else set()
        for address in record.shown.addresses:
            if address.ip in own:
                yield Target(address.ip, record.shown.mac, record.project, record.server)
