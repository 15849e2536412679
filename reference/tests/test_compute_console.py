"""The output of a server's console, as Compute answers it. The tests write the console's file themselves."""

from dataclasses import replace
from typing import Any

import pytest
import requests

from reference.app import application, services
from reference.tests.clouds import Cloud, Session
from reference.tests.computing import Compute, refusal

SAID = b"one\r\ntwo\n\x1b[1mthree\xff\n"


@pytest.fixture
def compute(cloud: Cloud) -> Compute:
    """A user of a cloud whose servers run."""
    settings = replace(cloud.settings, guests=True)
    app = application(services(cloud.store, settings).apps, cloud.store, settings)
    session = Session(cloud.session.base, app)
    settings.consoles.mkdir()
    users = {name: replace(getattr(cloud, name), session=session) for name in ("admin", "demo", "alt", "reader")}
    running = replace(cloud, session=session, settings=settings, **users)
    return Compute(running, running.demo)


def ask(compute: Compute, item: str, **detail: Any) -> requests.Response:
    return compute("POST", f"/servers/{item}/action", json={"os-getConsoleOutput": detail})


def write(compute: Compute, item: str) -> None:
    (compute.cloud.settings.consoles / item).write_bytes(SAID)


def test_where_servers_do_not_run_there_is_no_console(cloud: Cloud) -> None:
    compute = Compute(cloud, cloud.demo)
    answer = ask(compute, compute.active("none"))
    assert refusal(answer) == (501, "notImplemented", "The requested functionality is not supported.")


def test_a_server_without_output_has_an_empty_console(compute: Compute) -> None:
    building = compute.booted("none")
    assert refusal(ask(compute, building))[0] == 409
    compute.build()
    assert ask(compute, building).json() == {"output": ""}


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (None, "one\ntwo\n[1mthree\ufffd\n"),
        (-1, "one\ntwo\n[1mthree\ufffd\n"),
        ("-1", "one\ntwo\n[1mthree\ufffd\n"),
        (0, ""),
        (2, "[1mthree\ufffd\n"),
        ("3", "two\n[1mthree\ufffd\n"),
        (99, "one\ntwo\n[1mthree\ufffd\n"),
    ],
)
def test_the_last_lines(compute: Compute, length: object, expected: str) -> None:
    """Control characters are left out. The empty line after the last newline counts as a line, as in Nova."""
    item = compute.active("none")
    write(compute, item)
    assert ask(compute, item, length=length).json() == {"output": expected}


@pytest.mark.parametrize("detail", [{"length": "x"}, {"length": -2}, {"length": 1.5}, {"length": []}, {"other": 1}])
def test_odd_questions(compute: Compute, detail: dict[str, Any]) -> None:
    item = compute.active("none")
    assert ask(compute, item, **detail).status_code == 400


def test_others_do_not_read_it(compute: Compute) -> None:
    item = compute.active("none")
    write(compute, item)
    assert ask(Compute(compute.cloud, compute.cloud.alt), item).status_code == 404
    assert ask(Compute(compute.cloud, compute.cloud.reader), item).status_code == 403
    assert ask(Compute(compute.cloud, compute.cloud.admin), item).json()["output"].startswith("one")
