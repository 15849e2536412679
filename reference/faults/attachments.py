"""Faults in how interfaces are given to a running server and taken away."""

from __future__ import annotations

from typing import Any

from reference.compute.errors import fault
from reference.compute.handlers import interfaces
from reference.compute.handlers.interfaces import Interfaces
from reference.compute.network_client import Networks
from reference.faults.catalogue import defect
from reference.faults.seam import answering, around, crash, nothing, replace
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call


def _where(instead: Any) -> None:
    """Let `instead(right, networks, project)` say on which network an interface is that nobody said it for."""
    around(interfaces, "_only_network", instead)


@defect("C-SRV-012")
def the_first_network_is_taken() -> None:
    """Where several networks are to choose from an interface is on the first."""

    def where(right: Any, networks: Networks, project: str) -> Any:
        found = networks.available(project, only_up=False)
        return str(found[0]["id"]) if found else right(networks, project)

    _where(where)


@defect("C-SRV-012")
def an_unclear_network_is_a_conflict() -> None:
    """Where several networks are to choose from an interface is refused with 409, as a server is."""

    def where(right: Any, networks: Networks, project: str) -> Any:
        if len(networks.available(project, only_up=False)) > 1:
            raise fault(409, "Multiple possible networks found, use a Network ID to be more specific.")
        return right(networks, project)

    _where(where)


@defect("C-SRV-012", row="DEF-C-091")
def no_network_is_a_crash() -> None:
    """Where there is no network to take the request for an interface ends in a 500."""

    def where(right: Any, networks: Networks, project: str) -> Any:
        return right(networks, project) if networks.available(project, only_up=False) else crash()

    _where(where)


@defect("C-SRV-011")
def interfaces_are_accepted() -> None:
    """An interface that is given is answered with 202."""
    answering(Interfaces, "attach", lambda _call, answer: Answer(answer.body, 202))


@defect("C-SRV-011", "C-SRV-010")
def interfaces_are_given_by_word_alone() -> None:
    """An interface that is given is not the server's afterwards."""

    def attach(right: Any, self: Interfaces, call: Call) -> Answer:
        answer: Answer = right(self, call)
        body: Any = answer.body
        self.service.networks(call).update_port(body["interfaceAttachment"]["port_id"], {"device_id": ""})
        return answer

    around(Interfaces, "attach", attach)


@defect("C-SRV-013")
def used_ports_are_bad_requests() -> None:
    """A port in use is refused with 400 where an interface is asked for."""

    def attach(right: Any, self: Interfaces, call: Call) -> Answer:
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem as refused:
            raise fault(400, refused.message) if "in use" in refused.message else refused from None

    around(Interfaces, "attach", attach)


@defect("C-SRV-013")
def a_network_and_a_port_are_one_too_many() -> None:
    """Of a network and a port that an interface names the port counts."""
    replace(interfaces, "_require_sense", nothing)


@defect("C-SRV-013")
def interfaces_go_with_204() -> None:
    """That an interface is taken away is answered with 204."""
    answering(Interfaces, "detach", lambda _call, _answer: Answer(status=204))


@defect("C-SRV-013", live="nova-2025.2")
def unknown_networks_are_a_crash() -> None:
    """An interface on a network that does not exist is answered with 500."""

    def usable(right: Any, call: Call, networks: Networks, network: str, *more: Any) -> Any:
        return right(call, networks, network, *more) if networks.networks([network]) else crash()

    around(interfaces, "_usable", usable)
