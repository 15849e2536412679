"""More callers than places: prefixes of a pool, addresses of a subnet, one prefix on a network or on a router; and
concurrent requests for floating IPs.
"""

from collections.abc import Callable
from functools import cache

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import CallerForRace
from conformance.race.engine.history import Record
from conformance.race.judgements import PLACES
from conformance.race.rules import Judgement
from conformance.race.scenarios import contention
from conformance.target.capabilities import Capabilities
from conformance.verdict.signals import Unsupported

FLOATING_IPS = 4  # asked for at once: clouds have few of them
Records = Callable[[str], list[Record]]


@pytest.fixture(scope="module")
def contest_records(racing: CallerForRace, cloud: Capabilities, pytestconfig: pytest.Config) -> Records:
    """A function: name of a contest -> its history; each contest is run once."""
    width = max(options.width(pytestconfig), PLACES + 1)

    @cache
    def records(name: str) -> list[Record]:
        caller = racing(name)
        match name:
            case "prefixes":
                contention.prefixes(caller, places=PLACES, width=width)
            case "addresses":
                contention.addresses(caller, places=PLACES, width=width)
            case "overlap":
                contention.same_prefix(caller, width=width)
            case "interfaces":
                contention.same_interface(caller, width=width)
            case _:
                contention.floating_ips(caller, cloud.external_network_id, width=FLOATING_IPS)
        return caller.history.records

    return records


@pytest.mark.requirement("N-SP-030", "N-SP-036")
def test_prefixes_of_a_pool(judgement: Judgement, contest_records: Records) -> None:
    judgement.judge(contest_records("prefixes"))


@pytest.mark.requirement("N-SUB-026")
def test_answers_to_subnets_of_a_pool(judgement: Judgement, contest_records: Records) -> None:
    judgement.judge(contest_records("prefixes"))


@pytest.mark.requirement("N-PORT-008")
def test_addresses_of_a_subnet(judgement: Judgement, contest_records: Records) -> None:
    judgement.judge(contest_records("addresses"))


@pytest.mark.requirement("N-PORT-018")
def test_answers_to_ports(judgement: Judgement, contest_records: Records) -> None:
    judgement.judge(contest_records("addresses"))


@pytest.mark.requirement("N-SUB-012")
def test_one_prefix_on_a_network(judgement: Judgement, contest_records: Records) -> None:
    judgement.judge(contest_records("overlap"))


@pytest.mark.requirement("N-SUB-026")
def test_answers_to_subnets_of_one_prefix(judgement: Judgement, contest_records: Records) -> None:
    judgement.judge(contest_records("overlap"))


@pytest.mark.requirement("N-RTR-011")
def test_one_prefix_on_a_router(judgement: Judgement, contest_records: Records) -> None:
    judgement.judge(contest_records("interfaces"))


@pytest.mark.requirement("N-RTR-025")
def test_answers_to_interfaces(judgement: Judgement, contest_records: Records) -> None:
    judgement.judge(contest_records("interfaces"))


@pytest.mark.requirement("N-RTR-024")
def test_floating_ips_at_once(judgement: Judgement, cloud: Capabilities, contest_records: Records) -> None:
    if not cloud.external_network_id:
        raise Unsupported("there is no default external network to ask for a floating IP of")
    judgement.judge(contest_records("floating"))
