"""The suite on clouds that differ from the reference but conform: no test may fail there."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from conformance.requirements import registry
from conformance.requirements.registry import Profile
from conformance.verdict.states import State
from proving import trial
from proving.trial import Trial
from reference.differences import CATALOGUE, together

# states that a difference may cause: a requirement may be unobservable, but not fail or be inconclusive
RIGHT = {State.PASS, State.UNSUPPORTED, State.NOT_CLAIMED, State.BLOCKED}
WIDTH = 100
CONNECTIVITY = [entry.id for entry in registry.load().values() if entry.profile is Profile.CONNECTIVITY]
SLOW = 1200  # seconds that a run may take on a cloud that is slow


def main(only: Sequence[str], jobs: int) -> int:
    """The exit code of the whole suite, run on as few clouds as have all differences, or on one with those of `only`.

    Where something is red, each difference of the cloud is tried by itself, to name the one that causes it.
    """
    clouds = [list(only)] if only else together()
    with ThreadPoolExecutor(jobs) as pool:
        trials = list(pool.map(_run, clouds))
        suspects = [
            cloud for cloud, result in zip(clouds, trials, strict=True) if problems_of(cloud, result) and cloud[1:]
        ]
        suspect_ids = list(dict.fromkeys(id_ for cloud in suspects for id_ in cloud))
        trials += pool.map(_run, [[id_] for id_ in suspect_ids])
    for cloud, result in zip([*clouds, *([id_] for id_ in suspect_ids)], trials, strict=True):
        print(_line(cloud, result))
    tried = [*clouds, *([id_] for id_ in suspect_ids)]
    return 1 if any(map(problems_of, tried, trials)) else 0


def _run(cloud: list[str]) -> Trial:
    """The result of the whole suite on a cloud with those differences, or of connectivity alone where servers run."""
    if any(CATALOGUE[id_].guests for id_ in cloud):
        return trial.run([], CONNECTIVITY, differences=cloud, guests=True)[-1]
    longest = SLOW if any(CATALOGUE[id_].slow for id_ in cloud) else trial.LONGEST
    return trial.run([], differences=cloud, longest=longest)[-1]


def problems_of(cloud: Sequence[str], result: Trial) -> list[str]:
    """The problems of a run on a cloud with those differences: the run broke, was wrongly refused or not refused, or
    requirements have a state that no difference may cause.
    """
    if any(CATALOGUE[id_].refused for id_ in cloud):
        return [] if result.refused else ["the run was not refused"]
    problems = [result.trouble] if result.trouble else []
    return problems + [f"{id_} {state}" for id_, state in result.states.items() if state not in RIGHT]


def _line(cloud: Sequence[str], result: Trial) -> str:
    names = " ".join(cloud)
    names = names if len(names) <= WIDTH else f"{names[:WIDTH]}..."
    passed = sum(state == State.PASS for state in result.states.values())
    subject = CATALOGUE[cloud[0]].sentence if len(cloud) == 1 else f"{len(cloud)} at once"
    problems = ", ".join(problems_of(cloud, result)) or (result.trouble if result.refused else "nothing is red")
    return f"{names}\n    {subject}\n    {passed} pass, {result.seconds:.1f} s, {problems}"
