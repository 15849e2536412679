"""What a server says on its console, as Compute gives it out; who writes it is of no concern here."""

from dataclasses import replace
from typing import Any

import pytest
import requests

from reference.app import application, services
from reference.tests.computing import Desk, refusal
from reference.tests.conftest import Cloud, Session

SAID = b"one\r\ntwo\n\x1b[1mthree\xff\n"


@pytest.fixture
def desk(cloud: Cloud) -> Desk:
    """A user of a cloud whose servers run."""
    settings = replace(cloud.settings, guests=True)
    app = application(services(cloud.store, settings).apps, cloud.store, settings)
    session = Session(cloud.session.base, app)
    settings.consoles.mkdir()
    users = {name: replace(getattr(cloud, name), session=session) for name in ("admin", "demo", "alt", "reader")}
    running = replace(cloud, session=session, settings=settings, **users)
    return Desk(running, running.demo)


def ask(desk: Desk, item: str, **detail: Any) -> requests.Response:
    return desk("POST", f"/servers/{item}/action", json={"os-getConsoleOutput": detail})


def write(desk: Desk, item: str) -> None:
    (desk.cloud.settings.consoles / item).write_bytes(SAID)


def test_where_servers_do_not_run_there_is_no_console(cloud: Cloud) -> None:
    desk = Desk(cloud, cloud.demo)
    answer = ask(desk, desk.active("none"))
    assert refusal(answer) == (501, "notImplemented", "The requested functionality is not supported.")


def test_one_that_says_nothing_yet(desk: Desk) -> None:
    building = desk.booted("none")
    assert refusal(ask(desk, building))[0] == 409
    desk.build()
    assert ask(desk, building).json() == {"output": ""}


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
def test_the_last_lines(desk: Desk, length: object, expected: str) -> None:
    """Without what is no text; the empty line behind the last newline is one, as in Nova."""
    item = desk.active("none")
    write(desk, item)
    assert ask(desk, item, length=length).json() == {"output": expected}


@pytest.mark.parametrize("detail", [{"length": "x"}, {"length": -2}, {"length": 1.5}, {"length": []}, {"other": 1}])
def test_odd_questions(desk: Desk, detail: dict[str, Any]) -> None:
    item = desk.active("none")
    assert ask(desk, item, **detail).status_code == 400


def test_others_do_not_read_it(desk: Desk) -> None:
    item = desk.active("none")
    write(desk, item)
    assert ask(Desk(desk.cloud, desk.cloud.alt), item).status_code == 404
    assert ask(Desk(desk.cloud, desk.cloud.reader), item).status_code == 403
    assert ask(Desk(desk.cloud, desk.cloud.admin), item).json()["output"].startswith("one")
