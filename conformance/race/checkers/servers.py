"""What must hold of servers that were booted together: all are listed, run, and share one network."""

from collections import Counter
from collections.abc import Sequence

from conformance.race.checkers import topology as must
from conformance.race.checkers.judge import Races, StateRule
from conformance.race.checkers.topology import last_answered_id
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import ProjectState, items_of
from conformance.race.operations.servers import (
    AMBIGUOUS,
    BATCH,
    CREATE,
    DELETE,
    INTERFACES,
    LIST,
    SHOW,
    server_in,
    status,
)
from conformance.target.deletion import why_it_stays

ENDED = ("ACTIVE", "ERROR")  # the states of servers that are built, or failed


def _answered(history: Sequence[Record], operation: str) -> list[Record]:
    """The calls of that operation that were not lost."""
    return [record for record in history if record.operation == operation and not record.lost]


def _deleted(history: Sequence[Record]) -> set[str]:
    """The ids of the servers that were to be deleted."""
    return {record.target for record in history if record.operation == DELETE}


def _being_deleted(history: Sequence[Record]) -> set[str]:
    """The ids of the servers whose DELETE was accepted, and whose GET has not answered 404 since."""
    gone = {look.target for look in _answered(history, SHOW) if look.status == 404}
    return {record.target for record in _answered(history, DELETE) if record.ok} - gone


def _last_shown(history: Sequence[Record]) -> dict[str, Record]:
    """Server id -> its last answer to SHOW, without the servers that were to be deleted."""
    looks = {record.target: record for record in _answered(history, SHOW)}
    return {server: look for server, look in looks.items() if server not in _deleted(history)}


def the_request_is_accepted(history: Sequence[Record]) -> list[str]:
    """The servers of one request do not conflict: it is never refused as ambiguous."""
    return [
        f"the request for {BATCH} servers was answered {record.status}"
        for record in _answered(history, CREATE)
        if record.status != 202
    ]


def requests_are_accepted(history: Sequence[Record]) -> list[str]:
    """Every request is accepted: at once, or when it is retried after a 409 for ambiguous networks (C-CW-01)."""
    answers = [record.status for record in _answered(history, CREATE)]
    raced = sum(record.volley for record in _answered(history, CREATE))
    unexpected = {status for status in answers if status not in (202, AMBIGUOUS)}
    violations = sorted(f"a request was answered {status}" for status in unexpected)
    return violations or (
        [] if answers.count(202) == raced else [f"{answers.count(202)} of {raced} requests were accepted"]
    )


def boots_are_accepted_or_ambiguous(history: Sequence[Record]) -> list[str]:
    """A boot during a DELETE of the topology is accepted, or refused as ambiguous."""
    answers = {record.status for record in _answered(history, CREATE)}
    return [f"a request was answered {status}" for status in sorted(answers - {202, AMBIGUOUS, None}, key=str)]


def all_are_listed_at_once(history: Sequence[Record]) -> list[str]:
    listed = [len(items_of(record, "servers") or []) for record in _answered(history, LIST)]
    return [f"{count} servers were listed after {BATCH} were accepted" for count in listed if count != BATCH]


def all_accepted_are_listed(history: Sequence[Record]) -> list[str]:
    accepted = sum(record.status == 202 for record in _answered(history, CREATE))
    listed = [len(items_of(record, "servers") or []) for record in _answered(history, LIST)]
    return [f"{count} servers were listed after {accepted} were accepted" for count in listed if count != accepted]


def no_server_is_left(history: Sequence[Record]) -> list[str]:
    """No server is in the last list; one that is still being deleted is a doubt, see `not_gone`."""
    listed = [
        str(server.get("id")) for last in _answered(history, LIST)[-1:] for server in items_of(last, "servers") or []
    ]
    return [f"server {server} is left" for server in listed if server not in _being_deleted(history)]


def nothing_is_left(history: Sequence[Record], final_state: ProjectState) -> list[str]:
    """Once all servers are gone, the project is empty. Until then their ports are in use, and what these need."""
    return [] if _being_deleted(history) else must.nothing_is_left(history, final_state)


def none_fails(history: Sequence[Record]) -> list[str]:
    """No build fails: servers are ACTIVE, or still BUILD; those that were to be deleted do not count."""
    states = {server: status(look) or f"lost: {look.status}" for server, look in _last_shown(history).items()}
    return [f"server {server} became {state}" for server, state in states.items() if state not in ("ACTIVE", "BUILD")]


def builds_end_in_active_or_show_a_fault(history: Sequence[Record]) -> list[str]:
    """Each build ends in ACTIVE, or in ERROR with a fault (C-FAULT-002)."""
    violations = []
    for server, look in _last_shown(history).items():
        state = status(look) or f"lost: {look.status}"
        if state == "ERROR" and not isinstance(server_in(look).get("fault"), dict):
            violations.append(f"server {server} is in ERROR and does not say why")
        elif state not in ("ACTIVE", "ERROR", "BUILD"):
            violations.append(f"server {server} became {state}")
    return violations


