"""More boots at once than a quota has room for: whatever becomes of the losers, never more run than it allows."""

import pytest

from conformance.race.checkers import servers as servers_must
from conformance.race.checkers.judge import by_race, calls_were_lost, judge
from conformance.race.checkers.servers import still_building
from conformance.race.engine.caller import Caller, Racing
from conformance.race.operations.servers import Template
from conformance.race.scenarios import quota_edge
from conformance.race.scenarios.quota_edge import Limit
from conformance.run.context import Stage

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
        quota_edge.run(caller, template, networks="none", width=WIDTH)
        quota_edge.retry(caller, template, networks="none")
    return caller


@pytest.fixture(scope="module")
def ports_at_the_edge(racing: Racing, stage: Stage, template: Template) -> Caller:
    """Boots of a project that may have so many ports more than its topology takes."""
    caller = racing("ports")
    still = STILL if DHCP_AGENTS in stage.capabilities.extensions else 0.0
    limit = quota_edge.ports_in_use(caller, still, stage.deadlines.settle) + ROOM
    with Limit(stage.admin, f"{caller.network_url}/quotas/{caller.project}", "quota", port=limit):
        quota_edge.run(caller, template, networks="auto", width=WIDTH)
        quota_edge.retry(caller, template, networks="auto")
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
        happened=(quota_edge.no_more_run_than(ROOM), quota_edge.losers_are_told),
        doubts=(calls_were_lost, still_building),
    )
    judge(
        {race: records for race, records in races.items() if race != caller.race},
        happened=(quota_edge.whoever_asks_alone_is_served,),
        doubts=(calls_were_lost, still_building),
    )
    judge(
        by_race(caller.history.records, afterwards=True),
        happened=(servers_must.no_server_is_left,),
        doubts=(calls_were_lost, servers_must.not_gone),
    )
