"""A first boot: three servers of one request say what they have, others join them, then all of it is built again."""

import pytest

from conformance.guests.boots import targets_of
from conformance.guests.judgements import Judgement
from conformance.guests.records import GuestRecord
from conformance.guests.scene import BATCH, Scene, Scenes


@pytest.fixture(scope="module")
def scene(scenes: Scenes) -> Scene:
    return scenes("first-boot")[0]


@pytest.fixture(scope="module")
def first(scene: Scene) -> list[GuestRecord]:
    """The servers of the project's first request."""
    return scene.boot("first", BATCH, back=True)


@pytest.mark.requirement("D-ADDR-001")
def test_addresses_are_those_that_the_apis_show(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-ADDR-002")
def test_ipv6_addresses_are_those_that_the_apis_show(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-ADDR-003")
def test_mtu_is_the_networks(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-OUT-001")
@pytest.mark.usefixtures("outside")
def test_outside_is_reached(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-OUT-002")
@pytest.mark.usefixtures("outside")
def test_outside_sees_the_router(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-IN-001")
@pytest.mark.usefixtures("outside")
def test_nobody_outside_gets_in(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-PEER-001")
def test_servers_of_one_request_meet(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-META-001")
def test_metadata_is_the_servers_own(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-PROV-001")
@pytest.mark.usefixtures("outside")
def test_a_provider_network_is_as_good(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-SG-001")
def test_members_of_the_group_get_in(judgement: Judgement, scene: Scene, first: list[GuestRecord]) -> None:
    judgement.judge(scene.boot("peer", targets=[*targets_of(first)], answered=True))


@pytest.mark.requirement("D-SG-001")
def test_others_do_not_get_in(judgement: Judgement, scene: Scene, first: list[GuestRecord]) -> None:
    judgement.judge(scene.boot("stranger", targets=[*targets_of(first)], group=scene.group()))


@pytest.mark.requirement("D-LIFE-002")
def test_a_deleted_server_answers_no_more(judgement: Judgement, scene: Scene, first: list[GuestRecord]) -> None:
    scene.delete(first[0])
    judgement.judge(scene.boot("survivor", targets=[*targets_of(first[:1])]))


@pytest.mark.requirement("D-LIFE-001")
def test_a_network_built_again_is_as_good(judgement: Judgement, scene: Scene, first: list[GuestRecord]) -> None:
    assert first
    scene.start_over()
    judgement.judge(scene.boot("rebuilt"))
