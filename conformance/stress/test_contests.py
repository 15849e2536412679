"""More callers than places: prefixes of a pool, addresses of a subnet, one prefix on a network and on a router."""

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import CallerForRace
from conformance.race.judgements import PLACES, Judgement
from conformance.race.scenarios import contention


@pytest.fixture
def width(pytestconfig: pytest.Config) -> int:
    return max(options.width(pytestconfig), PLACES + 1)


@pytest.mark.requirement("N-SP-030", "N-SP-036")
def test_prefixes_of_a_pool(judgement: Judgement, racing: CallerForRace, width: int) -> None:
    caller = racing("prefixes")
    contention.prefixes(caller, places=PLACES, width=width)
    judgement.judge(caller.history.records)


@pytest.mark.requirement("N-PORT-008")
def test_addresses_of_a_subnet(judgement: Judgement, racing: CallerForRace, width: int) -> None:
    caller = racing("addresses")
    contention.addresses(caller, places=PLACES, width=width)
    judgement.judge(caller.history.records)


@pytest.mark.requirement("N-SUB-012")
def test_one_prefix_on_a_network(judgement: Judgement, racing: CallerForRace, width: int) -> None:
    caller = racing("overlap")
    contention.same_prefix(caller, width=width)
    judgement.judge(caller.history.records)


@pytest.mark.requirement("N-RTR-011")
def test_one_prefix_on_a_router(judgement: Judgement, racing: CallerForRace, width: int) -> None:
    caller = racing("interfaces")
    contention.same_interface(caller, width=width)
    judgement.judge(caller.history.records)
