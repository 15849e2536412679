"""How much a project may have: no limit but what an operator set (C-ERR-021, C-ERR-022, C-MULTI-006, C-CW-09).

Who boots under a limit holds the project's limits for as long as it counts and adds, so that of racing requests none
goes past them. A limit that is lowered later shows when a server is about to be built (`exceeded`).
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.compute.errors import fault
from reference.compute.tables import keypairs, quotas, servers

UNLIMITED = -1
COUNTED = ("cores", "instances", "ram")  # what servers use up
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


def limits(tx: Connection, project: str, *, lock: bool = False) -> Amounts:
    """The project's limits; with `lock` those an operator set stay as they are until the transaction ends."""
    mine = sa.select(quotas).where(quotas.c.project_id == project)
    rows = tx.execute(mine.with_for_update() if lock else mine)
    return dict.fromkeys(RESOURCES, UNLIMITED) | {row.resource: row.most for row in rows}


def used(tx: Connection, project: str) -> Amounts:
    cores, ram = (sa.func.coalesce(sa.func.sum(servers.c.flavor[name].as_integer()), 0) for name in ("vcpus", "ram"))
    mine = sa.select(sa.func.count(), cores, ram).where(servers.c.project_id == project)
    instances, cores_used, ram_used = tx.execute(mine).one()
    return {"cores": int(cores_used), "instances": instances, "ram": int(ram_used)}


def room(tx: Connection, project: str, flavor: Any, least: int, most: int) -> int:
    """How many of `most` servers of the flavor there is room for. Errors: 403 if that is less than `least`."""
    limit = limits(tx, project, lock=True)
    each = {"cores": flavor.vcpus, "instances": 1, "ram": flavor.ram}
    free = {name: limit[name] for name in COUNTED if limit[name] != UNLIMITED}
    if not free:
        return most
    held = used(tx, project)
    free = {name: left - held[name] for name, left in free.items()}
    granted: int = min([most, *(left // each[name] for name, left in free.items() if each[name])])
    if granted >= least:
        return granted
    asked = {name: str(each[name] * most) for name in each}
    asked["instances"] = str(most) if least == most else f"{least}-{most}"
    raise fault(403, _sentence([name for name in free if each[name] * most > free[name]], asked, held, limit))


def exceeded(tx: Connection, project: str, flavor: Mapping[str, int]) -> str | None:
    """What is over its limit by now, in a sentence for the fault of a server of that flavor (C-FAULT-003)."""
    limit = limits(tx, project)
    if all(limit[name] == UNLIMITED for name in COUNTED):
        return None
    held = used(tx, project)
    over = [name for name in COUNTED if UNLIMITED != limit[name] < held[name]]
    asked = {"cores": str(flavor["vcpus"]), "instances": "1", "ram": str(flavor["ram"])}
    return _sentence(over, asked, held, limit) if over else None


def require(tx: Connection, project: str, wanted: Amounts) -> None:
    """What one request may bring along. Errors: 403."""
    limit = limits(tx, project)
    for name, count in wanted.items():
        if UNLIMITED != limit[name] < count:
            raise fault(403, f"Quota exceeded for {name}: {count} are more than the {limit[name]} allowed")


def require_key_room(tx: Connection, project: str, user: str) -> None:
    held = tx.execute(sa.select(sa.func.count()).where(keypairs.c.user_id == user)).scalar_one()
    if UNLIMITED != limits(tx, project, lock=True)["key_pairs"] <= held:
        raise fault(403, "Quota exceeded, too many key pairs.")


def change(tx: Connection, project: str, wanted: Amounts, *, force: bool) -> None:
    """Set limits, not below what is in use unless that is meant. Errors: 400."""
    held = used(tx, project)
    for name, most in wanted.items():
        if not force and UNLIMITED != most < held.get(name, 0):
            least = f"must be greater than or equal to already used and reserved {held[name]}."
            raise fault(400, f"Quota limit {most} for {name} {least}")
        same = sa.and_(quotas.c.project_id == project, quotas.c.resource == name)
        if not tx.execute(quotas.update().where(same).values(most=most)).rowcount:
            tx.execute(quotas.insert().values(project_id=project, resource=name, most=most))


def reset(tx: Connection, project: str) -> None:
    tx.execute(quotas.delete().where(quotas.c.project_id == project))


def _sentence(over: list[str], asked: Mapping[str, str], held: Amounts, limit: Amounts) -> str:
    names, asks, uses, limits_ = (
        ", ".join(str(of[name]) for name in over) for of in ({name: name for name in over}, asked, held, limit)
    )
    return f"Quota exceeded for {names}: Requested {asks}, but already used {uses} of {limits_} {names}"
