"""Scenes of several projects: their first requests released together, then one server in each that tries the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic

from conformance.guests.boots import HEADERS, targets_of
from conformance.guests.outside_watch import OutsideWatch
from conformance.guests.records import GuestRecord
from conformance.guests.scene import BATCH, Scene
from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import History
from conformance.verdict.signals import Inconclusive

OPERATION = "create_servers"
ACCEPTED = 202
MOST_TARGETS = 8  # addresses that one stranger tries


def boot_at_once(scenes: Sequence[Scene], role: str, report: Path, run: str) -> list[GuestRecord]:
    """BATCH servers in each project by one request each, all released at once. Raises Inconclusive for a lost one."""
    plans = [scene.plan() for scene in scenes]
    history = History.within(report / "races", "guests", run)
    callers = [
        Caller(scene.account, history, f"guests-1-{place}", scene.account.deadlines.race)
        for place, scene in enumerate(scenes, 1)
    ]
    calls = [
        Call(
            caller,
            OPERATION,
            "POST",
            f"{scene.account.endpoints.compute}/servers",
            scene.template.body(plan, BATCH),
            HEADERS,
        )
        for caller, scene, plan in zip(callers, scenes, plans, strict=True)
    ]
    began = monotonic()
    with OutsideWatch(scenes[0].template.answering) as watch:
        for record in release_together(calls):
            if record.status != ACCEPTED:
                raise Inconclusive(f"a request for {BATCH} servers was answered {record.status or record.lost}")
        return _side_by_side(
            [partial(scene.observe, role, plan, (), began, watch) for scene, plan in zip(scenes, plans, strict=True)]
        )


def send_strangers(scenes: Sequence[Scene], role: str, first: Sequence[GuestRecord]) -> list[GuestRecord]:
    """A server in each project that tries servers of the other ones."""

    def send(place: int) -> list[GuestRecord]:
        scene = scenes[place]
        # the next project's servers come first, so that each is tried by somebody
        order = [other.account.project_id for other in (*scenes[place + 1 :], *scenes[:place])]
        others = sorted((r for r in first if r.project in order), key=lambda record: order.index(record.project))
        return scene.boot(role, targets=[*targets_of(others)][:MOST_TARGETS])

    return _side_by_side([partial(send, place) for place in range(len(scenes))])


def _side_by_side(works: Sequence[Callable[[], list[GuestRecord]]]) -> list[GuestRecord]:
    with ThreadPoolExecutor(len(works)) as pool:
        return [record for future in [pool.submit(work) for work in works] for record in future.result()]
