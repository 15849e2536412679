"""The requests that add prefixes to a subnet pool, or remove prefixes that no subnet uses (N-SP-038, 039)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.network.ipam import free_blocks
from reference.network.resources import subnetpools
from reference.network.rest import validators
from reference.network.rest.address_checks import cidr
from reference.network.rest.errors import bad_request, error
from reference.network.rest.openapi import envelope
from reference.network.rest.requests import parse, require
from reference.network.rest.resource import Values, checked
from reference.network.rest.rows import change, fetch
from reference.network.rest.validators import schema_of
from reference.store import Store
from reference.wsgi.routes import Answer, Call, Operation, Route

_PREFIXES = validators.list_of(cidr)
_ACTION = Operation(errors=(400, 403, 404, 409), body=envelope("prefixes", schema_of(_PREFIXES)))
Action = Callable[[Connection, Row[Any], list[str]], list[str]]  # (tx, pool, requested prefixes) -> new ones


class PoolPrefixes:
    """Handlers of both requests."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def routes(self) -> list[Route]:
        path = f"{subnetpools.RESOURCE.path}/{{item}}"
        return [
            Route("PUT", f"{path}/add_prefixes", lambda call: self._act(call, prefixes_with), _ACTION),
            Route("PUT", f"{path}/remove_prefixes", lambda call: self._act(call, prefixes_without), _ACTION),
        ]

    def _act(self, call: Call, action: Action) -> Answer:
        """The pool's prefixes after the action. Raises Problem: 400, 403, 404."""
        body = parse(call)

        def act(tx: Connection) -> list[str]:
            row = fetch(tx, subnetpools.RESOURCE, call.caller, call.params["item"], hold=True)
            require(subnetpools.RESOURCE, call.caller, "update", row)
            prefixes = action(tx, row, _requested(body))
            change(tx, subnetpools.RESOURCE.table, row.id, {"prefixes": prefixes})
            return prefixes

        return Answer({"prefixes": self.store.write(act)})


def _requested(body: Values) -> list[str]:
    """The prefixes in the body. Raises Problem (400)."""
    value = body.get("prefixes")
    if not value or not isinstance(value, list):
        raise bad_request("Request body contains invalid data")
    prefixes: list[str] = checked("prefixes", _PREFIXES, value)
    return prefixes


def prefixes_with(tx: Connection, row: Row[Any], prefixes: list[str]) -> list[str]:
    """The pool's prefixes and these, whose addresses are now free. Raises Problem: 400 for prefixes that it cannot
    have, such as those of another IP version.
    """
    return subnetpools.grown(tx, row, [*row.prefixes, *prefixes])


def prefixes_without(tx: Connection, row: Row[Any], prefixes: list[str]) -> list[str]:
    """The pool's prefixes without these; prefixes that the pool does not have are ignored. Raises Problem: 400 where a
    subnet uses one of them.
    """
    blocks: list[Any] = free_blocks.compact(row.prefixes)
    same_version = [prefix for prefix in prefixes if (":" in prefix) == (row.ip_version == 6)]
    removed: list[Any] = free_blocks.compact(same_version)
    overlapping = [(prefix, block) for prefix in removed for block in blocks if prefix.overlaps(block)]
    parts = [min(pair, key=lambda prefix: prefix.num_addresses) for pair in overlapping]  # the larger contains it
    if not all(free_blocks.allocate_exactly(tx, row, part) for part in parts):
        raise error("IllegalSubnetPoolPrefixUpdate", text="one of the prefixes to be removed is in use by a subnet")
    return [str(block) for block in free_blocks.compact(str(block) for block in free_blocks.without(blocks, parts))]
