"""The command line: what it refuses, in one line and with exit code 3, and what it prints."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from openstack_cloud import accounts, broker, cli, cloud, databases, machine, releases, settings, setup
from openstack_cloud.errors import NotUpError, UsageError
from openstack_cloud.processes import Program
from openstack_cloud.settings import Settings

LAUNCHER = Path(cli.__file__).parent.parent / "openstack"


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A cloud that was up once, with nothing of it running."""
    monkeypatch.setattr(settings, "PLAIN_PATH", re.compile(".*"))
    facts = Settings(tmp_path / "cloud", "2025.2", 15000)
    facts.save()
    facts.done(setup.LAST_STEP).touch()
    return facts


@pytest.mark.parametrize(
    "line",
    [
        "",
        "frobnicate",
        "up --port-base many",
        "up --port-base 80 --state {empty}",
        "up --release 1999.1 --state {empty}",
        "up --network carrier-pigeon --state {empty}",
        "status --release 1999.1",
        "status --state {empty}",
        "env --state {empty}",
        "check --state {empty}",
        "down --purge --state {empty}",
        "down --wipe",
    ],
)
def test_bad_input_is_one_line_and_exit_code_3(tmp_path: Path, line: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(line.format(empty=tmp_path).split()) == 3
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("openstack: ")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_enough_ends_the_list_silently(stopped: Settings) -> None:
    line = f"set -o pipefail; {sys.executable} {LAUNCHER} status --state {stopped.state} | true"
    completed = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert completed.stderr == ""


def test_the_launcher_runs_with_the_standard_library_alone() -> None:
    command = [sys.executable, "-E", "-S", str(LAUNCHER), "up", "--release", "1999.1"]
    completed = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert completed.returncode == 3, completed.stderr
    assert "2025.2" in completed.stderr


def test_a_port_in_use_is_refused_before_anything_is_created(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PLAIN_PATH", re.compile(".*"))
    for module in (databases, broker):
        monkeypatch.setattr(module, "find", lambda wanted: "")
    monkeypatch.setattr(setup.Setup, "run", lambda self: pytest.fail("something was set up"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        base = taken.getsockname()[1]
        assert cli.main(["up", "--state", str(tmp_path / "new"), "--port-base", str(base)]) == 3
    assert f"port {base}, which keystone needs" in capfd.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_port_of_our_own_is_not_somebody_elses(stopped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "listening", lambda port: port == stopped.ports["keystone"])
    ours = cloud.Cloud(stopped, print)
    with pytest.raises(UsageError, match="keystone"):
        ours.check_ports()
    ours.keeper.start(Program("keystone", [sys.executable, "-c", "import time; time.sleep(60)"], "sleep"))
    ours.check_ports()
    ours.down()


def test_env_prints_lines_for_a_shell(stopped: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["env", "--state", str(stopped.state)]) == 0
    line = f"export OS_CLIENT_CONFIG_FILE={stopped.state}/clouds.yaml"
    assert capfd.readouterr().out.splitlines() == [line, "export OS_CLOUD=openstack"]
    stopped.done(setup.LAST_STEP).unlink()
    assert cli.main(["env", "--state", str(stopped.state)]) == 1


def test_status_lists_what_is_down(
    stopped: Settings, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud, "answers", lambda url: False)
    assert cli.main(["status", "--state", str(stopped.state)]) == 1
    kind, *lines = capfd.readouterr().out.splitlines()
    assert kind == "OpenStack 2025.2, network backend ovn, guests none"
    expected = {"keystone", "neutron", "nova-compute", "ovn-plugger", "ovsdb-nb", "ovs-vswitchd", "ovn-controller"}
    assert expected <= {line.split()[0] for line in lines}
    assert {line.split()[1] for line in lines} == {"down"}


def test_up_does_nothing_when_all_is_up(
    stopped: Settings, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (databases, broker):
        monkeypatch.setattr(module, "find", lambda wanted: "")
    monkeypatch.setattr(cloud.Cloud, "lacking", lambda self: [])
    monkeypatch.setattr(setup.Setup, "run", lambda self: pytest.fail("something was set up"))
    assert cli.main(["up", "--state", str(stopped.state)]) == 0
    out, err = capfd.readouterr()
    assert "already up" in err
    assert "./tools/conform --cloud openstack --alt-cloud openstack-alt" in out


def test_two_commands_do_not_work_on_one_cloud(stopped: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    with cloud.Cloud(stopped, print).locked():
        assert cli.main(["down", "--state", str(stopped.state)]) == 3
    assert "another command" in capfd.readouterr().err


def test_purge_removes_the_state_and_nothing_beside_it(stopped: Settings) -> None:
    beside = stopped.state.with_name("precious")
    beside.write_text("data")
    assert cli.main(["down", "--purge", "--state", str(stopped.state)]) == 0
    assert [path.name for path in stopped.state.parent.iterdir()] == ["precious"]


def test_a_process_that_does_not_start_is_named_with_its_log(stopped: Settings) -> None:
    keeper = cloud.Cloud(stopped, print).keeper
    (keeper.log / "nova-compute.log").write_text("first\nbroken beyond repair\n")
    with pytest.raises(NotUpError, match=r"(?s)not at work: nova-compute.*broken beyond repair"):
        setup.Setup(cloud.Cloud(stopped, print)).check_workers(["nova-compute"])
    with pytest.raises(NotUpError, match="keystone ended while it was starting"):
        cloud.Cloud(stopped, print).wait_until("keystone", lambda: False)


def test_a_step_is_taken_once_and_again_after_it_failed(stopped: Settings) -> None:
    steps = setup.Setup(cloud.Cloud(stopped, lambda text: None))
    taken: list[int] = []
    with pytest.raises(ZeroDivisionError):
        steps.once("step", lambda: 1 / 0)
    for _ in range(2):
        steps.once("step", lambda: taken.append(1))
    assert taken == [1]


def test_each_cloud_and_account_is_a_user_of_its_own(stopped: Settings) -> None:
    accounts.write(stopped)
    clouds = yaml.safe_load((stopped.state / "clouds.yaml").read_text())["clouds"]
    assert set(clouds) == {"openstack", "openstack-alt", "openstack-admin", "openstack-reader"}
    projects = {name: entry["auth"]["project_name"] for name, entry in clouds.items()}
    assert projects["openstack"] == projects["openstack-reader"] != projects["openstack-alt"]
    spare = yaml.safe_load((stopped.state / "accounts.yaml").read_text())
    assert len({entry["project_name"] for entry in spare} - set(projects.values())) == len(spare) >= 6
    for entry in spare:
        assert entry["roles"] == ["member"]
        assert entry["password"] == stopped.secret(entry["username"])
    assert json.loads((stopped.state / "accounts.yaml").read_text()) == spare


@pytest.mark.parametrize("name", list(releases.RELEASES))
def test_a_release_pins_its_services_and_what_they_stand_on(name: str) -> None:
    release = releases.release(name)
    services = {line.partition("==")[0] for line in release.requirements if "==" in line}
    assert services == {"keystone", "openstack-placement", "glance", "neutron", "nova"}
    pins = dict(line.split("==") for line in release.constraints.read_text().splitlines())
    assert {"oslo.messaging", "SQLAlchemy", "openstacksdk", "uWSGI", "PyMySQL"} <= set(pins)
    assert not services & set(pins), "the table and the pins would disagree one day"


def test_tenants_networks_change_only_while_nothing_runs(stopped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    down = cloud.Cloud(stopped, print)
    assert cli.tenants(down, None) == cli.tenants(down, "overlay") == "overlay"
    assert cli.tenants(down, "vlan") == "vlan"
    monkeypatch.setattr(cloud.Keeper, "leader", lambda keeper, name: 4711)
    assert cli.tenants(down, "overlay") == "overlay"
    with pytest.raises(UsageError, match="down` first"):
        cli.tenants(down, "vlan")
