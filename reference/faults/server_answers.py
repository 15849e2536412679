"""Faults in how servers are answered, listed and deleted."""

from __future__ import annotations

from typing import Any

from reference.compute import allocation, views
from reference.compute.errors import fault
from reference.compute.handlers import create, interfaces
from reference.compute.handlers.servers import Servers
from reference.compute.network_client import Networks
from reference.faults.catalogue import defect
from reference.faults.seam import answering, around, nothing, replace
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call


def _described(**values: Any) -> None:
    """Let the 202 describe the server with those values, without those that are `nothing`."""

    def change(_call: Call, answer: Answer) -> Answer:
        body: Any = answer.body
        if "server" not in body:
            return answer
        shown = {**body["server"], **values}
        return Answer({"server": {k: v for k, v in shown.items() if v is not nothing}}, answer.status, answer.headers)

    answering(create.Create, "create", change)


@defect("C-SRV-001", row="DEF-C-017")
def accepted_is_200() -> None:
    """A server that is accepted is answered with 200."""
    answering(create.Create, "create", lambda _call, answer: Answer(answer.body, 200, answer.headers))


@defect("C-SRV-002", row="DEF-C-017")
def the_answer_is_a_list() -> None:
    """The 202 lists the servers of the request."""
    answering(
        create.Create,
        "create",
        lambda _call, answer: Answer({"servers": [dict(answer.body).get("server")]}, 202, answer.headers),  # type: ignore[call-overload]
    )


@defect("C-SRV-002")
def no_links_are_told() -> None:
    """The 202 lacks links."""
    _described(links=nothing)


@defect("C-SRV-002", row="DEF-C-097")
def the_answer_says_more() -> None:
    """The 202 tells the server's status, too."""
    _described(status="BUILD")


@defect("C-SRV-002")
def no_groups_are_told() -> None:
    """The 202 does not name security groups."""
    _described(security_groups=nothing)


@defect("C-SRV-006")
def groups_without_a_port() -> None:
    """A server without a port shows the security group default."""
    around(views, "render", lambda right, sight: {"security_groups": [{"name": "default"}], **right(sight)})


@defect("C-SRV-009", row="DEF-C-080")
def no_addresses_are_404() -> None:
    """The addresses of a server without a port answer 404."""

    def change(_call: Call, answer: Answer) -> Answer:
        body: Any = answer.body
        if not body["addresses"]:
            raise fault(404, "no addresses")
        return answer

    answering(Servers, "addresses", change)


@defect("C-SRV-010")
def interfaces_lack_their_state() -> None:
    """The interfaces of a server are listed without port_state."""
    _interface(lambda shown: shown.pop("port_state"))


@defect("C-SRV-010")
def interfaces_say_more() -> None:
    """The interfaces of a server have a key that no version knows."""
    _interface(lambda shown: shown.update(name="eth0"))


def _interface(spoil: Any) -> None:
    def view(right: Any, *arguments: Any) -> Any:
        shown = right(*arguments)
        spoil(shown)
        return shown

    around(interfaces, "_view", view)


@defect("C-BUILD-002", row="DEF-C-081")
def interfaces_are_listed_twice() -> None:
    """The addresses of a server are shown twice."""

    def addresses(right: Any, self: Any, server: Any, *, extended: bool) -> Any:
        return {name: held * 2 for name, held in right(self, server, extended=extended).items()}

    around(views.Attachments, "addresses", addresses)


@defect("C-SRV-014")
def delete_is_accepted() -> None:
    """DELETE of a server answers 202."""
    answering(Servers, "delete", lambda _call, _answer: Answer(status=202))


@defect("C-SRV-014")
def delete_of_nothing_is_204() -> None:
    """DELETE of a server that is gone answers 204."""

    def delete(right: Any, self: Servers, call: Call) -> Answer:
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem:
            return Answer(status=204)

    around(Servers, "delete", delete)


@defect("C-SRV-015", row="DEF-C-060")
def ports_outlive_their_server() -> None:
    """The ports of a deleted server remain."""
    replace(allocation, "release", nothing)


@defect("C-SRV-016", row="DEF-C-085")
def the_users_port_goes_too() -> None:
    """Deleting a server deletes the port its user brought."""
    replace(allocation, "supplied", lambda _server: set())


@defect("C-SRV-016", row="DEF-C-086")
def the_users_port_stays_bound() -> None:
    """Deleting a server leaves the port its user brought bound to it."""
    replace(Networks, "update_port", _bound(Networks.update_port))


def _bound(right: Any) -> Any:
    def update(self: Networks, port: str, values: Any) -> Any:
        return self.port(port) if values == allocation.UNBOUND else right(self, port, values)

    return update


@defect("C-SRV-016", "C-SRV-017", row="DEF-C-088")
def the_last_server_takes_the_topology_along() -> None:
    """Deleting the project's last server deletes its topology."""

    def release(right: Any, networks: Networks, server: Any) -> None:
        right(networks, server)
        if not networks._list("ports", {"tenant_id": server.project_id, "device_owner": allocation.OWNER}):
            networks._ask("DELETE", f"auto-allocated-topology/{server.project_id}")

    around(allocation, "release", release)


@defect("C-SRV-016", row="DEF-C-086")
def the_users_port_keeps_its_owner() -> None:
    """Deleting a server leaves the port its user brought with a device_owner."""
    replace(allocation, "UNBOUND", {"device_id": ""})


@defect("C-SRV-009", "C-BUILD-003", row="DEF-C-080")
def no_addresses_are_null() -> None:
    """The addresses of a server without a port are null."""

    def change(_call: Call, answer: Answer) -> Answer:
        body: Any = answer.body
        return Answer({"addresses": body["addresses"] or None})

    answering(Servers, "addresses", change)


@defect("C-SRV-010", "C-BUILD-002")
def interfaces_lack_their_addresses() -> None:
    """The interfaces of a server are listed without fixed_ips."""
    _interface(lambda shown: shown.pop("fixed_ips"))
