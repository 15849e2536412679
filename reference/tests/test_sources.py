"""A setting by flag, environment and file, and what is said to a wrong one."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from reference.config import Settings
from reference.sources import Unusable, add_flags, gather


def flags(*given: str) -> dict[str, object]:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return vars(parser.parse_args(given))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "gman.toml"
    written.write_text('workers = 3\nthreads = 4\nregion = "north"\nservice-port = ["network=9696", "image=9292"]\n')
    return written


def test_nothing_given_is_the_default() -> None:
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
    ("given", "environment", "written", "says"),
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
    tmp_path: Path, given: tuple[str, ...], environment: dict[str, str], written: str, says: str
) -> None:
    file = tmp_path / "gman.toml"
    file.write_text(written)
    with pytest.raises(Unusable, match=says):
        gather(flags(*given), environment, file)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="--config"):
        gather(flags(), {}, tmp_path / "none.toml")
