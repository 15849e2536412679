"""One request boots several servers in a project without a network: all of them end up on the one it gets."""

import pytest

from conformance.race import invariants as must
from conformance.race import server_invariants as servers_must
from conformance.race.judge import Races, calls_were_lost, judge
from conformance.race.server_invariants import still_building

BUILT = (
    must.one_network_is_up,
    must.no_other_network,
    must.one_router,
    must.routers_lead_out,
    must.one_subnet_for_each_default_pool,
    must.no_other_subnet,
    must.one_interface_for_each_subnet,
    must.no_other_port,
    servers_must.one_port_for_each_server,
)


@pytest.mark.requirement("C-MULTI-008")
def test_servers_of_one_request_share_the_network_they_bring_about(boot_race: Races) -> None:
    judge(
        boot_race,
        happened=(
            servers_must.the_request_is_accepted,
            servers_must.all_are_listed_at_once,
            servers_must.none_fails,
            servers_must.all_share_the_network,
        ),
        left=BUILT,
        doubts=(calls_were_lost, still_building),
    )


@pytest.mark.requirement("C-CW-02", "C-MULTI-009")
def test_one_request_is_never_in_its_own_way(boot_race: Races) -> None:
    judge(
        boot_race,
        happened=(servers_must.the_request_is_accepted, servers_must.none_fails),
        doubts=(calls_were_lost, still_building),
    )


@pytest.mark.requirement("C-MULTI-008")
def test_nothing_stays_of_servers_and_topology(boot_race_undone: Races) -> None:
    judge(boot_race_undone, left=(must.nothing_is_left,), doubts=(calls_were_lost,))
