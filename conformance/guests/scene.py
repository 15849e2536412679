"""A scene: guests booted in one project, one request after the other, each server's record kept in the report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

from conformance.guests import boots
from conformance.guests.boots import Template
from conformance.guests.outside_watch import OutsideWatch
from conformance.guests.records import GuestLog, GuestRecord, Shown, Target
from conformance.guests.script import PORT, Plan
from conformance.projects import limits
from conformance.target import responses
from conformance.target.capabilities import Capabilities
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Inconclusive, Unsupported

BATCH = 3  # servers of one request
MOST = 2 * BATCH  # servers of a scene at a time
# shares of the deadline `guest`: how long a server waits for its address, for its targets to answer, and for its
# floating IP to work, and searches its peers, as a slow cloud may set up networks late and build servers one by one
ADDRESSED, ANSWERED, ASSOCIATED, LOOKED_FOR = 1 / 9, 1 / 9, 1 / 6, 1 / 3
GONE = 404
RATIONED = (400, 403, 404, 409)  # answers of a cloud that has no floating IP for a user


def needed(cloud: Capabilities) -> Counter[str]:
    """What a scene takes of its project's quotas: servers on one network, and a security group of its own."""
    groups = Counter(security_group=1, security_group_rule=cloud.default_group_rules)
    return limits.any_test(cloud) + limits.topology(cloud) + limits.servers(cloud, MOST) + groups


@dataclass
class Scene:
    """`name` is that of its records; `admin` looks where a member may not, if the run has one."""

    name: str
    account: Account
    template: Template
    log: GuestLog
    admin: Account | None = None
    records: list[GuestRecord] = field(default_factory=list)

    def boot(
        self,
        role: str,
        count: int = 1,
        targets: Sequence[Target] = (),
        group: str = "",
        *,
        answered: bool = False,
        back: bool = False,
    ) -> list[GuestRecord]:
        """Boot servers in that role and wait for their words.

        `targets` are addresses for them to try, `answered` says whether those are to answer, `back` whether the outside
        is to try to reach the servers.
        """
        began, plan = monotonic(), self.plan(count, targets, answered=answered, back=back)
        with OutsideWatch(self.template.answering) as watch:
            boots.request(self.account, self.template, plan, count, group)
            return self.observe(role, plan, targets, began, watch)

    def plan(
        self,
        count: int = 1,
        targets: Sequence[Target] = (),
        *,
        answered: bool = False,
        back: bool = False,
        floating: int = 0,
    ) -> Plan:
        return Plan(
            versions=self.template.versions,
            outside=self.template.outside,
            peers=count - 1,
            wait=self._share(ADDRESSED),
            search=self._share(LOOKED_FOR),
            targets=list(dict.fromkeys(target.address for target in targets)),
            answered=self._share(ANSWERED) if answered else 0,
            floating=floating,
            back=back,
        )

    def observe(
        self, role: str, plan: Plan, targets: Sequence[Target], began: float, watch: OutsideWatch
    ) -> list[GuestRecord]:
        """Wait for the servers of that plan and keep their records."""
        servers = boots.built(self.account, self.template, plan)
        draft = GuestRecord(self.name, role, self.account.project_id, "", Shown(), targets=tuple(targets))
        records = boots.observe(self.account, self.template, plan, servers, draft, watch, self.admin, began)
        self.log.add(records)
        self.records += records
        return records

    def boot_with_floating_ip(self, role: str) -> list[GuestRecord]:
        """Boot a server whose group lets everybody in, and give it a floating IP."""
        began, plan = monotonic(), self.plan(floating=self._share(ASSOCIATED), back=True)
        group = self.group({"protocol": "tcp", "port_range_min": PORT, "port_range_max": PORT})
        with OutsideWatch(self.template.answering) as watch:
            boots.request(self.account, self.template, plan, group=group)
            self._associate_floating_ip(boots.built(self.account, self.template, plan)[0])
            return self.observe(role, plan, (), began, watch)

    def _associate_floating_ip(self, server: str) -> None:
        """Create one and give it to the server's port. Raises Unsupported where the cloud gives none, ApiError."""
        network = self._network
        try:
            body = {"floating_network_id": self.template.external}
            floating = responses.create(self.account, f"{network}/floatingips", "floatingip", body)
        except ApiError as error:
            if error.status in RATIONED:
                raise Unsupported(f"no floating IP can be created: {error}") from None
            raise
        [port] = responses.items(self.account, f"{network}/ports?device_id={server}", "ports")
        self.account.call("PUT", f"{network}/floatingips/{floating}", {"floatingip": {"port_id": port["id"]}})

    def group(self, *ingress: dict[str, Any]) -> str:
        """The id of a security group of its own, which lets in what these rules say and nobody else."""
        url = f"{self._network}/security-group"
        group = responses.create(self.account, f"{url}s", "security_group", {"name": self.template.name})
        for rule in ingress:
            body = {**rule, "security_group_id": group, "direction": "ingress", "ethertype": "IPv4"}
            responses.create(self.account, f"{url}-rules", "security_group_rule", body)
        return group

    def delete(self, record: GuestRecord) -> None:
        """Delete a server, and wait until it is gone. Raises ApiError, Inconclusive."""
        self.account.call("DELETE", f"{self._servers}/{record.server}")
        self._await_gone([record.server])

    def start_over(self) -> None:
        """Delete all servers and the topology. Raises ApiError, Inconclusive."""
        servers = [server["id"] for server in responses.items(self.account, self._servers, "servers")]
        for server in servers:
            self.account.call("DELETE", f"{self._servers}/{server}")
        self._await_gone(servers)
        self.account.call("DELETE", f"{self._network}/auto-allocated-topology/{self.account.project_id}")

    def get_topology(self) -> None:
        """Have the topology built before any server is booted. Raises ApiError."""
        self.account.call("GET", f"{self._network}/auto-allocated-topology/{self.account.project_id}")

    def turn_off_snat(self) -> None:
        """Turn SNAT off, as the administrator, since no member may. Raises Unsupported where it is refused."""
        admin = self.admin or self.account
        [router, *_] = responses.items(self.account, f"{self._network}/routers?fields=id", "routers")
        gateway = {"network_id": self.template.external, "enable_snat": False}
        try:
            url = f"{admin.endpoints.network}/v2.0/routers/{router['id']}"
            admin.call("PUT", url, {"router": {"external_gateway_info": gateway}})
        except ApiError as error:
            if error.status in RATIONED:
                raise Unsupported(f"SNAT cannot be turned off: {error}") from None
            raise

    def _share(self, part: float) -> int:
        """That share (0 to 1) of the deadline `guest`, in whole seconds, at least one."""
        return max(1, round(self.account.deadlines.guest * part))

    def _await_gone(self, servers: Sequence[str]) -> None:
        pending = list(servers)
        for _ in self.account.waits.attempts("server_build"):
            pending = [server for server in pending if not self._is_gone(server)]
            if not pending:
                return
        raise Inconclusive(f"servers are still there: {', '.join(pending)}")

    def _is_gone(self, server: str) -> bool:
        try:
            self.account.call("GET", f"{self._servers}/{server}")
        except ApiError as error:
            if error.status == GONE:
                return True
            raise
        return False

    @property
    def _network(self) -> str:
        return f"{self.account.endpoints.network}/v2.0"

    @property
    def _servers(self) -> str:
        return f"{self.account.endpoints.compute}/servers"


class Scenes(Protocol):
    """Makes `number` scenes of one name, each in an empty project of its own."""

    def __call__(self, name: str, number: int = 1) -> list[Scene]: ...
