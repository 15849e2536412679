"""A setting by flag, environment and file, and the errors for invalid ones."""

import argparse
import re
from pathlib import Path

import pytest

from reference.config import Settings
from reference.settings_sources import Unusable, add_flags, gather


def flags(*arguments: str) -> dict[str, object]:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return vars(parser.parse_args(arguments))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "gman.toml"
    written.write_text('workers = 3\nthreads = 4\nregion = "north"\nservice-port = ["network=9696", "image=9292"]\n')
    return written


def test_defaults_without_any_source() -> None:
    assert gather(flags(), {}, None) == Settings()


def test_a_flag_goes_before_the_environment_before_the_file(file: Path) -> None:
    got = gather(flags("--workers", "5"), {"GMAN_WORKERS": "7", "GMAN_THREADS": "8"}, file)
    assert (got.workers, got.threads, got.region) == (5, 8, "north")


def test_several_values(file: Path) -> None:
    both = (("network", 9696), ("image", 9292))
    assert gather(flags(), {}, file).ports == both
    assert gather(flags("--service-port", "network=9696", "--service-port", "image=9292"), {}, None).ports == both
    assert gather(flags(), {"GMAN_SERVICE_PORT": "network=9696,image=9292"}, None).ports == both


def test_a_comma_is_part_of_a_single_value() -> None:
    assert gather(flags(), {"GMAN_DB": "x://a,b"}, None).database == "x://a,b"


@pytest.mark.parametrize(
    ("arguments", "environment", "written", "says"),
    [
        (("--workers", "0"), {}, "", "argument --workers: 0 is not a positive number"),
        ((), {"GMAN_PORT": "70000"}, "", "GMAN_PORT: 70000 is not a port"),
        ((), {}, "builders = -1", "gman.toml: builders: -1 is not a number from 0 up"),
        ((), {}, 'log-format = "xml"', "gman.toml: log-format: 'xml' is not one of text, json"),
        ((), {}, "worker = 2", "gman.toml: no such setting: worker"),
        ((), {}, "workers =", "gman.toml: Invalid value"),
    ],
)
def test_a_wrong_one_is_named(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], written: str, says: str
) -> None:
    file = tmp_path / "gman.toml"
    file.write_text(written)
    with pytest.raises(Unusable, match=says):
        gather(flags(*arguments), environment, file)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="--config"):
        gather(flags(), {}, tmp_path / "none.toml")


KEYSTONE = ("--auth", "keystone", "--identity-url", "http://127.0.0.1:5000/v3")
SECRET = {"GMAN_SERVICE_PASSWORD": "s"}


@pytest.mark.parametrize(
    ("arguments", "environment", "served"),
    [
        ((), {}, ("identity", "image", "network", "compute")),
        (KEYSTONE, SECRET, ("image", "network", "compute")),
        ((*KEYSTONE, "--services", "compute,image"), SECRET, ("image", "compute")),
        ((), {"GMAN_SERVICES": "network"}, ("network",)),
    ],
)
def test_what_is_served(arguments: tuple[str, ...], environment: dict[str, str], served: tuple[str, ...]) -> None:
    assert gather(flags(*arguments), environment, None).served == served


def test_a_service_elsewhere_is_called_there() -> None:
    settings = gather(flags(*KEYSTONE, "--services", "compute", "--network-url", "http://n:9696/"), SECRET, None)
    assert settings.url("network") == "http://n:9696"
    assert settings.url("identity") == "http://127.0.0.1:5000/v3"
    assert settings.url("compute") == "http://127.0.0.1:5050/compute"


def test_a_secret_has_no_flag() -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    assert "password" not in parser.format_help().replace("a password in it", "")


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (("--services", "dns"), {}, "argument --services: 'dns' is not one of identity, image, network, compute"),
        (("--auth", "ldap"), {}, "argument --auth: 'ldap' is not one of identity, keystone"),
        (("--network-url", "n:9696"), {}, "argument --network-url: 'n:9696' is not an http or https URL"),
        (("--network-url", "http://n"), {}, "--network-url is for a network that is not served here"),
        ((*KEYSTONE, "--services", "identity,network"), SECRET, "identity cannot be served with --auth keystone"),
        (KEYSTONE, {}, "--auth keystone needs --identity-url, and GMAN_SERVICE_PASSWORD"),
        (("--auth", "keystone"), SECRET, "--auth keystone needs --identity-url"),
        (("--services", "identity,compute,image"), {}, "compute needs network: add it to --services"),
    ],
)
def test_contradictions_are_named(arguments: tuple[str, ...], environment: dict[str, str], says: str) -> None:
    with pytest.raises(Unusable, match=re.escape(says)):
        gather(flags(*arguments), environment, None)
