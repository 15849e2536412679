"""The rules by which each test of a race judges its history: the registry for the tests and for `gman verify`."""

from collections.abc import Mapping

from conformance.race.checkers import own_answers, servers, topology
from conformance.race.checkers.judge import (
    calls_were_lost,
    networks_were_not_observed,
    too_few_overlapped,
    too_many_orders,
)
from conformance.race.rules import Judgement, Rules, all_rounds, cleanups, quota_retries, quota_volley
from conformance.race.scenarios import quota_edge, shared_pool
from conformance.race.scenarios.contention import others_are_refused_as_documented, room_for

PLACES = 3  # free prefixes or addresses in races for them
ROOM = 2  # servers or ports that the quota still admits in races at its edge

# A request is refused with 409 (older services: 500) if the pool is exhausted, with 409 if other calls are using it.
POOL_REFUSALS = frozenset({(409, "SubnetAllocationError"), (500, "SubnetAllocationError"), (409, "SubnetPoolInUse")})
ADDRESS_REFUSALS = frozenset({(409, "IpAddressGenerationFailure")})
NETWORK_REFUSALS = frozenset({(400, "InvalidInput")})
FLOATING_REFUSALS = frozenset({(409, "IpAddressGenerationFailure"), (409, "OverQuota")})
ROUTER_REFUSALS = frozenset({(400, "BadRequest")})

UNSURE = (calls_were_lost, too_few_overlapped)
UNFINISHED = (calls_were_lost, servers.still_building)
SERVED = (servers.the_request_is_accepted, servers.none_fails, servers.all_share_the_network)
APART = (shared_pool.networks_are_apart, shared_pool.nothing_foreign_is_seen)
TOPOLOGY_UNDONE = Rules(cleanups, state=(topology.nothing_is_left,), doubts=(calls_were_lost,))
SERVERS_UNDONE = Rules(
    cleanups,
    history=(servers.no_server_is_left, servers.deleted_servers_go),
    state=(servers.nothing_is_left,),
    doubts=(calls_were_lost, servers.not_gone),
)
OWN_ANSWERS = (
    Rules(
        own_answers.everything,
        history=(
            own_answers.no_request_id_twice,
            own_answers.answers_are_as_asked,
            own_answers.topologies_are_the_callers,
            own_answers.topologies_are_apart,
            own_answers.kept_as_answered,
            own_answers.nothing_is_kept_unanswered,
        ),
    ),
    Rules(history=(own_answers.given_once,), doubts=UNSURE),
)
OWN_ANSWERS_OF_SEVERAL = (
    *OWN_ANSWERS[:1],
    Rules(history=(own_answers.given_once,), doubts=(calls_were_lost, own_answers.no_two_were_answered)),
)
QUOTA_EDGE = (
    Rules(
        quota_volley,
        history=(quota_edge.no_more_run_than(ROOM), quota_edge.losers_are_refused_or_show_a_fault),
        doubts=UNFINISHED,
    ),
    Rules(quota_retries, history=(quota_edge.a_boot_alone_succeeds,), doubts=UNFINISHED),
    Rules(
        cleanups,
        history=(servers.no_server_is_left, servers.deleted_servers_go),
        doubts=(calls_were_lost, servers.not_gone),
    ),
)

