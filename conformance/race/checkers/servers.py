"""What must hold of servers that were booted together: they are there at once, they run, and share one network."""

from collections import Counter
from collections.abc import Sequence

from conformance.race.checkers import topology as must
from conformance.race.checkers.judge import Races
from conformance.race.checkers.topology import last_answered_id
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import ProjectState, items_of
from conformance.race.operations.servers import AMBIGUOUS, BATCH, CREATE, DELETE, INTERFACES, LIST, SHOW, shown, status


def _of(history: Sequence[Record], operation: str) -> list[Record]:
    return [record for record in history if record.operation == operation and not record.lost]


def _deleted(history: Sequence[Record]) -> set[str]:
    """The servers that somebody asked to be deleted."""
    return {record.target for record in history if record.operation == DELETE}


def _being_deleted(history: Sequence[Record]) -> set[str]:
    """The servers whose DELETE was accepted, and that were never told to be gone."""
    gone = {look.target for look in _of(history, SHOW) if look.status == 404}
    return {record.target for record in _of(history, DELETE) if record.ok} - gone


def _last_shown(history: Sequence[Record]) -> dict[str, Record]:
    """The last answer to SHOW of every server but the dismissed."""
    looks = {record.target: record for record in _of(history, SHOW)}
    return {server: look for server, look in looks.items() if server not in _deleted(history)}


def the_request_is_accepted(history: Sequence[Record]) -> list[str]:
    """One request cannot get in its own way: it is never refused as ambiguous."""
    return [
        f"the request for {BATCH} servers was answered {record.status}"
        for record in _of(history, CREATE)
        if record.status != 202
    ]


def requests_are_accepted(history: Sequence[Record]) -> list[str]:
    """At once or, where one was found ambiguous, when it is sent again (C-CW-01)."""
    answers = [record.status for record in _of(history, CREATE)]
    raced = sum(record.volley for record in _of(history, CREATE))
    odd = sorted({f"a request was answered {each}" for each in answers if each not in (202, AMBIGUOUS)})
    return odd or ([] if answers.count(202) == raced else [f"{answers.count(202)} of {raced} requests were accepted"])


def boots_are_told(history: Sequence[Record]) -> list[str]:
    """A boot that meets a DELETE of the topology is accepted, or found ambiguous."""
    answers = {record.status for record in _of(history, CREATE)}
    return [f"a request was answered {each}" for each in sorted(answers - {202, AMBIGUOUS, None}, key=str)]


def all_are_listed_at_once(history: Sequence[Record]) -> list[str]:
    listed = [len(items_of(record, "servers") or []) for record in _of(history, LIST)]
    return [f"{count} servers were listed after {BATCH} were accepted" for count in listed if count != BATCH]


def all_accepted_are_listed(history: Sequence[Record]) -> list[str]:
    accepted = sum(record.status == 202 for record in _of(history, CREATE))
    listed = [len(items_of(record, "servers") or []) for record in _of(history, LIST)]
    return [f"{count} servers were listed after {accepted} were accepted" for count in listed if count != accepted]


def no_server_is_left(history: Sequence[Record]) -> list[str]:
    """By the last list of them; those still on their way are in doubt (`not_gone`)."""
    listed = [str(server.get("id")) for last in _of(history, LIST)[-1:] for server in items_of(last, "servers") or []]
    going = _being_deleted(history)
    return [f"server {server} is left" for server in listed if server not in going]


def nothing_is_left(history: Sequence[Record], left: ProjectState) -> list[str]:
    """Where all servers have gone: one that has not keeps its ports, and they all that is under them."""
    return [] if _being_deleted(history) else must.nothing_is_left(history, left)


def none_fails(history: Sequence[Record]) -> list[str]:
    """No build ends in another state than ACTIVE, but for servers that were to be deleted."""
    states = {server: status(look) or f"lost: {look.status}" for server, look in _last_shown(history).items()}
    return [f"server {server} became {state}" for server, state in states.items() if state not in ("ACTIVE", "BUILD")]


def builds_end_well_or_tell_why(history: Sequence[Record]) -> list[str]:
    """In ACTIVE, or in ERROR with a fault (C-FAULT-002)."""
    violations = []
    for server, look in _last_shown(history).items():
        state = status(look) or f"lost: {look.status}"
        if state == "ERROR" and not isinstance(shown(look).get("fault"), dict):
            violations.append(f"server {server} is in ERROR and does not say why")
        elif state not in ("ACTIVE", "ERROR", "BUILD"):
            violations.append(f"server {server} became {state}")
    return violations


