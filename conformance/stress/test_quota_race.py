"""More boots at once than a quota allows: whatever becomes of the others, no more servers run than it allows."""

import pytest

from conformance.race.engine.caller import Caller, CallerForRace
from conformance.race.judgements import ROOM
from conformance.race.operations.servers import Template
from conformance.race.rules import Judgement
from conformance.race.scenarios import quota_edge
from conformance.race.scenarios.quota_edge import Limits
from conformance.run.context import RunContext

DHCP_AGENTS = "dhcp_agent_scheduler"  # the extension of clouds where agents create ports at some later time
STILL = 3.0  # seconds without a new port, after which the agents are taken to be done
WIDTH = 4  # boots at once, for so many places


@pytest.fixture(scope="module")
def servers_at_the_edge(racing: CallerForRace, context: RunContext, template: Template) -> Caller:
    """More boots at once than the project's quota of servers allows."""
    caller = racing("instances")
    url = f"{context.admin.endpoints.compute}/os-quota-sets/{caller.project}"  # an endpoint may name its user's project
    with Limits(context.admin, url, "quota_set", instances=ROOM):
        quota_edge.run(caller, template, networks="none", width=WIDTH)
        quota_edge.retry(caller, template, networks="none")
    return caller


@pytest.fixture(scope="module")
def ports_at_the_edge(racing: CallerForRace, context: RunContext, template: Template) -> Caller:
    """Boots of a project whose quota leaves ROOM ports beside those of its topology."""
    caller = racing("ports")
    still = STILL if DHCP_AGENTS in context.capabilities.extensions else 0.0
    limit = quota_edge.ports_in_use(caller, still, context.deadlines.settle) + ROOM
    with Limits(context.admin, f"{caller.network_url}/quotas/{caller.project}", "quota", port=limit):
        quota_edge.run(caller, template, networks="auto", width=WIDTH)
        quota_edge.retry(caller, template, networks="auto")
    return caller


@pytest.mark.requirement("C-CW-09")
def test_servers_at_the_edge_of_their_quota(judgement: Judgement, servers_at_the_edge: Caller) -> None:
    judgement.judge(servers_at_the_edge.history.records)


@pytest.mark.requirement("C-CW-08")
def test_servers_at_the_edge_of_the_quota_of_ports(judgement: Judgement, ports_at_the_edge: Caller) -> None:
    judgement.judge(ports_at_the_edge.history.records)
