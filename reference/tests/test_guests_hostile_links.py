"""Attempts of untrusted servers on their own link, by IPv6 and with interfaces of their own."""

from collections.abc import Iterator

import pytest

from reference.tests.clouds import Server, User, start, stop
from reference.tests.guesting import OUTSIDE_V6, address_of, boot, console, delete, require_guests, said, tells

ECHOES = '/^Icmp6InEchos /{print "echoes " $2}'  # those that the kernel has received
# on a busy machine the advertised address comes after those of DHCP
HAS_ADDRESS = "ip -6 addr show dev eth0 scope global | grep -v tentative | grep -q inet6"
ADVERTISED = f"for i in $(seq 100); do {HAS_ADDRESS} && break; sleep 0.2; done"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    require_guests()
    running = start(tmp_path_factory.mktemp("links"), "--guests")
    yield running
    stop(running)


@pytest.fixture(scope="module")
def user(cloud: Server) -> User:
    return cloud.user("gman")


def test_an_ipv6_address_of_anothers_reaches_nobody(user: User) -> None:
    """Not from its own interface, and not from one that it has made, with another MAC address."""
    victim = boot(user, f"{ADVERTISED}; while :; do awk '{ECHOES}' /proc/net/snmp6; sleep 0.2; done")
    other = boot(user)
    said(user, victim, "echoes 0")
    said(user, other)
    address, foreign = address_of(user, victim, 6), address_of(user, other, 6)
    tells(
        user,
        f"""
        {ADVERTISED}
        ping6 -c 3 {address}; ip -6 addr add {foreign}/128 dev eth0 nodad; ping6 -c 3 -W 1 -I {foreign} {address}
        ip -6 addr del {foreign}/128 dev eth0
        ip link add own link eth0 address 02:00:00:00:00:01 type macvlan && ip link set own up
        ip -6 route add {address}/128 dev own metric 1; ip -6 addr add {foreign}/128 dev own nodad
        ping6 -c 3 -W 1 -I own {address}""",
    )
    assert "echoes 3\n" in said(user, victim, "echoes 3")
    assert console(user, victim).splitlines()[-1] == "echoes 3"
    for item in (victim, other):
        delete(user, item)


def test_no_server_can_act_as_router_over_ipv6(user: User) -> None:
    """A server with all of the router's addresses, the link-local one included, is not taken for the router."""
    router = "$(ip -6 route show default | sed 's/.* via \\([^ ]*\\) .*/\\1/; q')"
    rogue = boot(
        user,
        f"""
        until [ "{router}" ]; do sleep 0.2; done; router={router}; ping6 -c 1 -I eth0 $router
        mac=$(ip -6 neigh show $router dev eth0 | sed 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/')
        ip link add own link eth0 address $mac type macvlan && ip link set own up
        echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
        for interface in eth0 own; do ip -6 addr add $router/64 dev $interface nodad; done
        echo "ready as $mac"; while :; do ping6 -c 1 -W 1 -I own ff02::1; done > /dev/null 2>&1""",
    )
    assert "ready as fa:16:3e" in said(user, rogue, "ready as")
    call = f"timeout 5 wget -q -O - 'http://[{OUTSIDE_V6}]/'"
    output = tells(user, f'until [ "{router}" ]; do sleep 0.2; done; for _ in 1 2 3 4 5; do {call}; sleep 1; done')
    assert output.count('{"address"') == 5
    delete(user, rogue)
