"""More boots at once than a quota has room for: whatever becomes of the losers, never more run than it allows."""

import pytest

from conformance.race import quotas
from conformance.race import server_invariants as servers_must
from conformance.race.caller import Caller, Racing
from conformance.race.judge import by_race, calls_were_lost, judge
from conformance.race.quotas import Limit
from conformance.race.server_invariants import still_building
from conformance.race.servers import Template
from conformance.stage import Stage

ROOM = 2
DHCP_AGENTS = "dhcp_agent_scheduler"  # the extension of clouds where agents make ports, when they get to it
STILL = 3.0  # seconds without another port, after which they are taken to have made theirs
WIDTH = 4  # boots at once, for so many places


@pytest.fixture(scope="module")
def servers_at_the_edge(racing: Racing, stage: Stage, template: Template) -> Caller:
    """Boots of a project that may have so many servers."""
    caller = racing("instances")
    url = f"{stage.admin.endpoints.compute}/os-quota-sets/{caller.project}"  # a project may stand in it: the caller's
    with Limit(stage.admin, url, "quota_set", instances=ROOM):
        quotas.run(caller, template, networks="none", width=WIDTH)
        quotas.retry(caller, template, networks="none")
    return caller


@pytest.fixture(scope="module")
def ports_at_the_edge(racing: Racing, stage: Stage, template: Template) -> Caller:
    """Boots of a project that may have so many ports more than its topology takes."""
    caller = racing("ports")
    still = STILL if DHCP_AGENTS in stage.capabilities.extensions else 0.0
    limit = quotas.ports_in_use(caller, still, stage.deadlines.settle) + ROOM
    with Limit(stage.admin, f"{caller.network_url}/quotas/{caller.project}", "quota", port=limit):
        quotas.run(caller, template, networks="auto", width=WIDTH)
        quotas.retry(caller, template, networks="auto")
    return caller


@pytest.mark.requirement("C-CW-09")
def test_servers_at_the_edge_of_their_quota(servers_at_the_edge: Caller) -> None:
    _judge(servers_at_the_edge)


@pytest.mark.requirement("C-CW-08")
def test_servers_at_the_edge_of_the_quota_of_ports(ports_at_the_edge: Caller) -> None:
    _judge(ports_at_the_edge)


def _judge(caller: Caller) -> None:
    races = by_race(caller.history.records)
    judge(
        {race: records for race, records in races.items() if race == caller.race},
        happened=(quotas.no_more_run_than(ROOM), quotas.losers_are_told),
        doubts=(calls_were_lost, still_building),
    )
    judge(
        {race: records for race, records in races.items() if race != caller.race},
        happened=(quotas.whoever_asks_alone_is_served,),
        doubts=(calls_were_lost, still_building),
    )
    judge(
        by_race(caller.history.records, afterwards=True),
        happened=(servers_must.no_server_is_left,),
        doubts=(calls_were_lost, servers_must.not_gone),
    )
