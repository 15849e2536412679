"""What must hold of servers that were booted together: they are there at once, they run, and share one network."""

from collections import Counter
from collections.abc import Sequence

from conformance.race.boot import BATCH, CREATE, INTERFACES, LIST, SHOW, status
from conformance.race.history import Record
from conformance.race.holdings import Holdings, items_of
from conformance.race.invariants import the_id
from conformance.race.judge import Races


def _of(history: Sequence[Record], operation: str) -> list[Record]:
    return [record for record in history if record.operation == operation and not record.lost]


def the_request_is_accepted(history: Sequence[Record]) -> list[str]:
    """One request cannot get in its own way: it is never refused as ambiguous."""
    return [
        f"the request for {BATCH} servers was answered {record.status}"
        for record in _of(history, CREATE)
        if record.status != 202
    ]


def all_are_listed_at_once(history: Sequence[Record]) -> list[str]:
    listed = [len(items_of(record, "servers") or []) for record in _of(history, LIST)]
    return [f"{count} servers were listed after {BATCH} were accepted" for count in listed if count != BATCH]


def no_server_is_left(history: Sequence[Record]) -> list[str]:
    """By the last list of them."""
    left = [server for last in _of(history, LIST)[-1:] for server in items_of(last, "servers") or []]
    return [f"server {server.get('id')} is left" for server in left]


def none_fails(history: Sequence[Record]) -> list[str]:
    """No build ends in another state than ACTIVE."""
    states = {record.target: status(record) or f"lost: {record.status}" for record in _of(history, SHOW)}
    return [f"server {server} became {state}" for server, state in states.items() if state not in ("ACTIVE", "BUILD")]


def all_share_the_network(history: Sequence[Record]) -> list[str]:
    """Compared by id, for the networks that racers build all have one name."""
    breaches = []
    for record in _of(history, INTERFACES):
        found = [str(interface.get("net_id")) for interface in items_of(record, "interfaceAttachments") or []]
        if found != [the_id(history)]:
            breaches.append(f"server {record.target} is on networks {found}, the topology's is {the_id(history)}")
    return breaches


def one_port_for_each_server(history: Sequence[Record], left: Holdings) -> list[str]:
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
        f"{race}: server {server} was still {state or 'unknown'}"
        for race, records in races.items()
        for server, state in {record.target: status(record) for record in _of(records, SHOW)}.items()
        if state != "ACTIVE"
    ]
