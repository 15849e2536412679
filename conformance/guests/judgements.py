"""The rules by which each test of the data plane judges its guests: the registry for the tests and `gman verify`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conformance.guests.checks import addresses, lacks, metadata, neighbours, outside
from conformance.guests.records import GuestRecord, roles
from conformance.verdict.signals import Inconclusive

Check = Callable[[Sequence[GuestRecord]], list[str]]  # violations, or doubts
Lack = Callable[[Sequence[GuestRecord]], None]  # raises Unsupported where there is nothing to judge
MOST_SILENT = 3  # silent guests whose consoles are quoted


@dataclass(frozen=True)
class Judgement:
    """`scene` is the name of the scene and of the files of its records, `of` the roles that are judged, empty for all.

    `premises` are lacks where the requirement does not apply at all; they are looked at before violations.
    """

    scene: str
    of: Sequence[str]
    holds: Sequence[Check]
    doubts: Sequence[Check] = ()
    lacks: Sequence[Lack] = ()
    premises: Sequence[Lack] = ()

    def is_complete(self, records: Sequence[GuestRecord]) -> bool:
        """Whether there are records of every role that is judged: a scene may have ended early."""
        return bool(records) and {*self.of} <= {record.role for record in records}

    def judge(self, records: Sequence[GuestRecord]) -> None:
        """Raises AssertionError with all violations, Inconclusive for doubts and silence, Unsupported for a lack."""
        own = roles(records, *self.of)
        for premise in self.premises if own else ():
            premise(own)
        if violations := [line for check in self.holds for line in check(own)]:
            raise AssertionError("\n".join(violations))
        if doubts := [*_silent(own), *(line for doubt in self.doubts for line in doubt(own))]:
            raise Inconclusive("; ".join(doubts))
        if not own:
            raise Inconclusive("no server was there to speak")
        for lack in self.lacks:
            lack(own)


def _silent(records: Sequence[GuestRecord]) -> list[str]:
    silent = [record for record in records if record.words is None]
    lines = [f"{record.name} said nothing: {record.silence}" for record in silent[:MOST_SILENT]]
    return lines + ([f"{len(silent) - MOST_SILENT} more said nothing"] if len(silent) > MOST_SILENT else [])


NO_OUTSIDE = (outside.outside_is_gone, outside.outside_is_not_ours)  # doubts about whatever takes it
NOT_TRIED = (outside.outside_did_not_try, outside.called_back_elsewhere)  # doubts about whether it gets in
ADDRESSED = (addresses.the_apis_agree, addresses.has_its_ipv4_addresses, addresses.leads_out_by_its_gateway)
IPV6_ADDRESSED = (addresses.has_its_ipv6_addresses, addresses.leads_out_over_ipv6)
CONNECTED = (*ADDRESSED, outside.reaches_outside, outside.is_seen_by_its_router)
CONNECTED_DOUBTS = (*NO_OUTSIDE, outside.seen_by_nobody_known)
APART = (neighbours.reaches_none_of_its_targets, neighbours.hears_none_of_its_targets)
FIRST = ("first",)

# Name of the test -> how it judges
JUDGEMENTS: Mapping[str, Judgement] = {
    "test_addresses_are_those_that_the_apis_show": Judgement("first-boot", FIRST, ADDRESSED, lacks=(lacks.no_ipv4,)),
    "test_ipv6_addresses_are_those_that_the_apis_show": Judgement(
        "first-boot", FIRST, IPV6_ADDRESSED, lacks=(lacks.no_ipv6, lacks.only_dhcpv6)
    ),
    "test_mtu_is_the_networks": Judgement("first-boot", FIRST, (addresses.has_the_mtu,)),
    "test_outside_is_reached": Judgement("first-boot", FIRST, (outside.reaches_outside,), NO_OUTSIDE, (lacks.no_ipv4,)),
    "test_outside_sees_the_router": Judgement(
        "first-boot",
        FIRST,
        (outside.is_seen_by_its_router,),
        (*CONNECTED_DOUBTS, outside.was_seen_by_nobody),
        (lacks.no_ipv4,),
    ),
    "test_nobody_outside_gets_in": Judgement(
        "first-boot",
        FIRST,
        (outside.nobody_gets_in,),
        (*NO_OUTSIDE, *NOT_TRIED),
        (lacks.nothing_listens,),
    ),
    "test_servers_of_one_request_meet": Judgement(
        "first-boot",
        FIRST,
        (neighbours.meets_its_peers,),
        lacks=(lacks.no_ipv4, lacks.nothing_listens, lacks.too_many_addresses),
    ),
    "test_metadata_is_the_servers_own": Judgement(
        "first-boot", FIRST, (metadata.metadata_is_its_own,), lacks=(metadata.no_metadata,)
    ),
    "test_a_provider_network_is_as_good": Judgement(
        "first-boot", FIRST, CONNECTED, CONNECTED_DOUBTS, premises=(lacks.no_provider_network,)
    ),
    "test_members_of_the_group_get_in": Judgement(
        "first-boot", ("peer",), (neighbours.reaches_its_targets, outside.reaches_outside), NO_OUTSIDE
    ),
    "test_others_do_not_get_in": Judgement(
        "first-boot",
        ("stranger",),
        (neighbours.reaches_none_of_its_targets, outside.reaches_outside),
        (*NO_OUTSIDE, neighbours.tried_its_targets),
    ),
    "test_a_deleted_server_answers_no_more": Judgement(
        "first-boot", ("survivor",), APART, (neighbours.tried_its_targets,)
    ),
    "test_a_network_built_again_is_as_good": Judgement(
        "first-boot", ("rebuilt",), CONNECTED, CONNECTED_DOUBTS, (lacks.no_ipv4,)
    ),
    "test_a_floating_ip_leads_in": Judgement(
        "floating-ip",
        ("floating",),
        (outside.is_reached_by_its_floating_ip,),
        (*NO_OUTSIDE, outside.floating_ip_seen_as_nobodys, *NOT_TRIED),
        (lacks.nothing_listens,),
    ),
    "test_projects_that_boot_at_once_are_each_connected": Judgement("projects", FIRST, CONNECTED, CONNECTED_DOUBTS),
    "test_projects_do_not_reach_each_other": Judgement(
        "projects", ("stranger",), APART, (neighbours.tried_its_targets,)
    ),
    "test_without_snat_nothing_is_translated": Judgement(
        "snat-off",
        ("untranslated",),
        (outside.snat_is_off, *ADDRESSED, outside.is_not_translated),
        (*NO_OUTSIDE, outside.translated_by_nobody_known),
    ),
    "test_ipv6_alone_is_enough": Judgement(
        "ipv6-alone",
        FIRST,
        (
            addresses.the_apis_agree,
            addresses.has_its_ipv4_addresses,
            *IPV6_ADDRESSED,
            outside.reaches_outside_over_ipv6,
        ),
        (outside.outside_is_gone, outside.outside_is_not_ours_over_ipv6, outside.nothing_of_the_outside),
        (lacks.no_ipv6, lacks.only_dhcpv6),
    ),
}
