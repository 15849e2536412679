"""Random walks through the life of one project's topology, each step checked against a model of it.

A walk is a list of names of steps, each drawn by a seed from those that are possible in the present state. A step that
is not possible is skipped, so that any part of a walk is a walk. For a walk that fails, a shorter part that fails as
well is searched.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from conformance.race.operations import servers
from conformance.race.operations.project_state import items_of, owner
from conformance.race.operations.servers import Template
from conformance.race.operations.topology import answered_id
from conformance.race.scenarios.transcript import ModelMismatch, Transcript
from conformance.verdict.signals import Inconclusive

LENGTH = 12  # steps of one walk
REPLAYS = 40  # parts of a failed walk that are tried at most, to find a shorter one

Plan = tuple[str, ...]


@dataclass
class Walker:
    """The state of a walk: what the project has by the model, and the transcript of all calls."""

    transcript: Transcript
    template: Template
    network: str = ""  # id of the topology's network; empty without a topology
    gone: set[str] = field(default_factory=set)  # ids of earlier topologies
    ports: list[str] = field(default_factory=list)
    routers: list[tuple[str, str]] = field(default_factory=list)  # their ids, each with its port on the network
    booted: list[tuple[str, bool]] = field(default_factory=list)  # servers -> whether they have an interface

    @property
    def in_use(self) -> bool:
        """Whether the user has something on the network, so that the topology cannot be deleted."""
        return bool(self.ports or self.routers or any(attached for _, attached in self.booted))

    def try_step(self, step: str) -> None:
        """Take the step of that name, if it is possible, then compare the networks. Raises ModelMismatch."""
        if not STEPS[step].is_possible(self):
            return
        STEPS[step].action(self)
        record = self.transcript.call("GET", self.transcript.network("networks"))
        listed = [item for item in items_of(record, "networks") or [] if owner(item) == self.transcript.caller.project]
        networks = sorted((str(network["id"]), network.get("admin_state_up") is True) for network in listed)
        if networks != ([(self.network, True)] if self.network else []):
            topology = self.network or "not there"
            raise ModelMismatch(f"the project's networks are {networks}, the topology's is {topology}")

    def get(self) -> None:
        record = self.transcript.call("GET", self.transcript.topology, expect={200})
        id_ = answered_id(record)
        if not id_ or id_ in self.gone or self.network not in ("", id_):
            raise ModelMismatch(f"GET answered {id_}, the topology is {self.network or 'new'}")
        self.network = id_
        self.transcript.name_id(self.network, "auto_allocated_topology")

    def dry_run(self) -> None:
        self.transcript.call("GET", f"{self.transcript.topology}?fields=dry-run", expect={200})

    def delete(self) -> None:
        if self.in_use:
            self.transcript.call("DELETE", self.transcript.topology, expect={409})
            return
        self.transcript.call("DELETE", self.transcript.topology, expect={204} if self.network else {204, 404})
        self.gone |= {self.network} - {""}
        self.network = ""

    def rename(self) -> None:
        body = {"network": {"name": f"renamed-{len(self.transcript.lines)}"}}
        self.transcript.call("PUT", self.transcript.network(f"networks/{self.network}"), body, expect={200})

    def add_port(self) -> None:
        self.ports.append(self._make("ports", network_id=self.network))

    def remove_port(self) -> None:
        self.transcript.call("DELETE", self.transcript.network(f"ports/{self.ports.pop()}"), expect={204})

    def add_router(self) -> None:
        """Connect another router by a new port."""
        router, port = self._make("routers", name="second"), self._make("ports", network_id=self.network)
        self.routers.append((router, port))
        url = self.transcript.network(f"routers/{router}/add_router_interface")
        self.transcript.call("PUT", url, {"port_id": port}, expect={200})

    def remove_router(self) -> None:
        router, port = self.routers.pop()
        url = self.transcript.network(f"routers/{router}")
        self.transcript.call("PUT", f"{url}/remove_router_interface", {"port_id": port}, expect={200})
        self.transcript.call("DELETE", url, expect={204})

    def boot_auto(self) -> None:
        server = self._boot("auto")
        record = self.transcript.call("GET", f"{self.transcript.servers}/{server}/os-interface", expect={200})
        ids = [str(interface.get("net_id")) for interface in items_of(record, "interfaceAttachments") or []]
        if len(ids) != 1 or ids[0] in self.gone or self.network not in ("", ids[0]):
            raise ModelMismatch(f"the server is on networks {ids}, the topology's is {self.network or 'new'}")
        self.network = ids[0]

    def boot_none(self) -> None:
        self._boot("none")

    def delete_server(self) -> None:
        server, _ = self.booted.pop(0)
        self.transcript.call("DELETE", f"{self.transcript.servers}/{server}", expect={204})
        if not servers.await_gone(self.transcript.caller, [server], self.template.wait):
            raise Inconclusive(f"server {server} was not gone")

    def _boot(self, networks: str) -> str:
        call = self.template.call(self.transcript.caller, networks=networks)
        server = self.transcript.create(self.transcript.servers, call.body, expect={202})
        self.booted.append((server, networks == "auto"))
        servers.await_builds(self.transcript.caller, [server], self.template.wait)
        state = servers.status(servers.show(self.transcript.caller, server))
        if state == "BUILD":
            raise Inconclusive(f"server {server} was still BUILD")
        if state != "ACTIVE":
            raise ModelMismatch(f"the server became {state or 'lost'}")
        return server

    def _make(self, kind: str, **values: object) -> str:
        return self.transcript.create(self.transcript.network(kind), {kind.removesuffix("s"): values}, expect={201})


@dataclass(frozen=True)
class Step:
    """A step: what it does, when it is possible, and how often it is drawn in relation to others.

    Steps that end a use are drawn more often than those that begin one, and those that are slow on a cloud seldom.
    """

    action: Callable[[Walker], None]
    is_possible: Callable[[Walker], bool] = lambda _: True
    weight: int = 1


STEPS = {
    "get": Step(Walker.get, weight=3),
    "dry-run": Step(Walker.dry_run),
    "delete": Step(Walker.delete, weight=4),
    "rename": Step(Walker.rename, lambda walker: bool(walker.network), weight=3),
    "add-port": Step(Walker.add_port, lambda walker: bool(walker.network)),
    "remove-port": Step(Walker.remove_port, lambda walker: bool(walker.ports), weight=4),
    "add-router": Step(Walker.add_router, lambda walker: bool(walker.network) and not walker.routers),
    "remove-router": Step(Walker.remove_router, lambda walker: bool(walker.routers), weight=4),
    "boot-auto": Step(Walker.boot_auto),
    "boot-none": Step(Walker.boot_none),
    "delete-server": Step(Walker.delete_server, lambda walker: bool(walker.booted), weight=4),
}


def draw_steps(walker: Walker, seed: str) -> Iterator[str]:
    """The names of the steps of a walk, each drawn by the state after the one before; the same for the same seed."""
    generator = random.Random(seed)  # noqa: S311 - a choice that can be repeated, and no secret
    for _ in range(LENGTH):
        names = [name for name, step in STEPS.items() if step.is_possible(walker)]
        yield generator.choices(names, [STEPS[name].weight for name in names])[0]


def shrink(plan: Plan, fails: Callable[[Plan], bool], replays: int = REPLAYS) -> Plan:
    """A part of a failing plan that fails as well, as short as `replays` tries can find.

    Larger pieces are left out first, then smaller ones; late ones first, as they often are consequences only.
    """
    size = max(len(plan) // 2, 1)
    while replays and size:
        parts = [plan[:start] + plan[start + size :] for start in reversed(range(0, len(plan), size))]
        shorter = next((part for part in parts[:replays] if part and fails(part)), None)
        replays -= min(replays, len(parts))
        if shorter is None:
            size //= 2
        else:
            plan = shorter
            size = min(size, max(len(plan) // 2, 1))
    return plan