def running_servers_are_on_a_network_that_is_there(history: Sequence[Record], left: ProjectState) -> list[str]:
    running = {server for server, look in _last_shown(history).items() if status(look) == "ACTIVE"}
    networks = {network["id"] for network in left.networks}
    found = {
        record.target: {str(each.get("net_id")) for each in items_of(record, "interfaceAttachments") or []}
        for record in _of(history, INTERFACES)
    }
    return [
        f"server {server} runs on networks {sorted(found[server])}, the project's are {sorted(networks)}"
        for server in sorted(running & found.keys())
        if not found[server] or found[server] - networks
    ]


def deletes_of_servers_end_well(history: Sequence[Record]) -> list[str]:
    """Accepted, also of a server that is being built, or told that it is gone already."""
    odd = [record for record in _of(history, DELETE) if record.status not in (204, 404)]
    return [f"a DELETE of server {record.target} was answered {record.status}" for record in odd]


def gone_is_gone(history: Sequence[Record]) -> list[str]:
    """A server that was not to be found is never seen again (C-CW-10)."""
    violations = set()
    for missed in _of(history, SHOW):
        for later in history if missed.status == 404 else ():
            if later.invoked > missed.ended and missed.target in _seen(later):
                violations.add(f"server {missed.target} came back")
    return sorted(violations)


def _seen(record: Record) -> set[str]:
    """The servers that an answer shows."""
    if record.operation == SHOW:
        return {record.target} if record.ok else set()
    return (
        {str(server.get("id")) for server in items_of(record, "servers") or []} if record.operation == LIST else set()
    )


def no_port_of_what_is_gone(history: Sequence[Record], left: ProjectState) -> list[str]:
    """When a deleted server is not to be found any more, neither is a port of it (C-CW-11)."""
    gone = {record.target for record in _of(history, SHOW) if record.status == 404}
    ports = [port for port in left.ports if port.get("device_id") in gone]
    return [f"server {port['device_id']} is gone, and its port {port['id']} is left" for port in ports]


def all_share_the_network(history: Sequence[Record]) -> list[str]:
    """Compared by id, for the networks that racers build all have one name."""
    violations = []
    for record in _of(history, INTERFACES):
        found = [str(interface.get("net_id")) for interface in items_of(record, "interfaceAttachments") or []]
        if found != [last_answered_id(history)]:
            violations.append(
                f"server {record.target} is on networks {found}, the topology's is {last_answered_id(history)}"
            )
    return violations


def one_port_for_each_server(history: Sequence[Record], left: ProjectState) -> list[str]:
    servers = sorted(record.target for record in _of(history, INTERFACES))
    ports = [port for port in left.ports if str(port.get("device_owner")).startswith("compute:")]
    devices = sorted(str(port.get("device_id")) for port in ports)
    given = Counter(address["ip_address"] for port in ports for address in port.get("fixed_ips", []))
    return [
        *([f"the servers' ports are for {devices}, the servers are {servers}"] if devices != servers else []),
        *(f"port {port['id']} has no address" for port in ports if not port.get("fixed_ips")),
        *(f"address {address} was given {times} times" for address, times in given.items() if times > 1),
    ]


def still_building(races: Races) -> list[str]:
    """Servers whose build had not ended when the wait for it had."""
    return [
        f"{race}: server {server} was still {status(look) or 'unknown'}"
        for race, records in races.items()
        for server, look in _last_shown(records).items()
        if status(look) not in ("ACTIVE", "ERROR")
    ]


def still_there(races: Races) -> list[str]:
    """Servers that were to be deleted, and were still there when the wait for that was over; or there were none."""
    if not any(map(_deleted, races.values())):
        return ["no server was there to be deleted"]
    return [
        f"{race}: server {server} was not gone"
        for race, records in races.items()
        for server in sorted(_deleted(records))
        if not any(look.status == 404 for look in _of(records, SHOW) if look.target == server)
    ]


def not_gone(races: Races) -> list[str]:
    """Servers whose end was accepted, and had not come when the wait for it was over."""
    return [
        f"{race}: server {server} was not gone"
        for race, records in races.items()
        for server in sorted(_being_deleted(records))
    ]


BUILT = (
    must.one_network_is_up,
    must.no_other_network,
    must.one_router,
    must.routers_lead_out,
    must.one_subnet_for_each_default_pool,
    must.no_other_subnet,
    must.one_interface_for_each_subnet,
    must.no_other_port,
    one_port_for_each_server,
)
