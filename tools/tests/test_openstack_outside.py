"""The place beyond a real cloud's external network: where it is, who gets it, and that it ends with its interface."""

import ipaddress
import shlex
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from openstack_cloud import cli, outside, services
from openstack_cloud.settings import PACKAGE_PATH, Settings

from conformance.guests.places import urls


@pytest.fixture
def cloud(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "cloud", "2026.2", 15000, guests="namespaces")
    settings.save()
    return settings


def test_a_cloud_with_guests_has_an_outside_in_a_network_of_its_own(cloud: Settings) -> None:
    programs = {program.name: program for program, _ in services.programs(cloud)}
    assert programs["outside"].command[:2] == ["unshare", "--net"]
    assert programs["outside"].marker == services.gman()
    assert "outside" not in {program.name for program, _ in services.programs(replace(cloud, guests="none"))}


def test_up_names_the_outside_in_the_command_that_runs_the_suite(cloud: Settings) -> None:
    words = shlex.split(cli.conform(cloud))
    assert urls([words[words.index("--outside") + 1]]) == tuple(outside.urls()), "as the suite understands it"
    assert "--outside" not in cli.conform(replace(cloud, guests="none"))


def test_it_is_the_gateway_of_the_external_network_and_itself_beyond_it(cloud: Settings) -> None:
    lines = [shlex.join(step) for step in outside.steps(cloud, 4711)]
    for subnet in outside.OBJECTS["subnets"]:
        length = subnet["cidr"].partition("/")[2]
        assert any(line.startswith(f"ip address add {subnet['gateway_ip']}/{length} dev outside") for line in lines)
        within = ipaddress.ip_network(subnet["cidr"])
        assert not [address for address in outside.ADDRESSES if ipaddress.ip_address(address) in within]
    assert f"nsenter --net={cloud.state}/run/ovn/namespace ip link set dev outside netns 4711" in lines
    assert lines.index("ip link set dev outside up") > max(
        number for number, line in enumerate(lines) if " add " in line
    )


def test_it_has_no_routes_to_addresses_of_servers() -> None:
    served = [ipaddress.ip_network(prefix) for pool in outside.OBJECTS["pools"] for prefix in pool["prefixes"]]
    networks = [ipaddress.ip_interface(gateway).network for gateway in outside.gateways()]
    assert not [1 for own in served for other in networks if own.version == other.version and own.overlaps(other)]


@pytest.mark.parametrize("gone", [True, False])
def test_it_ends_on_request_and_with_its_interface(tmp_path: Path, cloud: Settings, gone: bool) -> None:
    server = tmp_path / "gman"
    server.write_text('#!/bin/sh\ntrap "echo ended; exit" TERM\necho "$@"\nwhile :; do sleep 0.1; done\n')
    server.chmod(0o755)
    script = (
        "import sys; from openstack_cloud import outside; outside.steps = lambda settings, pid: []; "
        f"outside.LOOK_SECONDS = 0.1; outside.plugged = lambda: not {gone}; sys.exit(outside.main())"
    )
    environ = {"PATH": "/usr/bin:/bin", **PACKAGE_PATH}
    line = [sys.executable, "-c", script, str(cloud.state), str(server)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, env=environ, text=True) as process:
        assert process.stdout is not None
        if not gone:
            assert process.stdout.readline().split() == outside.command("gman")[1:]
            process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)  # no process is left that holds its end of the pipe
        assert process.returncode == (1 if gone else 0)
    assert gone or "ended" in output


def test_a_cloud_that_is_not_there_is_said(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "openstack_cloud.outside", str(tmp_path / "none"), "gman"]
    completed = subprocess.run(line, capture_output=True, text=True, env=PACKAGE_PATH, check=False)
    assert completed.returncode == 1
    assert completed.stderr == f"no cloud in {tmp_path / 'none'}\n"
