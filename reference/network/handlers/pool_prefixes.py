"""A pool's prefixes, some more or some less: subnets keep what they have, all else is free or gone (N-SP-038, 039)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.network.ipam import free_blocks
from reference.network.resources import subnetpools
from reference.network.rest import validators
from reference.network.rest.errors import bad_request, error
from reference.network.rest.openapi import envelope
from reference.network.rest.requests import parse, require
from reference.network.rest.rows import change, fetch
from reference.network.rest.validators import schema_of
from reference.store import Store
from reference.wsgi.routes import Answer, Call, Operation, Route

_PREFIXES = validators.list_of(validators.cidr)
_ACTION = Operation(errors=(400, 403, 404, 409), body=envelope("prefixes", schema_of(_PREFIXES)))
Work = Callable[[Connection, Row[Any], list[str]], list[str]]


class PoolPrefixes:
    """The two actions on a pool."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def routes(self) -> list[Route]:
        path = f"{subnetpools.RESOURCE.path}/{{item}}"
        return [
            Route("PUT", f"{path}/add_prefixes", lambda call: self._act(call, _added), _ACTION),
            Route("PUT", f"{path}/remove_prefixes", lambda call: self._act(call, _removed), _ACTION),
        ]

    def _act(self, call: Call, work: Work) -> Answer:
        given = _named(call)

        def act(tx: Connection) -> list[str]:
            row = fetch(tx, subnetpools.RESOURCE, call.caller, call.params["item"], hold=True)
            require(subnetpools.RESOURCE, call.caller, "update", row)
            left = work(tx, row, given)
            change(tx, subnetpools.RESOURCE.table, row.id, {"prefixes": left})
            return left

        return Answer({"prefixes": self.store.write(act)})


def _named(call: Call) -> list[str]:
    given = parse(call).get("prefixes")
    if not given or not isinstance(given, list):
        raise bad_request("Request body contains invalid data")
    try:
        named: list[str] = _PREFIXES(given)
    except ValueError as wrong:
        raise bad_request(f"Invalid input for prefixes. Reason: {wrong}") from None
    return named


def _added(tx: Connection, row: Row[Any], given: list[str]) -> list[str]:
    return subnetpools.grown(tx, row, [*row.prefixes, *given])


def _removed(tx: Connection, row: Row[Any], given: list[str]) -> list[str]:
    """What is left; of what goes, no subnet may have a part. Prefixes the pool has not are no matter."""
    old: list[Any] = free_blocks.compact(row.prefixes)
    same_version = [prefix for prefix in given if (":" in prefix) == (row.ip_version == 6)]
    going = [part for asked in free_blocks.compact(same_version) for block in old for part in _common(asked, block)]
    if not all(free_blocks.allocate_exactly(tx, row, part) for part in going):
        raise error("IllegalSubnetPoolPrefixUpdate", text="one of the prefixes to be removed is in use by a subnet")
    return [str(block) for block in free_blocks.compact(str(block) for block in free_blocks.without(old, going))]


def _common(one: Any, two: Any) -> list[Any]:
    """The part two prefixes have in common: the smaller one, if any."""
    return [min(one, two, key=lambda prefix: prefix.num_addresses)] if one.overlaps(two) else []
