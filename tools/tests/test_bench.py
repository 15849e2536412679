"""The output of `tools/bench`; the figures themselves are not tested."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from benching import filling, meter, processor, since, table, volleys
from benching.__main__ import main
from benching.chart import Chart

from conformance.settings import UsageProblem
from reference.network import topology
from reference.network.tables import addresses, pool_blocks, ports, subnets
from reference.tests.clouds import Cloud
from reference.tests.conftest import cloud, prepared

__all__ = ["cloud", "prepared"]


def test_a_row_tells_median_and_the_worst() -> None:
    assert table.Row("few", "ms", [3.0, 1.0, 2.0]).median == 2.0
    assert table.Row("few", "ms", [3.0, 1.0, 2.0]).worst == 3.0
    many = table.Row("many", "ms", [float(number) for number in range(1, 101)])
    assert 95 <= many.worst <= 96


def test_a_table_is_text_and_data() -> None:
    shown_table = table.Table("Claim", [table.Row("a row", "ms", [1.0])], "at most 2 ms", {"on": "loopback"})
    assert "Claim" in shown_table.text()
    assert "on: loopback" in shown_table.text()
    assert "budget: at most 2 ms" in shown_table.text()
    assert json.loads(table.FORMATS["json"]([shown_table]))[0]["rows"][0]["median"] == 1.0
    assert "| a row | 1.00 ms | 1.00 ms | 1 |  |" in table.FORMATS["md"]([shown_table])


def test_a_picture_has_a_line_for_each_name_and_tells_which_is_which() -> None:
    drawn = Chart("Arrivals", "request", "ms", {"tight": [0.0, 1.0], "loose": [0.0, 20.5]})
    shown_table = table.Table("Claim", [table.Row("a row", "ms", [1.0])], chart=drawn)
    picture = shown_table.markdown().partition("```mermaid\n")[2].splitlines()
    assert picture == [
        "xychart-beta",
        '    title "Arrivals; from above: loose, tight"',
        '    x-axis "request" 1 --> 2',
        '    y-axis "ms"',
        "    line [0.00, 1.00]",
        "    line [0.00, 20.50]",
        "```",
    ]


def test_both_kinds_of_volley_arrive() -> None:
    spread = volleys.spread(4, 2)
    ours, barrier = spread.rows
    assert len(ours.values) == len(barrier.values) == 2
    assert all(value >= 0 for value in (*ours.values, *barrier.values))
    assert spread.chart is not None
    for line in spread.chart.lines.values():
        assert len(line) == 4
        assert line[0] == 0.0
        assert list(line) == sorted(line)


@pytest.mark.parametrize(
    "arguments", [["speed"], ["calls", "--rounds", "0"], ["growth", "--sizes", "many"], [], ["since"]]
)
def test_an_invalid_command_line_is_reported_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_an_unknown_cloud_is_reported_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calls", "--on", "nowhere"]) == 3
    assert capsys.readouterr().err.startswith("tools/bench: cloud 'nowhere'")


def test_an_unknown_revision_is_reported_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["since", "no-such-revision"]) == 3
    assert capsys.readouterr().err.startswith("tools/bench: 'no-such-revision' is no revision of the repository")


def test_two_builds_are_compared_pair_by_pair() -> None:
    assert since.ratio([2.0, 1.0, 3.0], [4.0, 4.0, 4.0], "start") == "x 0.50 of start (0.25 to 0.75)"


# holds 32 MB for 0.3 seconds of processor time
BURN = "import time; held = bytearray(32 << 20)\nwhile time.process_time() < 0.3: pass"


def test_the_time_of_a_process_that_lost_its_parent_is_measured_too() -> None:
    command = ["sh", "-c", f"{sys.executable} -c '{BURN}' & exit 3"]
    metered = [sys.executable, meter.__file__, *command]
    measures = json.loads(subprocess.run(metered, stdout=subprocess.PIPE, check=True, timeout=60).stdout)
    assert measures["code"] == 3
    assert measures["processor"] >= 0.3


def test_the_time_of_the_reference_is_measured_by_itself() -> None:
    words = ("reference", "serve")
    for more, least, most in ((words, 0.1, 0.5), (words[:1], 0.0, 0.0)):
        metered = [sys.executable, meter.__file__, sys.executable, "-c", BURN, *more]
        measures = json.loads(subprocess.run(metered, stdout=subprocess.PIPE, check=True, timeout=60).stdout)
        assert least <= measures["reference"] <= most


def test_the_memory_of_all_processes_is_measured() -> None:
    metered = [sys.executable, meter.__file__, "sh", "-c", f"{sys.executable} -c '{BURN}'; exit 0"]
    measures = json.loads(subprocess.run(metered, stdout=subprocess.PIPE, check=True, timeout=60).stdout)
    assert measures["memory"] > 32


def test_requests_are_counted_in_the_reference_alone(tmp_path: Path) -> None:
    requests = tmp_path / "requests"
    variables = {**os.environ, "PYTHONPATH": str(since.COUNTED), "GMAN_BENCH_REQUESTS": str(requests)}
    loaded = "import sys; print('gunicorn' in sys.modules)"
    for more, counting in ((["reference"], "True"), ([], "False")):
        command = [sys.executable, "-c", loaded, *more]
        completed = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
        assert (completed.stdout.strip(), requests.exists()) == (counting, counting == "True")
        requests.unlink(missing_ok=True)


def test_filled_as_if_each_had_been_built(cloud: Cloud) -> None:
    def counted() -> dict[str, int]:
        with cloud.store.read() as tx:
            return {
                name: len(set(tx.execute(sa.select(column)).scalars()))
                for name, column in (
                    ("prefixes", subnets.c.cidr),
                    ("MAC addresses", ports.c.mac_address),
                    ("ports", ports.c.id),
                    ("outer addresses", addresses.c.ip_address),
                )
            }

    def free() -> set[tuple[str, str, int]]:
        with cloud.store.read() as tx:
            return {tuple(row) for row in tx.execute(sa.select(pool_blocks))}

    before, blocks = counted(), free()
    projects = filling.fill(cloud.store, 11)
    assert len(set(projects)) == 11
    added = {name: number - before[name] for name, number in counted().items()}
    # two prefixes, three ports and four addresses each
    assert added == {"prefixes": 22, "MAC addresses": 33, "ports": 33, "outer addresses": 44}
    for project in projects:
        cloud.store.write(functools.partial(topology.take_down, project_id=project))
    assert counted() == before
    assert free() == blocks


def test_the_reference_of_today_beside_an_older_one() -> None:
    """Each is started from its own files, and what both take for each request is measured."""
    [measured] = processor.since("HEAD", ["sqlite"], 1)
    names = [row.name for row in measured.rows]
    assert names[:2] == ["first GET, HEAD", "first GET, today"]
    assert len(names) == 2 * (3 + len(processor.LISTS) + 1)
    assert all(value > 0 for row in measured.rows for value in row.values)
    assert "of HEAD (" in measured.rows[1].ratio


def test_a_reference_started_from_a_folder_is_that_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "__init__.py").write_text("")
    (tmp_path / "reference" / "__main__.py").write_text("print('no cloud, but this folder')")
    with pytest.raises(UsageProblem, match="no cloud, but this folder"), processor.builds({"x": tmp_path}, "sqlite"):
        pass
