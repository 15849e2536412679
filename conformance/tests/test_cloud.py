"""The cloud as clouds.yaml names it: endpoints put in one form, calls that identify themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import USER_AGENT
from conformance.settings import UsageProblem
from conformance.target.cloud import ApiError, Cloud
from conformance.target.endpoints import normalized
from conformance.tests.tiny_cloud import PROJECT, TOKEN, TinyCloud, running, write_clouds


@pytest.mark.parametrize(
    ("service", "url", "expected"),
    [
        ("network", "http://n:9696", "http://n:9696"),
        ("network", "http://n:9696/", "http://n:9696"),
        ("network", "http://h/networking/v2.0/", "http://h/networking"),
        ("image", "http://h/image/v2", "http://h/image"),
        ("image", "http://h/image/v2.9/", "http://h/image"),
        ("identity", "http://h/identity", "http://h/identity/v3"),
        ("identity", "http://h/identity/v3/", "http://h/identity/v3"),
        ("identity", "http://h:5000/v2.0", "http://h:5000/v3"),
        ("compute", "http://h:8774/v2.1/", "http://h:8774/v2.1"),
        ("compute", "http://h:8774/v2.1/abc123", "http://h:8774/v2.1/abc123"),
        ("compute", "http://h:8774", "http://h:8774/v2.1"),
    ],
)
def test_endpoints_come_in_one_form(service: str, url: str, expected: str) -> None:
    assert normalized(service, url) == expected


def test_an_account_knows_where_and_who_it_is(tmp_path: Path) -> None:
    with running() as tiny:
        cloud = Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", tiny.url)))
        account = cloud.account
        assert account.project_id == PROJECT
        assert account.endpoints.network == f"{tiny.url}/network"
        assert account.endpoints.identity == f"{tiny.url}/identity/v3"
        assert account.token == TOKEN
        assert cloud.tokens == {TOKEN}
        assert account.call("GET", f"{tiny.url}/compute/v2.1/servers") == {"servers": []}
        with pytest.raises(ApiError, match="answered 404") as refused:
            account.call("GET", f"{tiny.url}/network/v2.0/nothing")
        assert refused.value.status == 404
        cloud.close()


def test_calls_identify_themselves(tmp_path: Path) -> None:
    with running() as tiny:
        account = Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", tiny.url))).account
        url = f"{tiny.url}/compute/v2.1/servers"
        assert [account.ask("GET", url).status, account.ask("GET", url).status] == [200, 200]
        assert account.ask("GET", url, headers={"X-Auth-Token": "other"}).status == 401
    *_, first, second, _other = tiny.askers
    assert first[0] == second[0] == USER_AGENT
    assert first[1].startswith("req-")
    assert first[1] != second[1]


@pytest.fixture
def changing() -> Iterator[TinyCloud]:
    """A cloud that gives another token at each sign-in, and takes that one alone."""
    with running() as tiny:
        tiny.lifetime = 600
        yield tiny


def sign_ins(tiny: TinyCloud) -> int:
    return tiny.requests.count("POST /identity/v3/auth/tokens")


def test_an_expired_token_is_replaced_and_the_call_repeated(tmp_path: Path, changing: TinyCloud) -> None:
    cloud = Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", changing.url)))
    servers = f"{changing.url}/compute/v2.1/servers"
    for number in (1, 2):
        assert cloud.account.ask("GET", servers).status == 200
        assert sign_ins(changing) == len(cloud.tokens) == number
        changing.token = "the first is no longer taken"
    assert cloud.account.call("GET", servers) == {"servers": []}
    assert cloud.account.ask("GET", servers, headers={"X-Auth-Token": "made-up"}).status == 401
    assert sign_ins(changing) == 3


def test_a_service_that_refuses_every_token_is_called_twice(tmp_path: Path) -> None:
    with running("distrustful") as tiny:
        tiny.lifetime = 600
        account = Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", tiny.url))).account
        assert account.ask("GET", f"{tiny.url}/compute/v2.1/servers").status == 401
        assert (sign_ins(tiny), tiny.requests.count("GET /compute/v2.1/servers")) == (2, 2)


@pytest.mark.parametrize(
    ("age", "seconds", "signed_in"),
    [
        (0, 900, 1),  # no token lasts as long, and this one is new
        (0, 300, 1),
        (200, 300, 1),  # 400 seconds are left
        (200, 500, 2),
        (200, 900, 2),
    ],
)
def test_a_lasting_token_is_valid_long_enough(
    tmp_path: Path, changing: TinyCloud, age: int, seconds: float, signed_in: int
) -> None:
    changing.age = age
    account = Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", changing.url))).account
    first = account.token
    changing.age = 0
    assert (account.lasting_token(seconds) == first) is (signed_in == 1)
    assert account.lasting_token(seconds) == account.token
    assert sign_ins(changing) == signed_in


def test_an_unreachable_service_gives_status_0(tmp_path: Path) -> None:
    with running() as tiny:
        account = Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", tiny.url))).account
        assert account.token
        with pytest.raises(ApiError) as refused:
            account.call("GET", "http://127.0.0.1:9/v2.0/networks")
    assert refused.value.status == 0


def test_a_file_that_is_no_clouds_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("clouds: [")
    with pytest.raises(UsageProblem, match="cloud 'tiny': "):
        Cloud("tiny", str(tmp_path / "c.yaml"))


def test_an_answer_that_is_no_json_is_refused(tmp_path: Path) -> None:
    with running("gibberish") as tiny:
        account = Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", tiny.url))).account
        with pytest.raises(ApiError, match="answered 200 with no JSON"):
            account.call("GET", f"{tiny.url}/compute/v2.1/servers")
