"""Faults in resources beside servers: interfaces that they are given, flavors, services and actions."""

from typing import Any

from reference.compute.errors import fault as compute_error
from reference.compute.handlers import interfaces
from reference.compute.handlers.actions import Actions
from reference.compute.handlers.flavors import Flavors
from reference.compute.handlers.interfaces import Interfaces
from reference.compute.handlers.services import Services
from reference.compute.network_client import Networks
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import Wrapper, answering, around, body_of, crash, lacking, refusing, without, without_keys
from reference.wsgi.routes import Answer, Call

table(
    entry("no-network-is-a-crash", "C-SRV-012", row="DEF-C-091")(
        "Without a network to choose, a request for an interface ends in a 500.",
        around(interfaces, "only_network")(
            lambda right, networks, project: (
                right(networks, project) if networks.available(project, only_up=False) else crash()
            )
        ),
    ),
    entry("interfaces-are-accepted", "C-SRV-011")(
        "An interface that is given is answered with 202.",
        answering(Interfaces, "attach")(lambda _call, answer: Answer(answer.body, 202)),
    ),
    entry("used-ports-are-bad-requests", "C-SRV-013")(
        "A port in use is refused with 400 where an interface is asked for.",
        refusing(Interfaces, "attach")(
            lambda problem: compute_error(400, problem.message) if "in use" in problem.message else problem
        ),
    ),
    entry("a-network-and-a-port-are-one-too-many", "C-SRV-013")(
        "If an interface's request names a network and a port, the port counts.", without(interfaces, "require_sense")
    ),
    entry("interfaces-go-with-204", "C-SRV-013")(
        "The removal of an interface is answered with 204.",
        answering(Interfaces, "detach")(lambda _call, _answer: Answer(status=204)),
    ),
    entry("everyone-sees-services", "C-SVC-001")(
        "Services are listed for anyone.",
        around(Services, "index")(
            lambda right, self, call: right(self, call) if call.caller.is_admin else Answer({"services": []})
        ),
    ),
    entry("flavors-lack-their-disk", "C-SVC-003")(
        "Flavors are shown without their disk.", lacking(Flavors, "view", "disk")
    ),
)


@fault("C-SRV-012", at=around(interfaces, "only_network"))
def the_first_network_is_taken(right: Wrapper, networks: Networks, project: str) -> Any:
    """If there are several networks, a new interface is on the first."""
    available = networks.available(project, only_up=False)
    return str(available[0]["id"]) if available else right(networks, project)


@fault("C-SRV-012", at=around(interfaces, "only_network"))
def an_unclear_network_is_a_conflict(right: Wrapper, networks: Networks, project: str) -> Any:
    """If there are several networks, a new interface is refused with 409, as a server is."""
    if len(networks.available(project, only_up=False)) > 1:
        raise compute_error(409, "Multiple possible networks found, use a Network ID to be more specific.")
    return right(networks, project)


@fault("C-SRV-011", "C-SRV-010", at=around(Interfaces, "attach"))
def interfaces_are_given_by_word_alone(right: Wrapper, self: Interfaces, call: Call) -> Answer:
    """A new interface does not belong to the server afterwards."""
    answer: Answer = right(self, call)
    body = body_of(answer)
    self.service.networks(call).update_port(body["interfaceAttachment"]["port_id"], {"device_id": ""})
    return answer


@fault("C-SRV-013", at=around(interfaces, "usable_network"), live=("nova-2025.2", "nova-2026.2"))
def unknown_networks_are_a_crash(right: Wrapper, call: Call, networks: Networks, network: str) -> str:
    """An interface on a network that does not exist is answered with 500."""
    return str(right(call, networks, network) if networks.networks([network]) else crash())


@fault("C-FAULT-004", at=answering(Actions, "index"))
def actions_have_ids_of_their_own(_call: Call, answer: Answer) -> Answer:
    """An action is shown under another id than that of the request."""
    body = body_of(answer)
    other = "req-00000000-0000-4000-8000-000000000000"
    return Answer({"instanceActions": [{**action, "request_id": other} for action in body["instanceActions"]]})


@fault("C-FAULT-004", at=answering(Actions, "show"))
def events_are_for_admins(_call: Call, answer: Answer) -> Answer:
    """The events of an action are not shown to the owner."""
    body = body_of(answer)
    return Answer({"instanceAction": without_keys(body["instanceAction"], "events")})


@fault("C-SVC-003b", at=around(Flavors, "show"))
def flavors_are_found_by_name(right: Wrapper, self: Flavors, call: Call) -> Answer:
    """A flavor is shown by its name, too."""
    named = [one for one in body_of(self.detail(call))["flavors"] if one["name"] == call.params["flavor"]]
    return Answer({"flavor": named[0]}) if named else right(self, call)
