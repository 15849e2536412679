"""Installing Debian's packages starts no service of theirs, and leaves the machine's own policy as it was."""

import os
import subprocess
from pathlib import Path

import pytest
from openstack_cloud import machine
from openstack_cloud.errors import NotUpError
from openstack_cloud.settings import Settings


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "policy-rc.d"
    monkeypatch.setattr(machine, "POLICY", file)
    return file


def test_no_service_may_start_while_packages_are_installed(
    tmp_path: Path, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[int | None] = []

    def run(settings: Settings, log: str, command: list[str], environ: dict[str, str]) -> str:
        start = [str(policy), "ovn-central", "start"]
        answers.append(subprocess.run(start, check=False).returncode if policy.exists() else None)
        return ""

    monkeypatch.setattr(machine, "run", run)
    monkeypatch.setattr(machine, "program", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.install_packages(Settings(tmp_path, "2026.2"))
    assert answers == [None, 101], "the list of packages is read, then they are installed"
    assert not policy.exists()


def test_others_that_read_the_lists_are_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[NotUpError | str] = [NotUpError(f"apt failed\nE: {machine.LISTS_LOCK}. It is held by process 7"), ""]

    def run(settings: Settings, log: str, command: list[str], environ: dict[str, str]) -> str:
        answer = answers.pop(0)
        if isinstance(answer, NotUpError):
            raise answer
        return answer

    monkeypatch.setattr(machine, "run", run)
    monkeypatch.setattr(machine.time, "sleep", lambda seconds: None)
    machine.read_lists(Settings(tmp_path, "2026.2"), ["apt-get"], {})
    assert not answers
    answers = [NotUpError("apt failed\nE: no space left"), ""]
    with pytest.raises(NotUpError, match="no space"):
        machine.read_lists(Settings(tmp_path, "2026.2"), ["apt-get"], {})


def test_the_policy_goes_when_the_installation_fails(policy: Path) -> None:
    with pytest.raises(ZeroDivisionError), machine.no_services_started():
        raise ZeroDivisionError
    assert not policy.exists()


def test_a_policy_of_the_machines_own_stays(policy: Path) -> None:
    policy.write_text("#!/bin/sh\nexit 101\n")
    with machine.no_services_started():
        assert policy.read_text() == "#!/bin/sh\nexit 101\n"
    assert policy.exists()


def test_leftovers_of_a_killed_run_are_removed(policy: Path) -> None:
    policy.write_text(machine.REFUSE_ALL)
    with machine.no_services_started():
        assert os.access(policy, os.X_OK)
    assert not policy.exists()
