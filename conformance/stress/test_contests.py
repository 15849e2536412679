"""More callers than places: prefixes of a pool, addresses of a subnet, one prefix on a network and on a router."""

import pytest

from conformance.race.checkers.judge import by_race, calls_were_lost, judge, too_few_overlapped
from conformance.race.engine import options
from conformance.race.engine.caller import Racing
from conformance.race.scenarios import contention
from conformance.race.scenarios.contention import others_are_told, room_for

PLACES = 3

# Space that is gone is answered 409, or 500 by services older than that; a pool that others are at, 409.
POOL = frozenset({(409, "SubnetAllocationError"), (500, "SubnetAllocationError"), (409, "SubnetPoolInUse")})
ADDRESSES = frozenset({(409, "IpAddressGenerationFailure")})
NETWORK = frozenset({(400, "InvalidInput")})
ROUTER = frozenset({(400, "BadRequest")})


@pytest.fixture
def width(pytestconfig: pytest.Config) -> int:
    return max(options.width(pytestconfig), PLACES + 1)


@pytest.mark.requirement("N-SP-030", "N-SP-036")
def test_prefixes_of_a_pool(racing: Racing, width: int) -> None:
    caller = racing("prefixes")
    contention.prefixes(caller, places=PLACES, width=width)
    judge(
        by_race(caller.history.records),
        happened=(room_for(PLACES), others_are_told(POOL)),
        doubts=(calls_were_lost,),
    )


@pytest.mark.requirement("N-PORT-008")
def test_addresses_of_a_subnet(racing: Racing, width: int) -> None:
    caller = racing("addresses")
    contention.addresses(caller, places=PLACES, width=width)
    judge(
        by_race(caller.history.records),
        happened=(room_for(PLACES), others_are_told(ADDRESSES)),
        doubts=(calls_were_lost, too_few_overlapped),
    )


@pytest.mark.requirement("N-SUB-012")
def test_one_prefix_on_a_network(racing: Racing, width: int) -> None:
    caller = racing("overlap")
    contention.same_prefix(caller, width=width)
    judge(
        by_race(caller.history.records),
        happened=(room_for(1), others_are_told(NETWORK)),
        doubts=(calls_were_lost, too_few_overlapped),
    )


@pytest.mark.requirement("N-RTR-011")
def test_one_prefix_on_a_router(racing: Racing, width: int) -> None:
    caller = racing("interfaces")
    contention.same_interface(caller, width=width)
    judge(
        by_race(caller.history.records),
        happened=(room_for(1), others_are_told(ROUTER)),
        doubts=(calls_were_lost, too_few_overlapped),
    )
