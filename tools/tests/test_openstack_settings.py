"""Where a cloud's state goes, what is kept there, and what is refused."""

import re
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from openstack_cloud import settings
from openstack_cloud.errors import UsageError
from openstack_cloud.settings import Settings


def test_state_goes_to_the_users_cache() -> None:
    assert settings.default_state("2025.2", {"HOME": "/home/ada"}) == Path("/home/ada/.cache/gman/openstack-2025.2")
    environ = {"HOME": "/home/ada", "XDG_CACHE_HOME": "/cache"}
    assert settings.default_state("2025.2", environ) == Path("/cache/gman/openstack-2025.2")


def test_a_relative_cache_directory_counts_as_unset() -> None:
    environ = {"HOME": "/home/ada", "XDG_CACHE_HOME": "cache"}
    assert settings.default_state("2025.2", environ).is_relative_to("/home/ada")


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}])
def test_without_a_home_the_state_must_be_named(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="--state"):
        settings.default_state("2025.2", environ)


def test_settings_are_read_again() -> None:
    with TemporaryDirectory() as short:  # a state's path has to be, which pytest's own may not be
        first = Settings(Path(short) / "cloud", "2025.2", 15000, "own", "amqp://a:b@c/d")
        first.save()
        assert settings.load(first.state) == first
        assert settings.choose(first.state, None, None) == first
        assert settings.load(Path(short)) is None


def test_secrets_are_random_kept_and_private(tmp_path: Path) -> None:
    cloud = Settings(tmp_path / "cloud", "2025.2")
    cloud.save()
    assert len(cloud.secret("u1")) == 32
    assert cloud.secret("u1") == cloud.secret("u1") != cloud.secret("u2")
    for name in ("secrets.json", "settings.json"):
        assert stat.S_IMODE((cloud.state / name).stat().st_mode) == 0o600


def test_private_files_stay_private_when_written_over(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("open to all")
    settings.write_private(target, "secret")
    assert target.read_text() == "secret"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_each_state_directory_has_databases_of_its_own(tmp_path: Path) -> None:
    here, there = Settings(tmp_path / "a", "2025.2"), Settings(tmp_path / "b", "2025.2")
    assert here.prefix.startswith("gman_2025_2_")
    assert here.prefix == Settings(here.state, "2025.2").prefix != there.prefix


def test_a_cloud_on_agents_lies_beside_the_default_one() -> None:
    environ = {"HOME": "/home/ada"}
    assert settings.default_state("2025.2", environ, "", "agents").name == "openstack-2025.2-agents"
    mixture = settings.default_state("2025.2", environ, "compute", "agents")
    assert mixture.name == "openstack-2025.2-agents-reference-compute"
    assert settings.default_state("2025.2", environ, "network", "agents").name == "openstack-2025.2-reference-network"


def test_a_cloud_from_before_there_was_a_choice_stands_on_agents(tmp_path: Path) -> None:
    Settings(tmp_path / "cloud", "2025.2").save()
    file = tmp_path / "cloud" / "settings.json"
    file.write_text(file.read_text().replace('"network": "ovn"', '"installed": ""'))
    loaded = settings.load(tmp_path / "cloud")
    assert loaded is not None
    assert loaded.network == "agents"


def test_a_port_base_moves_every_port() -> None:
    usual, moved = Settings(Path("/s"), "2025.2").ports, Settings(Path("/s"), "2025.2", 15000).ports
    assert usual["keystone"] == 5000
    assert sorted(moved.values()) == list(range(15000, 15000 + len(usual)))
    assert Settings(Path("/s"), "2025.2", 15000).url("keystone") == "http://127.0.0.1:15000"


@pytest.mark.parametrize(
    ("state", "release", "base", "hint"),
    [
        ("new", "2019.1", None, "2025.2"),
        ("new", None, 80, "1024"),
        ("new", None, 65530, "1024"),
        ("white space", None, None, "letters"),
        ("x" * 80, None, None, "letters"),
        ("other", None, None, "something else"),
        ("file", None, None, "something else"),
        ("kept", None, 16000, "--purge"),
        ("kept", "2030.1", None, "2025.2"),
        ("damaged", None, None, "damaged"),
    ],
)
def test_refusals_say_what_to_change(
    tmp_path: Path, state: str, release: str | None, base: int | None, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PLAIN_PATH", re.compile(rf"/[\w/.+-]{{1,{len(str(tmp_path)) + 20}}}"))
    Settings(tmp_path / "kept", "2025.2", 15000).save()
    for name, content in (("other/precious", "data"), ("damaged/settings.json", "{")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(content)
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(UsageError, match=hint) as refused:
        settings.choose(tmp_path / state, release, base)
    assert "\n" not in str(refused.value)