def running_servers_are_on_a_network_that_is_there(history: Sequence[Record], final_state: ProjectState) -> list[str]:
    running = {server for server, look in _last_shown(history).items() if status(look) == "ACTIVE"}
    networks = {network["id"] for network in final_state.networks}
    attached = {record.target: set(_network_ids(record)) for record in _answered(history, INTERFACES)}
    return [
        f"server {server} runs on networks {sorted(attached[server])}, the project's are {sorted(networks)}"
        for server in sorted(running & attached.keys())
        if not attached[server] or attached[server] - networks
    ]


def _network_ids(record: Record) -> list[str]:
    """The networks of the interfaces that an answer lists."""
    return [str(interface.get("net_id")) for interface in items_of(record, "interfaceAttachments") or []]


def deletes_of_servers_end_well(history: Sequence[Record]) -> list[str]:
    """A DELETE is answered 204, also for a server that is being built, or 404 for one that is gone."""
    return [
        f"a DELETE of server {record.target} was answered {record.status}"
        for record in _answered(history, DELETE)
        if record.status not in (204, 404)
    ]


def deleted_servers_go(history: Sequence[Record]) -> list[str]:
    """After its DELETE was accepted a server is shown as one that is being deleted, until it is answered 404."""
    deleted: dict[str, float] = {}
    for record in _answered(history, DELETE):
        if record.ok:
            deleted[record.target] = min(record.ended, deleted.get(record.target, record.ended))
    stay = {
        look.target: why_it_stays(look.status, look.answer)
        for look in _answered(history, SHOW)
        if look.invoked > deleted.get(look.target, float("inf"))
    }
    return [f"server {server} is deleted, and {why}" for server, why in sorted(stay.items()) if why]


def gone_is_gone(history: Sequence[Record]) -> list[str]:
    """A server that was answered 404 is in no later answer (C-CW-10)."""
    violations = set()
    for missing in _answered(history, SHOW):
        for record in history if missing.status == 404 else ():
            if record.invoked > missing.ended and missing.target in _servers_in(record):
                violations.add(f"server {missing.target} came back")
    return sorted(violations)


def _servers_in(record: Record) -> set[str]:
    """The ids of the servers that an answer to SHOW or LIST shows."""
    if record.operation == SHOW and record.ok:
        return {record.target}
    listed = items_of(record, "servers") if record.operation == LIST else None
    return {str(server.get("id")) for server in listed or []}


def no_port_of_what_is_gone(history: Sequence[Record], final_state: ProjectState) -> list[str]:
    """A deleted server that is answered 404 has no port any more (C-CW-11)."""
    gone = {record.target for record in _answered(history, SHOW) if record.status == 404}
    ports = [port for port in final_state.ports if port.get("device_id") in gone]
    return [f"server {port['device_id']} is gone, and its port {port['id']} is left" for port in ports]


def all_share_the_network(history: Sequence[Record]) -> list[str]:
    """All servers are on the topology's network, compared by id, as names are alike. One being built may be on none."""
    unfinished = {target for target, look in _last_shown(history).items() if status(look) not in ENDED}
    unfinished |= {record.target for record in _answered(history, INTERFACES)} - _last_shown(history).keys()
    violations = []
    for record in _answered(history, INTERFACES):
        networks = _network_ids(record)
        if not networks and record.target in unfinished:
            continue
        if networks != [last_answered_id(history)]:
            violations.append(
                f"server {record.target} is on networks {networks}, the topology's is {last_answered_id(history)}"
            )
    return violations


def one_port_for_each_server(history: Sequence[Record], final_state: ProjectState) -> list[str]:
    servers = sorted(record.target for record in _answered(history, INTERFACES))
    ports = [port for port in final_state.ports if str(port.get("device_owner")).startswith("compute:")]
    devices = sorted(str(port.get("device_id")) for port in ports)
    uses = Counter(address["ip_address"] for port in ports for address in port.get("fixed_ips", []))
    return [
        *([f"the servers' ports are for {devices}, the servers are {servers}"] if devices != servers else []),
        *(f"port {port['id']} has no address" for port in ports if not port.get("fixed_ips")),
        *(f"address {address} was given {times} times" for address, times in uses.items() if times > 1),
    ]


def still_building(races: Races) -> list[str]:
    """Servers whose build did not end in time."""
    return [
        f"{race}: server {server} was still {status(look) or 'unknown'}"
        for race, records in races.items()
        for server, look in _last_shown(records).items()
        if status(look) not in ENDED
    ]


def still_there(races: Races) -> list[str]:
    """Doubts: a server that was to be deleted was not gone in time, or there was no server to delete."""
    if not any(map(_deleted, races.values())):
        return ["no server was there to be deleted"]
    return [
        f"{race}: server {server} was not gone"
        for race, records in races.items()
        for server in sorted(_deleted(records))
        if not any(look.status == 404 for look in _answered(records, SHOW) if look.target == server)
    ]


def not_gone(races: Races) -> list[str]:
    """Servers whose DELETE was accepted, and that were not gone in time."""
    return [
        f"{race}: server {server} was not gone"
        for race, records in races.items()
        for server in sorted(_being_deleted(records))
    ]


def once_built(rule: StateRule) -> StateRule:
    """The rule, applied only if all builds have ended: before that they may change the project (`still_building`)."""

    def applied(history: Sequence[Record], final_state: ProjectState) -> list[str]:
        return rule(history, final_state) if not still_building({"": history}) else []

    return applied


BUILT = tuple(
    once_built(rule)
    for rule in (
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
)
