"""Many topologies in the database of a reference, each of a project of its own: one is built, the others are copies.

The ids, prefixes, addresses and MAC addresses of a copy are allocated as the reference does it, but in bulk: 50,000
topologies take a minute, and do not differ from topologies that were built one by one.
"""

import ipaddress
import random
import secrets
import uuid
from collections.abc import Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.network import topology
from reference.network.ipam import addressing, free_blocks
from reference.network.tables import METADATA, addresses, ports, subnetpools, subnets, topologies
from reference.store import Store
from reference.store.ids import new_id
from reference.wsgi.context import Caller

AT_ONCE = 2000  # copies in one INSERT
Row = dict[str, Any]


def fill(store: Store, number: int) -> list[str]:
    """Add `number` topologies to the database, and return the ids of their projects. Raises Problem where the first
    cannot be built; StopIteration where there is no space for the others.
    """
    return store.write(lambda tx: _fill(tx, number)) if number > 0 else []


def _fill(tx: Connection, number: int) -> list[str]:
    caller = Caller("bench", uuid.uuid4().hex, frozenset({"member", "reader"}), "")
    topology.build(tx, caller, caller.project_id)
    model = _rows_of(tx, caller.project_id)
    own_subnets = {row["id"]: row for row in model[subnets]}
    free_prefixes = {item: _prefixes(tx, row, number - 1) for item, row in own_subnets.items()}
    external = [row for row in model[addresses] if row["subnet_id"] not in own_subnets]
    free_addresses = {row["ip_address"]: _addresses(tx, row["subnet_id"], number - 1) for row in external}
    projects = [caller.project_id]
    while len(projects) < number:
        rows_by_table: dict[sa.Table, list[Row]] = {table: [] for table in model}
        for _ in range(min(AT_ONCE, number - len(projects))):
            projects.append(uuid.uuid4().hex)
            replacements = {
                caller.project_id: projects[-1],
                **{row["id"]: new_id() for rows in model.values() for row in rows if "id" in row},
                **{row["mac_address"]: f"02:{secrets.token_bytes(5).hex(':')}" for row in model[ports]},
                **{address: next(free) for address, free in free_addresses.items()},
            }
            for item, row in own_subnets.items():
                prefix = next(free_prefixes[item])
                replacements |= {row["cidr"]: str(prefix), row["gateway_ip"]: addressing.default_gateway(prefix)}
            for table, rows in model.items():
                rows_by_table[table] += [
                    {name: _replaced(replacements, value) for name, value in row.items()} for row in rows
                ]
            for row in rows_by_table[subnets][-len(own_subnets) :]:
                row["allocation_pools"] = addressing.default_pools(ipaddress.ip_network(row["cidr"]), row["gateway_ip"])
        for table, rows in rows_by_table.items():
            tx.execute(table.insert(), rows)
    return projects


def _replaced(replacements: dict[str, Any], value: Any) -> Any:
    return replacements.get(value, value) if isinstance(value, str) else value


def _rows_of(tx: Connection, project: str) -> dict[sa.Table, list[Row]]:
    """The rows of the project's topology, by table, in the order of their foreign keys."""
    router = sa.select(topologies.c.router_id).where(topologies.c.project_id == project).scalar_subquery()
    conditions: dict[sa.Table, Any] = {
        ports: ports.c.device_id == router,
        addresses: addresses.c.port_id.in_(sa.select(ports.c.id).where(ports.c.device_id == router)),
    }
    rows_by_table = {
        table: [dict(row) for row in tx.execute(sa.select(table).where(condition)).mappings()]
        for table in METADATA.sorted_tables
        if (condition := conditions.get(table, table.c.get("project_id") == project)) is not None
    }
    return {table: rows for table, rows in rows_by_table.items() if rows}


def _prefixes(tx: Connection, subnet: Row, number: int) -> Iterator[Any]:
    """`number` prefixes of the subnet's length from its pool, in as few blocks as possible."""
    pool = tx.execute(sa.select(subnetpools).where(subnetpools.c.id == subnet["subnetpool_id"])).one()
    length = ipaddress.ip_network(subnet["cidr"]).prefixlen
    sizes = [bit for bit in range(number.bit_length()) if number >> bit & 1]
    blocks: list[Any] = [free_blocks.allocate(tx, pool, length - bit) for bit in reversed(sizes)]
    return (prefix for block in blocks if block for prefix in block.subnets(new_prefix=length))


def _addresses(tx: Connection, subnet: str, number: int) -> Iterator[str]:
    """`number` free addresses of the subnet, in random order."""
    row = tx.execute(sa.select(subnets).where(subnets.c.id == subnet)).one()
    used = set(tx.execute(sa.select(addresses.c.ip_address).where(addresses.c.subnet_id == subnet)).scalars())
    pool = max(row.allocation_pools, key=lambda candidate: int(ipaddress.ip_address(candidate["end"])))
    first, last = (ipaddress.ip_address(pool[end]) for end in ("start", "end"))
    size = min(int(last) - int(first) + 1, 1 << 17)
    order = random.sample(range(size), size)
    free = (address for offset in order if (address := str(first + offset)) not in used)
    return islice(free, number)