# Name of the test -> how it judges
JUDGEMENTS: Mapping[str, Judgement] = {
    "test_first_requests_at_once_share_one_network": Judgement(
        "topology",
        [
            Rules(all_rounds, history=(topology.one_id_between_deletes,)),
            Rules(
                history=(
                    topology.every_answer_names_a_network,
                    topology.no_server_error,
                    topology.refusals_are_documented,
                    topology.a_retry_is_served,
                ),
                state=(
                    topology.one_network_is_up,
                    topology.one_router,
                    topology.routers_lead_out,
                    topology.one_subnet_for_each_default_pool,
                    topology.one_interface_for_each_subnet,
                ),
                doubts=UNSURE,
            ),
        ],
    ),
    "test_losers_leave_nothing_behind": Judgement(
        "topology",
        [
            Rules(
                history=(topology.refusals_are_documented,),
                state=(
                    topology.no_other_network,
                    topology.one_router,
                    topology.no_other_subnet,
                    topology.no_other_port,
                    topology.no_floating_ip,
                ),
                doubts=UNSURE,
            )
        ],
    ),
    "test_duplicates_are_down_while_they_last": Judgement(
        "topology", [Rules(history=(topology.duplicates_stay_down,), doubts=(*UNSURE, networks_were_not_observed))]
    ),
    "test_deletes_at_once_leave_nothing": Judgement(
        "delete", [Rules(history=(topology.deletes_end_well,), state=(topology.nothing_is_left,), doubts=UNSURE)]
    ),
    "test_a_get_after_the_race_has_a_whole_topology": Judgement(
        "churn",
        [
            Rules(
                history=(topology.a_retry_is_served, topology.one_id_between_deletes),
                state=(
                    topology.one_network_is_up,
                    topology.no_other_network,
                    topology.one_router,
                    topology.routers_lead_out,
                    topology.one_subnet_for_each_default_pool,
                    topology.one_interface_for_each_subnet,
                ),
                doubts=(*UNSURE, too_many_orders),
            )
        ],
    ),
    "test_gets_among_deletes_name_a_network": Judgement(
        "churn", [Rules(history=(topology.every_answer_names_a_network,), doubts=UNSURE)]
    ),
    "test_deletes_among_gets_end_well": Judgement(
        "churn", [Rules(history=(topology.deletes_end_well,), doubts=UNSURE)]
    ),
    "test_nothing_is_left_of_it": Judgement("churn", [TOPOLOGY_UNDONE]),
    "test_prefixes_of_projects_are_apart": Judgement(
        "pool",
        [Rules(shared_pool.by_round, history=(shared_pool.prefixes_are_apart,)), Rules(doubts=(calls_were_lost,))],
    ),
    "test_projects_do_not_meet": Judgement(
        "pool", [Rules(shared_pool.by_round, history=APART), Rules(doubts=(calls_were_lost,))]
    ),
    "test_each_project_is_served": Judgement(
        "pool",
        [
            Rules(
                history=(
                    topology.every_answer_names_a_network,
                    topology.no_server_error,
                    topology.refusals_are_documented,
                    topology.a_retry_is_served,
                    topology.one_id_between_deletes,
                ),
                state=(
                    topology.one_network_is_up,
                    topology.no_other_network,
                    topology.one_router,
                    topology.one_subnet_for_each_default_pool,
                    topology.one_interface_for_each_subnet,
                ),
                doubts=(calls_were_lost,),
            )
        ],
    ),
    "test_deletes_of_projects_leave_nothing": Judgement("pool", [TOPOLOGY_UNDONE]),
    "test_prefixes_of_a_pool": Judgement(
        "prefixes",
        [Rules(history=(room_for(PLACES), others_are_refused_as_documented(POOL_REFUSALS)), doubts=(calls_were_lost,))],
    ),
    "test_addresses_of_a_subnet": Judgement(
        "addresses",
        [Rules(history=(room_for(PLACES), others_are_refused_as_documented(ADDRESS_REFUSALS)), doubts=UNSURE)],
    ),
    "test_one_prefix_on_a_network": Judgement(
        "overlap", [Rules(history=(room_for(1), others_are_refused_as_documented(NETWORK_REFUSALS)), doubts=UNSURE)]
    ),
    "test_one_prefix_on_a_router": Judgement(
        "interfaces", [Rules(history=(room_for(1), others_are_refused_as_documented(ROUTER_REFUSALS)), doubts=UNSURE)]
    ),
    "test_floating_ips_at_once": Judgement(
        "floating",
        [
            Rules(history=(others_are_refused_as_documented(FLOATING_REFUSALS),), doubts=UNSURE),
            *OWN_ANSWERS,
        ],
    ),
    "test_answers_to_first_gets": Judgement("topology", OWN_ANSWERS),
    "test_answers_to_deletes": Judgement("delete", OWN_ANSWERS),
    "test_answers_to_gets_and_deletes": Judgement("churn", OWN_ANSWERS),
    "test_answers_to_several_projects": Judgement("pool", OWN_ANSWERS_OF_SEVERAL),
    "test_answers_to_subnets_of_a_pool": Judgement("prefixes", OWN_ANSWERS),
    "test_answers_to_ports": Judgement("addresses", OWN_ANSWERS),
    "test_answers_to_subnets_of_one_prefix": Judgement("overlap", OWN_ANSWERS),
    "test_answers_to_interfaces": Judgement("interfaces", OWN_ANSWERS),
    "test_answers_to_separate_boots": Judgement("apart", OWN_ANSWERS),
    "test_answers_to_boots_among_deletes": Judgement("teardown", OWN_ANSWERS),
    "test_answers_to_deletes_of_servers": Judgement("dismissal", OWN_ANSWERS_OF_SEVERAL),
    "test_answers_to_boots_of_several_projects": Judgement("boots", OWN_ANSWERS_OF_SEVERAL),
    "test_servers_of_one_request_share_the_network_they_bring_about": Judgement(
        "boot",
        [Rules(history=(*SERVED, servers.all_are_listed_at_once), state=servers.BUILT, doubts=UNFINISHED)],
    ),
    "test_servers_of_one_request_bring_no_floating_ip": Judgement(
        "boot", [Rules(state=(topology.no_floating_ip,), doubts=UNFINISHED)]
    ),
    "test_one_request_is_never_in_its_own_way": Judgement(
        "boot", [Rules(history=(servers.the_request_is_accepted, servers.none_fails), doubts=UNFINISHED)]
    ),
    "test_nothing_stays_of_servers_and_topology": Judgement("boot", [SERVERS_UNDONE]),
    "test_separate_requests_end_on_one_network": Judgement(
        "apart",
        [
            Rules(
                history=(
                    servers.requests_are_accepted,
                    servers.all_accepted_are_listed,
                    servers.none_fails,
                    servers.all_share_the_network,
                ),
                state=servers.BUILT,
                doubts=(*UNFINISHED, too_few_overlapped),
            )
        ],
    ),
    "test_boots_among_deletes_run_or_say_why_not": Judgement(
        "teardown",
        [
            Rules(
                history=(servers.boots_are_accepted_or_ambiguous, servers.builds_end_in_active_or_show_a_fault),
                state=(servers.running_servers_are_on_a_network_that_is_there,),
                doubts=(*UNFINISHED, too_few_overlapped),
            ),
            SERVERS_UNDONE,
        ],
    ),
    "test_a_server_deleted_while_it_is_built_never_comes_back": Judgement(
        "dismissal",
        [
            Rules(
                history=(servers.deletes_of_servers_end_well, servers.deleted_servers_go, servers.gone_is_gone),
                doubts=(calls_were_lost, servers.still_there),
            )
        ],
    ),
    "test_no_port_stays_of_a_server_deleted_while_it_is_built": Judgement(
        "dismissal",
        [
            Rules(state=(servers.no_port_of_what_is_gone,), doubts=(calls_were_lost, servers.still_there)),
            SERVERS_UNDONE,
        ],
    ),
    "test_the_others_of_the_request_run": Judgement(
        "dismissal",
        [Rules(history=SERVED, state=(servers.once_built(servers.one_port_for_each_server),), doubts=UNFINISHED)],
    ),
    "test_projects_boot_at_once_each_on_its_own": Judgement(
        "boots",
        [
            Rules(shared_pool.by_round, history=(*APART, shared_pool.prefixes_are_apart)),
            Rules(history=(*SERVED, servers.all_are_listed_at_once), state=servers.BUILT, doubts=UNFINISHED),
        ],
    ),
    "test_nothing_stays_of_the_servers_of_projects": Judgement("boots", [SERVERS_UNDONE]),
    "test_servers_at_the_edge_of_their_quota": Judgement("instances", QUOTA_EDGE),
    "test_servers_at_the_edge_of_the_quota_of_ports": Judgement("ports", QUOTA_EDGE),
}
