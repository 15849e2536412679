"""Random walks through the life of one project's topology, each step held against a model of it.

A walk is a list of names of steps, drawn by a seed from those that make sense where it stands. One that makes none any
more is left out, so that any part of a walk is a walk: when one fails, a shorter part that still fails is looked for.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from conformance.race.operations import servers
from conformance.race.operations.project_state import Item, items_of, owner
from conformance.race.operations.servers import Template
from conformance.race.scenarios.transcript import ModelMismatch, Transcript
from conformance.verdict.signals import Inconclusive

LENGTH = 12  # of one walk
REPLAYS = 40  # of parts of a walk that failed, at most, to find a shorter one

Plan = tuple[str, ...]


@dataclass
class Walker:
    """Where a walk stands: what the project has by the model, and all that was asked on the way."""

    transcript: Transcript
    template: Template
    network: str = ""  # of the topology; empty while there is none
    gone: set[str] = field(default_factory=set)  # ids that a topology had
    ports: list[str] = field(default_factory=list)
    routers: list[tuple[str, str]] = field(default_factory=list)  # with the port by which each is on the network
    booted: list[tuple[str, bool]] = field(default_factory=list)  # servers, and whether they have an interface

    @property
    def in_use(self) -> bool:
        """Whether something of the user's is on the network."""
        return bool(self.ports or self.routers or any(attached for _, attached in self.booted))

    def try_step(self, step: str) -> None:
        """One step, if it makes sense here, then a look at what there is. Raises Wrong."""
        way = STEPS[step]
        if way.ready(self):
            way.go(self)
            self._look()

    def _look(self) -> None:
        listed = self.transcript.call("GET", self.transcript.network("networks"))
        own = [each for each in items_of(listed, "networks") or [] if owner(each) == self.transcript.caller.project]
        found = sorted((str(each["id"]), each.get("admin_state_up") is True) for each in own)
        if found != ([(self.network, True)] if self.network else []):
            raise ModelMismatch(f"the project's networks are {found}, the topology's is {self.network or 'not there'}")

    def get(self) -> None:
        record = self.transcript.call("GET", self.transcript.topology, expect={200})
        answered = _inner(record.answer, "auto_allocated_topology").get("id")
        if not answered or answered in self.gone or self.network not in ("", answered):
            raise ModelMismatch(f"GET answered {answered}, the topology is {self.network or 'new'}")
        self.network = str(answered)
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
        """A second one, by a port of its own."""
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
        on = [str(each.get("net_id")) for each in items_of(record, "interfaceAttachments") or []]
        if len(on) != 1 or on[0] in self.gone or self.network not in ("", on[0]):
            raise ModelMismatch(f"the server is on networks {on}, the topology's is {self.network or 'new'}")
        self.network = on[0]

    def boot_none(self) -> None:
        self._boot("none")

    def delete_server(self) -> None:
        server, _ = self.booted.pop(0)
        self.transcript.call("DELETE", f"{self.transcript.servers}/{server}", expect={204})
        if not servers.await_gone(self.transcript.caller, [server], self.template.seconds):
            raise Inconclusive(f"server {server} was not gone")

    def _boot(self, networks: str) -> str:
        call = self.template.call(self.transcript.caller, networks=networks)
        server = self.transcript.create(self.transcript.servers, call.body, expect={202})
        self.booted.append((server, networks == "auto"))
        servers.await_builds(self.transcript.caller, [server], self.template.seconds)
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
    """A step: what it does, when it makes sense, how often it is drawn beside others.

    What ends a use is drawn more often than what begins one, and what costs a cloud much seldom.
    """

    go: Callable[[Walker], None]
    ready: Callable[[Walker], bool] = lambda _: True
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
    """The steps of a walk, each drawn where the one before it has led; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a choice that can be repeated, and no secret
    for _ in range(LENGTH):
        names = [name for name, way in STEPS.items() if way.ready(walker)]
        yield chance.choices(names, [STEPS[name].weight for name in names])[0]


def shrink(plan: Plan, fails: Callable[[Plan], bool], replays: int = REPLAYS) -> Plan:
    """A part of a plan that fails from which nothing can be left out; the best found in so many tries.

    Larger pieces are left out first, then smaller ones.
    """
    size = max(len(plan) // 2, 1)
    while replays and size:
        shorter = next((part for part in _without(plan, size)[:replays] if _tried(part, fails)), None)
        replays -= min(replays, len(_without(plan, size)))
        if shorter is None:
            size //= 2
        else:
            plan = shorter
            size = min(size, max(len(plan) // 2, 1))
    return plan


def _tried(part: Plan, fails: Callable[[Plan], bool]) -> bool:
    return bool(part) and fails(part)


def _without(plan: Plan, size: int) -> list[Plan]:
    """The plan without each of its pieces of that size, the last one first, for what comes late often only follows."""
    starts: Sequence[int] = range(0, len(plan), size)
    return [plan[:start] + plan[start + size :] for start in reversed(starts)]


def _inner(answer: object, name: str) -> Item:
    inner = answer.get(name) if isinstance(answer, dict) else None
    return inner if isinstance(inner, dict) else {}
