"""Filters of a list of ports that need other tables than that of ports: by addresses, and by security groups."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from reference.network.rest.errors import error
from reference.network.tables import addresses, port_groups, ports
from reference.wsgi.context import Caller

# name in `fixed_ips=name=value` -> the condition of its values
_OF_ADDRESSES: Mapping[str, Callable[[list[str]], sa.ColumnElement[bool]]] = {
    "ip_address": addresses.c.ip_address.in_,
    "subnet_id": addresses.c.subnet_id.in_,
    "ip_address_substr": lambda texts: sa.or_(
        *(addresses.c.ip_address.contains(text, autoescape=True) for text in texts)
    ),
}


def by_address(_caller: Caller, values: list[str]) -> sa.ColumnElement[bool]:
    """The condition of `fixed_ips=ip_address=A` and the like; several of a kind are alternatives, other names ignored.

    Raises Problem: 400 for anything that is no name and value (N-PORT-005).
    """
    texts_by_name: dict[str, list[str]] = {name: [] for name in _OF_ADDRESSES}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals:
            raise error("InvalidInput", text=f"'{value}' is not of the form <key>=[value]")
        texts_by_name.get(name, []).append(text)
    conditions = [_OF_ADDRESSES[name](texts) for name, texts in texts_by_name.items() if texts]
    return ports.c.id.in_(sa.select(addresses.c.port_id).where(*conditions)) if conditions else sa.true()


def by_group(_caller: Caller, values: list[str]) -> sa.ColumnElement[bool]:
    """The condition of ports with one of the security groups."""
    return ports.c.id.in_(sa.select(port_groups.c.port_id).where(port_groups.c.group_id.in_(values)))
