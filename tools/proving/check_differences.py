"""The suite on clouds that differ from the reference and are right all the same: nothing may be red there."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from conformance.verdict.states import State
from proving import trial
from proving.trial import Trial
from reference.differences import CATALOGUE, together

# what a difference may bring a requirement to: there may be nothing to observe, but nothing is wrong or in doubt
RIGHT = {State.PASS, State.UNSUPPORTED, State.NOT_CLAIMED, State.BLOCKED}
WIDTH = 100


def main(only: Sequence[str], jobs: int) -> int:
    """Run the whole suite on as few clouds as have all of them, on one with those of `only`, if any; the exit code.

    Where something is wrong each difference of the cloud is tried by itself, which tells whose it is.
    """
    clouds = [list(only)] if only else together()
    with ThreadPoolExecutor(jobs) as pool:
        found = list(pool.map(_run, clouds))
        suspects = [cloud for cloud, one in zip(clouds, found, strict=True) if wrong(one) and len(cloud) > 1]
        alone = list(dict.fromkeys(id_ for cloud in suspects for id_ in cloud))
        found += pool.map(_run, [[id_] for id_ in alone])
    for cloud, one in zip([*clouds, *([id_] for id_ in alone)], found, strict=True):
        print(_line(cloud, one))
    return 1 if any(map(wrong, found)) else 0


def _run(cloud: list[str]) -> Trial:
    return trial.run([], differences=cloud)[-1]


def wrong(one: Trial) -> list[str]:
    """What speaks against the suite: a run that broke, and each requirement that is not as on a right cloud."""
    told = [one.trouble] if one.trouble else []
    return told + [f"{id_} {state}" for id_, state in one.states.items() if state not in RIGHT]


def _line(cloud: Sequence[str], one: Trial) -> str:
    named = " ".join(cloud)
    named = named if len(named) <= WIDTH else f"{named[:WIDTH]}..."
    passed = sum(state == State.PASS for state in one.states.values())
    about = CATALOGUE[cloud[0]].sentence if len(cloud) == 1 else f"{len(cloud)} at once"
    return f"{named}\n    {about}\n    {passed} pass, {one.seconds:.1f} s, {', '.join(wrong(one)) or 'nothing is red'}"
