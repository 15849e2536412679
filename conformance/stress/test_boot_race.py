"""Several servers are booted by one request in a project without a network: all end up on the one it gets."""

import pytest

from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.operations.servers import Template
from conformance.race.rules import Judgement
from conformance.race.scenarios import boots


@pytest.fixture(scope="module")
def boot_records(caller: Caller, template: Template) -> list[Record]:
    """One request for several servers in an empty project, and what came of it."""
    boots.run(caller, template)
    return caller.history.records


@pytest.mark.requirement("C-MULTI-008")
def test_servers_of_one_request_share_the_network_they_bring_about(
    judgement: Judgement, boot_records: list[Record]
) -> None:
    judgement.judge(boot_records)


@pytest.mark.requirement("C-MULTI-011")
def test_servers_of_one_request_bring_no_floating_ip(judgement: Judgement, boot_records: list[Record]) -> None:
    judgement.judge(boot_records)


@pytest.mark.requirement("C-CW-02", "C-MULTI-009")
def test_one_request_is_never_in_its_own_way(judgement: Judgement, boot_records: list[Record]) -> None:
    judgement.judge(boot_records)


@pytest.mark.requirement("C-MULTI-008")
def test_nothing_stays_of_servers_and_topology(judgement: Judgement, boot_records: list[Record]) -> None:
    judgement.judge(boot_records)
