"""Faults in how servers and flavors are shown and listed, and in what is told of their actions."""

from __future__ import annotations

import time
from typing import Any

from reference.compute import builder, timestamps, views
from reference.compute.errors import fault
from reference.compute.handlers.actions import Actions
from reference.compute.handlers.flavors import Flavors
from reference.compute.handlers.servers import Servers
from reference.compute.handlers.services import Services
from reference.compute.microversion import version_of
from reference.compute.network_client import Networks
from reference.faults.catalogue import defect
from reference.faults.seam import A_WHILE, Change, answering, around
from reference.wsgi.routes import Answer, Call


def _shown(spoil: Any) -> None:
    """Let `spoil(sight, shown)` work on a server that is shown."""

    def render(right: Any, sight: Any) -> Any:
        shown = right(sight)
        spoil(sight, shown)
        return shown

    around(views, "render", render)


@defect("C-SRV-003")
def later_fields_at_every_version() -> None:
    """A server shows locked, which came with 2.9, at 2.1 too."""
    _shown(lambda _sight, shown: shown.setdefault("locked", False))


@defect("C-SRV-003")
def descriptions_are_forgotten() -> None:
    """A server lacks its description."""
    _shown(lambda _sight, shown: shown.pop("description", None))


@defect("C-SRV-003")
def flavors_are_named_for_ever() -> None:
    """A server names its flavor by id, at 2.47 and later too."""
    _shown(lambda sight, shown: shown.update(flavor={"id": sight.row.flavor_id, "links": []}))


@defect("C-SRV-003")
def times_have_fractions() -> None:
    """A server was created at a fraction of a second."""
    _shown(lambda sight, shown: shown.update(created=timestamps.long(sight.row.created_at)))


@defect("C-SRV-018")
def hosts_are_named() -> None:
    """The hostId of a server is the name of its host."""
    _shown(lambda sight, shown: shown.update(hostId=sight.row.host or ""))


def _addressed(change: Any) -> None:
    def addresses(right: Any, self: Any, server: Any, *, extended: bool) -> Any:
        return change(right, self, server, extended)

    around(views.Attachments, "addresses", addresses)


@defect("C-SRV-004", row="DEF-C-084")
def networks_need_a_name() -> None:
    """The addresses on a network without a name are not shown."""
    _addressed(
        lambda right, self, server, extended: {
            name: held for name, held in right(self, server, extended=extended).items() if name
        }
    )


@defect("C-SRV-004", "C-SRV-003")
def addresses_lack_their_mac() -> None:
    """The addresses of a server are shown without type and MAC."""
    _addressed(lambda right, self, server, _extended: right(self, server, extended=False))


@defect("C-SRV-009")
def addresses_say_more_when_listed() -> None:
    """The addresses of a server are listed with type and MAC."""
    _addressed(lambda right, self, server, _extended: right(self, server, extended=True))


@defect("C-SRV-009")
def other_networks_have_no_addresses() -> None:
    """A network that the server is not on has no addresses, instead of not being found."""

    def addresses_on(right: Any, self: Servers, call: Call) -> Answer:
        shown: Any = self.addresses(call).body
        held = shown["addresses"]
        return right(self, call) if call.params["network"] in held else Answer({call.params["network"]: []})

    around(Servers, "addresses_on", addresses_on)


@defect("C-SRV-005")
def addresses_are_shown_while_building() -> None:
    """A server shows the addresses of its ports while it is built, on a cloud that takes its time."""

    def attachments(_right: Any, networks: Networks, rows: Any) -> Any:
        ports: dict[str, list[Any]] = {}
        for port in networks.ports_of([row.id for row in rows]):
            ports.setdefault(port["device_id"], []).append(port)
        return views.Attachments(ports, {}, {})

    def finish(right: Any, *arguments: Any) -> Any:
        time.sleep(A_WHILE * 4)
        return right(*arguments)

    around(views, "attachments", attachments)
    around(builder, "_finish", finish)


def _listed(change: Change) -> None:
    answering(Servers, "index", change)


def _body(answer: Answer, **values: Any) -> Answer:
    body: Any = answer.body
    return Answer({**body, **values}, answer.status, answer.headers)


