"""How servers come to be, and what is seen of it meanwhile."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from reference.compute import paging
from reference.compute.builder import Builder
from reference.compute.tables import servers
from reference.defects.seam import around
from reference.differences.catalogue import difference

STEPS, STEP = 4, 0.1  # a build takes so many steps more than usual, or fewer, by its server's id; seconds of one


@difference("Nova, where a server is in no cell until it has found a host")
def scheduled_first() -> None:
    """Servers of one request are not ready together, and those still being built are listed before all others."""

    def build(right: Any, self: Builder, task: Any, networks: Any) -> None:
        time.sleep(int(task.server_id[-1], 16) % STEPS * STEP)
        right(self, task, networks)

    built = sa.case((servers.c.vm_state == "building", 0), else_=1)

    def order(right: Any, call: Any, columns: paging.Columns, *default: str, ascending: bool) -> paging.Order:
        found: paging.Order = right(call, columns, *default, ascending=ascending)
        return [(built, True), *found] if "vm_state" in columns else found

    around(Builder, "_build", build)
    around(paging, "order", order)
