"""Log lines carry what a request was and its id, as text and as JSON."""

import json
import logging

import pytest

from reference.logs import TEXT, JsonLines, TextLines
from reference.tests.clouds import Cloud


@pytest.fixture
def record(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> tuple[logging.LogRecord, str]:
    with caplog.at_level(logging.INFO, "reference.wsgi.service"):
        answer = cloud.demo.network("GET", "/networks")
    return caplog.records[-1], answer.headers["x-openstack-request-id"]


def test_json(cloud: Cloud, record: tuple[logging.LogRecord, str]) -> None:
    logged, request_id = record
    line = json.loads(JsonLines().format(logged))
    assert (line["level"], line["request_id"], line["project_id"]) == ("INFO", request_id, cloud.demo.project_id)
    assert line["message"] == "GET /network/v2.0/networks 200"
    assert cloud.demo.token not in json.dumps(line)


def test_text(record: tuple[logging.LogRecord, str]) -> None:
    logged, request_id = record
    line = TextLines(TEXT).format(logged)
    assert "GET /network/v2.0/networks 200" in line
    assert f"request_id={request_id}" in line


def test_an_exception_stays_in_one_line() -> None:
    try:
        raise KeyError("gone")
    except KeyError:
        broken = logging.getLogger("x").makeRecord("x", logging.ERROR, "f", 1, "failed", (), None)
        import sys

        broken.exc_info = sys.exc_info()
    line = JsonLines().format(broken)
    assert "\n" not in line
    assert "KeyError" in json.loads(line)["exception"]
