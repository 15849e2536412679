"""Faults in how servers are answered, listed and deleted."""

import time
from collections.abc import Callable
from typing import Any

from reference.catalogue import Plant
from reference.compute import allocation, builder, locks, timestamps, views
from reference.compute.errors import fault as compute_error
from reference.compute.handlers import create, interfaces
from reference.compute.handlers.servers import Servers
from reference.compute.microversion import version_of
from reference.compute.network_client import Networks
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import (
    A_WHILE,
    Wrapper,
    answering,
    around,
    body_of,
    changed,
    forgiving,
    lacking,
    nothing,
    replaced,
    without,
    wrap,
)
from reference.wsgi.routes import Answer, Call


def _with(answer: Answer, **values: Any) -> Answer:
    body = body_of(answer)
    return Answer({**body, **values}, answer.status, answer.headers)


def _accepted(**values: Any) -> Plant:
    """Let the 202 describe the server with those values, and without the keys whose value is `nothing`."""

    def change(_call: Call, answer: Answer) -> Answer:
        body = body_of(answer)
        if "server" not in body:
            return answer
        server = {**body["server"], **values}
        return _with(answer, server={key: value for key, value in server.items() if value is not nothing})

    return answering(create.Create, "create")(change)


def _shown(change: Callable[[Any, Any], object]) -> Plant:
    """Let `change(server, row)` work on a server that is shown."""

    def render(right: Wrapper, sight: Any) -> Any:
        server = right(sight)
        change(server, sight.row)
        return server

    return around(views, "render")(render)


def _addresses(*, extended: bool) -> Plant:
    """Show addresses with type and MAC, or without, regardless of the request."""
    return around(views.Attachments, "addresses")(
        lambda right, self, server, **_extended: right(self, server, extended=extended)
    )


def _servers(answer: Answer) -> list[Any]:
    body = body_of(answer)
    return list(body["servers"])


def _refuse_without_addresses(_call: Call, answer: Answer) -> Answer:
    if not body_of(answer)["addresses"]:
        raise compute_error(404, "no addresses")
    return answer


def _unlinked(_call: Call, answer: Answer) -> Answer:
    return Answer({"servers": _servers(answer)})


table(
    entry("accepted-is-200", "C-SRV-001", row="DEF-C-017")(
        "A server that is accepted is answered with 200.",
        answering(create.Create, "create")(lambda _call, answer: Answer(answer.body, 200, answer.headers)),
    ),
    entry("the-answer-is-a-list", "C-SRV-002", row="DEF-C-017")(
        "The 202 lists the servers of the request.",
        answering(create.Create, "create")(
            lambda _call, answer: Answer({"servers": [body_of(answer).get("server")]}, 202, answer.headers)
        ),
    ),
    entry("no-links-are-told", "C-SRV-002")("The 202 lacks links.", _accepted(links=nothing)),
    entry("the-answer-says-more", "C-SRV-002", row="DEF-C-097")(
        "The 202 also shows the server's status.", _accepted(status="BUILD")
    ),
    entry("no-groups-are-told", "C-SRV-002")(
        "The 202 does not name security groups.", _accepted(security_groups=nothing)
    ),
    entry("groups-without-a-port", "C-SRV-006")(
        "A server without a port shows the security group default.",
        changed(views, "render", lambda server: {"security_groups": [{"name": "default"}], **server}),
    ),
    entry("no-addresses-are-404", "C-SRV-009", row="DEF-C-080")(
        "The addresses of a server without a port answer 404.",
        answering(Servers, "addresses")(_refuse_without_addresses),
    ),
    entry("interfaces-lack-their-state", "C-SRV-010")(
        "The interfaces of a server are listed without port_state.", lacking(interfaces, "view", "port_state")
    ),
    entry("interfaces-say-more", "C-SRV-010")(
        "The interfaces of a server have a key that no version knows.",
        changed(interfaces, "view", lambda interface: {**interface, "name": "eth0"}),
    ),
    entry("interfaces-are-listed-twice", "C-BUILD-002", row="DEF-C-081")(
        "The addresses of a server are shown twice.",
        changed(views.Attachments, "addresses", lambda networks: {name: items * 2 for name, items in networks.items()}),
    ),
    entry("delete-is-accepted", "C-SRV-014")(
        "DELETE of a server answers 202.", answering(Servers, "delete")(lambda _call, _answer: Answer(status=202))
    ),
    entry("delete-of-nothing-is-204", "C-SRV-014")(
        "DELETE of a server that is gone answers 204.", forgiving(Servers, "delete", Answer(status=204))
    ),
    entry("ports-outlive-their-server", "C-SRV-015", row="DEF-C-060")(
        "The ports of a deleted server remain.", without(allocation, "release")
    ),
    entry("the-users-port-goes-too", "C-SRV-016", row="DEF-C-085")(
        "Deleting a server deletes the port its user brought.", replaced(allocation, "supplied", lambda _server: set())
    ),
    entry("the-users-port-stays-bound", "C-SRV-016", row="DEF-C-086")(
        "Deleting a server leaves the port its user brought bound to it.",
        around(Networks, "update_port")(
            lambda right, self, port, values: (
                self.port(port) if values == allocation.UNBOUND else right(self, port, values)
            )
        ),
    ),
    entry("the-users-port-keeps-its-owner", "C-SRV-016", row="DEF-C-086")(
        "Deleting a server leaves the port its user brought with a device_owner.",
        replaced(allocation, "UNBOUND", {"device_id": ""}),
    ),
    entry("no-addresses-are-null", "C-SRV-009", "C-BUILD-003", row="DEF-C-080")(
        "The addresses of a server without a port are null.",
        answering(Servers, "addresses")(
            lambda _call, answer: Answer({"addresses": body_of(answer)["addresses"] or None})
        ),
    ),
    entry("interfaces-lack-their-addresses", "C-SRV-010", "C-BUILD-002")(
        "The interfaces of a server are listed without fixed_ips.", lacking(interfaces, "view", "fixed_ips")
    ),
    entry("later-fields-at-every-version", "C-SRV-003")(
        "A server shows locked, which came with 2.9, at 2.1 too.",
        _shown(lambda server, _row: server.setdefault("locked", False)),
    ),
    entry("descriptions-are-forgotten", "C-SRV-003")(
        "A server lacks its description.", lacking(views, "render", "description")
    ),
    entry("flavors-are-named-for-ever", "C-SRV-003")(
        "A server names its flavor by id, at 2.47 and later too.",
        _shown(lambda server, row: server.update(flavor={"id": row.flavor_id, "links": []})),
    ),
    entry("times-have-fractions", "C-SRV-003")(
        "A server's time of creation has a fraction of a second.",
        _shown(lambda server, row: server.update(created=timestamps.long(row.created_at))),
    ),
    entry("hosts-are-named", "C-SRV-018")(
        "The hostId of a server is the name of its host.",
        _shown(lambda server, row: server.update(hostId=row.host or "")),
    ),
    entry("networks-need-a-name", "C-SRV-004", row="DEF-C-084")(
        "The addresses on a network without a name are not shown.",
        changed(
            views.Attachments, "addresses", lambda networks: {name: items for name, items in networks.items() if name}
        ),
    ),
    entry("addresses-lack-their-mac", "C-SRV-004", "C-SRV-003")(
        "The addresses of a server are shown without type and MAC.", _addresses(extended=False)
    ),
    entry("addresses-say-more-when-listed", "C-SRV-009")(
        "The addresses of a server are listed with type and MAC.", _addresses(extended=True)
    ),
    entry("lists-tell-states", "C-SRV-007")(
        "The list of servers also shows their status.",
        answering(Servers, "index")(
            lambda _call, answer: _with(answer, servers=[{**server, "status": "BUILD"} for server in _servers(answer)])
        ),
    ),
    entry("pages-end-without-a-word", "C-SRV-007")(
        "A list with a limit has no link to the next page.", answering(Servers, "index")(_unlinked)
    ),
    entry("detailed-pages-end-without-a-word", "C-SRV-007")(
        "A detailed list with a limit has no link to the next page.", answering(Servers, "detail")(_unlinked)
    ),
    entry("locks-keep-nobody-out", "C-SRV-014")("A locked server can be deleted.", without(locks, "require_open")),
)


