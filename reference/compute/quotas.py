"""Quotas of projects: unlimited unless an operator sets a limit (C-ERR-021, C-ERR-022, C-MULTI-006, C-CW-09).

A request under a limit locks the project's limits while it counts and adds, so that racing requests cannot exceed them.
A limit that is lowered later has its effect when a server is about to be built (`exceeded`).
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.compute.errors import fault
from reference.compute.tables import keypairs, quotas, servers
from reference.store.plans import locking

UNLIMITED = -1
COUNTED = ("cores", "instances", "ram")  # the resources that servers use
RESOURCES = (
    *COUNTED,
    "fixed_ips",
    "floating_ips",
    "injected_file_content_bytes",
    "injected_file_path_bytes",
    "injected_files",
    "key_pairs",
    "metadata_items",
    "security_group_rules",
    "security_groups",
    "server_group_members",
    "server_groups",
)

Amounts = dict[str, int]
_PROJECT: sa.BindParameter[str] = sa.bindparam("project")
_LIMITS = sa.select(quotas).where(quotas.c.project_id == _PROJECT)
_CORES, _RAM = (sa.func.coalesce(sa.func.sum(servers.c.flavor[name].as_integer()), 0) for name in ("vcpus", "ram"))
_USED = sa.select(sa.func.count(), _CORES, _RAM).where(servers.c.project_id == _PROJECT)


def limits(tx: Connection, project: str, *, lock: bool = False) -> Amounts:
    """The project's limit of each resource; with `lock`, those that are set are locked until the transaction ends."""
    rows = tx.execute(locking(_LIMITS) if lock else _LIMITS, {"project": project})
    return dict.fromkeys(RESOURCES, UNLIMITED) | {row.resource: row.most for row in rows}


def used(tx: Connection, project: str) -> Amounts:
    """The amounts of COUNTED that the project's servers use; RAM in MiB."""
    instances, cores_used, ram_used = tx.execute(_USED, {"project": project}).one()
    return {"cores": int(cores_used), "instances": instances, "ram": int(ram_used)}


def room(tx: Connection, project: str, flavor: Any, least: int, most: int) -> int:
    """How many of `most` servers of the flavor the quota admits. Raises Problem: 403 for less than `least`."""
    limit = limits(tx, project, lock=True)
    amounts = {"cores": flavor.vcpus, "instances": 1, "ram": flavor.ram}
    free = {name: limit[name] for name in COUNTED if limit[name] != UNLIMITED}
    if not free:
        return most
    in_use = used(tx, project)
    free = {name: amount - in_use[name] for name, amount in free.items()}
    granted: int = min([most, *(amount // amounts[name] for name, amount in free.items() if amounts[name])])
    if granted >= least:
        return granted
    requested = {name: str(amounts[name] * most) for name in amounts}
    requested["instances"] = str(most) if least == most else f"{least}-{most}"
    raise fault(403, _sentence([name for name in free if amounts[name] * most > free[name]], requested, in_use, limit))


def exceeded(tx: Connection, project: str, flavor: Mapping[str, int]) -> str | None:
    """The resources over their limit, in a sentence for the fault of a server of that flavor; or None (C-FAULT-003)."""
    limit = limits(tx, project)
    if all(limit[name] == UNLIMITED for name in COUNTED):
        return None
    in_use = used(tx, project)
    excess = [name for name in COUNTED if UNLIMITED != limit[name] < in_use[name]]
    requested = {"cores": str(flavor["vcpus"]), "instances": "1", "ram": str(flavor["ram"])}
    return _sentence(excess, requested, in_use, limit) if excess else None


def require(tx: Connection, project: str, amounts: Amounts) -> None:
    """Refuse amounts in one request that exceed their limits. Raises Problem (403)."""
    limit = limits(tx, project)
    for name, count in amounts.items():
        if UNLIMITED != limit[name] < count:
            raise fault(403, f"Quota exceeded for {name}: {count} are more than the {limit[name]} allowed")


def require_key_room(tx: Connection, project: str, user: str) -> None:
    """Refuse one more key pair beyond the limit, which is locked. Raises Problem (403)."""
    number = tx.execute(sa.select(sa.func.count()).where(keypairs.c.user_id == user)).scalar_one()
    if UNLIMITED != limits(tx, project, lock=True)["key_pairs"] <= number:
        raise fault(403, "Quota exceeded, too many key pairs.")


def change(tx: Connection, project: str, amounts: Amounts, *, force: bool) -> None:
    """Set limits, below the present use only with `force`. Raises Problem (400)."""
    in_use = used(tx, project)
    for name, most in amounts.items():
        if not force and UNLIMITED != most < in_use.get(name, 0):
            least = f"must be greater than or equal to already used and reserved {in_use[name]}."
            raise fault(400, f"Quota limit {most} for {name} {least}")
        condition = sa.and_(quotas.c.project_id == project, quotas.c.resource == name)
        if not tx.execute(quotas.update().where(condition).values(most=most)).rowcount:
            tx.execute(quotas.insert().values(project_id=project, resource=name, most=most))


def reset(tx: Connection, project: str) -> None:
    """Delete the limits that an operator has set for the project."""
    tx.execute(quotas.delete().where(quotas.c.project_id == project))


def _sentence(excess: list[str], requested: Mapping[str, str], in_use: Amounts, limit: Amounts) -> str:
    """The sentence about the resources in `excess`: how much of each was requested, is in use, and is the limit."""

    def joined(values: Mapping[str, object]) -> str:
        return ", ".join(str(values[name]) for name in excess)

    names = ", ".join(excess)
    amounts = f"Requested {joined(requested)}, but already used {joined(in_use)} of {joined(limit)}"
    return f"Quota exceeded for {names}: {amounts} {names}"
