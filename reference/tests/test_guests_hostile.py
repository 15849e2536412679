"""Untrusted scripts, all at once on one cloud: none gets at what is forbidden, and each ends before its deadline.

They use harmless means and small numbers; simpler attempts are in `test_guests_walls`.
"""

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from reference.guests import sandbox
from reference.tests.clouds import Server, User, start, stop
from reference.tests.guesting import (
    ENDED,
    WORD,
    address_of,
    boot,
    delete,
    ports_of,
    require_guests,
    said,
    tells,
    until,
)

SECRET = secrets.token_hex(16)
METADATA = "http://169.254.169.254/openstack/latest"


@dataclass(frozen=True)
class Attempt:
    """A script, words that would show that it succeeded, and a word that it must print."""

    script: str
    never: tuple[str, ...]
    comes: str = ENDED


ATTEMPTS = {
    "read the environment of the server's processes": Attempt(
        "for process in /proc/[0-9]*; do tr '\\0' '\\n' < $process/environ; done; env", (SECRET, "GMAN_")
    ),
    "see processes of the machine": Attempt(
        f"for pid in {os.getpid()} {os.getppid()}; do [ -e /proc/$pid ] && echo seen; kill -0 $pid && echo seen; done",
        ("\nseen",),
    ),
    "read and write memory of its first process": Attempt(
        "dd if=/dev/zero of=/proc/1/mem bs=1 seek=4096 count=1 2>&1; readlink /proc/1/fd/* | sort -u",
        ("/dev/sd", "socket"),
    ),
    "hold a file that was left open": Attempt(
        "readlink /proc/self/fd/* | grep -v -e ^pipe: -e ^/dev/null -e ^/proc/ -e ^/run/user_data && echo found",
        ("\nfound",),
    ),
    "change settings of the kernel": Attempt(
        """for knob in kernel/core_pattern kernel/hostname vm/drop_caches fs/file-max; do
             value=$(cat /proc/sys/$knob) && echo "$value" > /proc/sys/$knob && echo turned
           done
           echo h > /proc/sysrq-trigger && echo turned; echo -17 > /proc/1/oom_score_adj && echo turned""",
        ("\nturned",),
    ),
    "get devices": Attempt(
        """for device in mem kmsg sda vda fuse kvm net/tun loop0 console; do head -c 1 /dev/$device && echo opened; done
           for number in "1 1" "7 0" "10 229"; do mknod /run/device c $number && echo made; done""",
        ("\nopened", "\nmade"),
    ),
    "take the machine's terminals, of which there are few": Attempt(
        "exec 3<>/dev/ptmx && echo opened; ls /dev/pts | grep . && echo found; touch /dev/pts/x && echo made",
        ("\nopened", "\nfound", "\nmade"),
    ),
    "act as the machine's root": Attempt(
        """chroot / true && echo done; swapoff /proc/swaps && echo done; mount -o remount,rw / && echo done
           renice -n -20 -p $$ && echo done; ulimit -u 1000 && echo done; ulimit -v unlimited && echo done
           chown 1000 /tmp && echo done; date -s 2001-01-01 2>&1 | grep -q set || echo done""",
        ("\ndone",),
    ),
    "take its interface somewhere else": Attempt(
        "ip link set eth0 netns 1 && [ -z \"$(ip link show eth0)\" ] && echo moved; unshare -n true && echo moved",
        ("\nmoved",),
    ),
    "reach the machine over IPv6 and by names": Attempt(
        """for address in ::1 fe80::1%eth0 localhost ip6-localhost host.docker.internal; do
             for port in 22 80 5432; do timeout 1 nc $address $port < /dev/null && echo reached; done
           done""",
        ("\nreached",),
    ),
    "speak as the machine on its console": Attempt(
        "printf '\\033[2J\\033]0;title\\007\\033c'; printf 'half a line'; printf '\\000\\377'; echo", ("\x1b", "\x00")
    ),
    "make interfaces": Attempt(
        f"for i in $(seq {sandbox.INTERFACES + 5}); do ip link add b$i type bridge; done; sleep 60; echo still here",
        ("still here",),
        "ended: it had too many interfaces",
    ),
    "kill everything": Attempt("kill -9 -1", (), "ended: it was killed too often"),
    "ignore signals that would end it": Attempt(
        "trap '' TERM HUP INT; (trap '' TERM; sleep 1000) & echo ready; sleep 1000", (), "ready"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    require_guests()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GMAN_HOSTILE_TEST", SECRET)
        running = start(tmp_path_factory.mktemp("hostile"), "--guests")
    yield running
    stop(running)


@pytest.fixture(scope="module")
def user(cloud: Server) -> User:
    return cloud.user("gman")


@pytest.fixture(scope="module")
def servers(user: User) -> dict[str, str]:
    """Attempt -> the server that makes it."""
    return {name: boot(user, attempt.script) for name, attempt in ATTEMPTS.items()}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_attempt_succeeds(user: User, servers: dict[str, str], name: str) -> None:
    attempt = ATTEMPTS[name]
    output = said(user, servers[name], attempt.comes)
    assert [word for word in attempt.never if word in output] == []
    delete(user, servers[name])


def test_no_server_gets_another_servers_user_data(user: User) -> None:
    """A server that takes another's address must not get that server's user data from the metadata service."""
    victim = boot(user, f"# {SECRET}")
    said(user, victim)
    address = address_of(user, victim)
    ask = f"timeout 3 wget -q -O - --header 'X-Forwarded-For: {address}' --header 'X-Instance-ID: {victim}'"
    output = tells(
        user,
        f"""{ask} {METADATA}/user_data; ip addr add {address}/32 dev eth0; ip route del 169.254.169.254
        ip route add 169.254.169.254 dev eth0 src {address}; {ask} {METADATA}/user_data || echo refused""",
    )
    assert f"# {SECRET}" not in output
    assert "\nrefused\n" in output
    delete(user, victim)


def test_no_server_can_act_as_dhcp_server_or_router(user: User) -> None:
    """A server is connected even if another guest on its network runs a DHCP server and claims the router's address."""
    [subnet] = user.network("GET", f"/subnets?ip_version=4&project_id={user.project_id}").json()["subnets"]
    router = subnet["gateway_ip"]
    rogue = boot(
        user,
        f"""cat > /run/udhcpd.conf <<END
start 192.0.2.10
end 192.0.2.90
interface eth0
lease_file /run/leases
option router 192.0.2.1
END
        : > /run/leases; udhcpd -f /run/udhcpd.conf > /dev/null 2>&1 &
        ip addr add {router}/32 dev eth0
        echo ready; while :; do arping -U -c 1 -I eth0 -s {router} {router}; done > /dev/null 2>&1""",
    )
    said(user, rogue, "ready")
    server = boot(user, "ip route; timeout 5 wget -q -O - http://198.51.100.7/")
    output = said(user, server)
    assert f"dhcp eth0 {address_of(user, server)}/" in output
    assert "192.0.2." not in output
    assert '{"address"' in output
    for item in (rogue, server):
        delete(user, item)


def test_a_deleted_interface_is_created_again(user: User) -> None:
    """It comes with the port's next change; until then this server has none, and other servers are not affected."""
    server = boot(user, "ip link del eth0; (while :; do ip -o -4 addr show dev eth1; sleep 0.2; done) 2> /dev/null &")
    said(user, server)
    [port] = ports_of(user, server)
    for up in (False, True):
        answer = user.network("PUT", f"/ports/{port['id']}", json={"port": {"admin_state_up": up}})
        assert answer.status_code == 200, answer.text
        assert "metadata service" in tells(user, "true")  # by then the change is applied
    said(user, server, f"inet {address_of(user, server)}/")  # on the new interface
    delete(user, server)


def test_the_cloud_is_as_good_as_before(cloud: Server, user: User) -> None:
    """After all that: the next server is connected as fast as any, and nothing of the others is left."""
    began = time.monotonic()
    assert '{"address"' in tells(user, "timeout 5 wget -q -O - http://198.51.100.7/")
    assert time.monotonic() - began < WORD
    until(lambda: not list((cloud.data / "consoles").iterdir()), "consoles are left")