@fault("C-SRV-016", "C-SRV-017", at=around(allocation, "release"), row="DEF-C-088")
def the_last_server_takes_the_topology_along(right: Wrapper, networks: Networks, server: Any) -> None:
    """Deleting the project's last server deletes its topology."""
    right(networks, server)
    if not networks.list_items("ports", {"tenant_id": server.project_id, "device_owner": allocation.OWNER}):
        networks.ask("DELETE", f"auto-allocated-topology/{server.project_id}")


@fault("C-SRV-009", at=around(Servers, "addresses_on"))
def other_networks_have_no_addresses(right: Wrapper, self: Servers, call: Call) -> Answer:
    """The addresses on a network that the server is not on answer an empty list instead of 404."""
    addresses = body_of(self.addresses(call))["addresses"]
    return right(self, call) if call.params["network"] in addresses else Answer({call.params["network"]: []})


@fault("C-SRV-005")
def addresses_are_shown_while_building() -> None:
    """A server shows the addresses of its ports while it is built, on a cloud that builds slowly."""

    def attachments(_right: Wrapper, networks: Networks, rows: Any) -> Any:
        ports: dict[str, list[Any]] = {}
        for port in networks.ports_of([row.id for row in rows]):
            ports.setdefault(port["device_id"], []).append(port)
        return views.Attachments(ports, {}, {}, {})

    def finish(right: Wrapper, *arguments: Any) -> Any:
        time.sleep(A_WHILE * 4)
        return right(*arguments)

    wrap(views, "attachments", attachments)
    wrap(builder, "finish", finish)


@fault("C-SRV-008", at=answering(Servers, "index"))
def names_have_to_be_whole(call: Call, answer: Answer) -> Answer:
    """The filter name finds servers of exactly that name."""
    names = call.query("name")
    return _with(answer, servers=[server for server in _servers(answer) if not names or server["name"] in names])


@fault("C-SRV-008", at=answering(Servers, "detail"), row="DEF-C-015")
def deleted_is_an_unknown_parameter(call: Call, answer: Answer) -> Answer:
    """From 2.75 on, a list with the parameter `deleted` is refused to ordinary users."""
    if call.query("deleted") and version_of(call) >= (2, 75) and not call.caller.is_admin:
        raise compute_error(400, "'deleted' does not match any of the regexes: '^_'")
    return answer


@fault("C-ERR-032", at=around(Servers, "show"))
def servers_need_a_uuid(right: Wrapper, self: Servers, call: Call) -> Answer:
    """A name in place of a server's id answers 400 instead of 404."""
    if len(call.params["server"]) != 36:
        raise compute_error(400, "not a UUID")
    return right(self, call)  # type: ignore[no-any-return]