@defect("C-SRV-007")
def lists_tell_states() -> None:
    """The list of servers tells their status, too."""
    _listed(lambda _c, answer: _body(answer, servers=[{**each, "status": "BUILD"} for each in _servers(answer)]))


def _servers(answer: Answer) -> list[Any]:
    body: Any = answer.body
    return list(body["servers"])


@defect("C-SRV-007")
def pages_end_without_a_word() -> None:
    """A list that a limit cut does not say that there is more."""
    _listed(lambda _call, answer: Answer({"servers": _servers(answer)}))


@defect("C-SRV-007")
def detailed_pages_end_without_a_word() -> None:
    """A detailed list that a limit cut does not say that there is more."""
    answering(Servers, "detail", lambda _call, answer: Answer({"servers": _servers(answer)}))


@defect("C-SRV-008")
def names_have_to_be_whole() -> None:
    """The filter name finds servers of exactly that name."""

    def change(call: Call, answer: Answer) -> Answer:
        asked = call.query("name")
        return _body(answer, servers=[each for each in _servers(answer) if not asked or each["name"] in asked])

    _listed(change)


@defect("C-SRV-008", row="DEF-C-015")
def deleted_is_an_unknown_parameter() -> None:
    """From 2.75 on deleted is refused where an ordinary user says it."""

    def change(call: Call, answer: Answer) -> Answer:
        if call.query("deleted") and version_of(call) >= (2, 75) and not call.caller.is_admin:
            raise fault(400, "'deleted' does not match any of the regexes: '^_'")
        return answer

    answering(Servers, "detail", change)


@defect("C-FAULT-004")
def actions_have_ids_of_their_own() -> None:
    """An action is told under another id than that of the request."""

    def change(_call: Call, answer: Answer) -> Answer:
        body: Any = answer.body
        other = "req-00000000-0000-4000-8000-000000000000"
        return Answer({"instanceActions": [{**each, "request_id": other} for each in body["instanceActions"]]})

    answering(Actions, "index", change)


@defect("C-FAULT-004")
def events_are_for_admins() -> None:
    """The events of an action are not told to the owner."""

    def change(_call: Call, answer: Answer) -> Answer:
        body: Any = answer.body
        return Answer({"instanceAction": {k: v for k, v in body["instanceAction"].items() if k != "events"}})

    answering(Actions, "show", change)


@defect("C-SVC-001")
def everyone_sees_services() -> None:
    """Services are listed for anyone."""

    def index(right: Any, self: Services, call: Call) -> Answer:
        return right(self, call) if call.caller.is_admin else Answer({"services": []})

    around(Services, "index", index)


@defect("C-SVC-003b")
def flavors_are_found_by_name() -> None:
    """A flavor is shown by its name, too."""

    def show(right: Any, self: Flavors, call: Call) -> Answer:
        known: Any = self.detail(call).body
        named = [each for each in known["flavors"] if each["name"] == call.params["flavor"]]
        return Answer({"flavor": named[0]}) if named else right(self, call)

    around(Flavors, "show", show)


@defect("C-SVC-003")
def flavors_lack_their_disk() -> None:
    """Flavors are shown without their disk."""

    def view(right: Any, *arguments: Any) -> Any:
        return {name: value for name, value in right(*arguments).items() if name != "disk"}

    around(Flavors, "_view", view)


@defect("C-ERR-032")
def servers_need_a_uuid() -> None:
    """A server that is named by a word is a bad request, instead of not being found."""

    def show(right: Any, self: Servers, call: Call) -> Answer:
        if len(call.params["server"]) != 36:
            raise fault(400, "not a UUID")
        return right(self, call)  # type: ignore[no-any-return]

    around(Servers, "show", show)


@defect("C-BUILD-005")
def faults_do_not_say_aborted() -> None:
    """The fault of a server whose network could not be had does not say that the build was aborted."""
    _fault_says("aborted", "went wrong")


@defect("C-BUILD-006")
def faults_do_not_tell_of_retries() -> None:
    """The fault of a server that was tried several times does not say so."""
    _fault_says("retr", "tr")


def _fault_says(words: str, instead: str) -> None:
    def spoil(_sight: Any, shown: Any) -> None:
        if "fault" in shown:
            shown["fault"]["message"] = shown["fault"]["message"].replace(words, instead)

    _shown(spoil)
