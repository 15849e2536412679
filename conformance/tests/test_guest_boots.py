"""Booting guests and listening to them: what a cloud withholds is unsupported, and silence is reported with the
console.
"""

from base64 import b64decode
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.deadlines import Deadlines
from conformance.guests import apis, boots
from conformance.guests.boots import Template
from conformance.guests.records import Address, GuestLog
from conformance.guests.scene import Scene
from conformance.guests.script import Plan
from conformance.target.cloud import ApiError
from conformance.tests.guest_records import NONCE
from conformance.tests.test_guest_console import spoken
from conformance.verdict.signals import Inconclusive, Unsupported
from conformance.waits import Waits

TEMPLATE = Template("image", "flavor", "gman-r-guest", (4,), (), "external")
SECRET = "a-token-of-this-run"
SERVER = {"id": "s1", "name": f"gman-r-guest-{NONCE[:6]}-1", "status": "ACTIVE"}


class Cloud:
    """An account whose cloud answers by a table: the end of a URL -> the answer, or an error to raise."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {key.replace("__", "/"): answer for key, answer in answers.items()}
        self.endpoints = SimpleNamespace(compute="http://c", network="http://n")
        self.deadlines = Deadlines(guest=0.05, server_build=0.05)
        self.waits = Waits(self.deadlines)
        self.token, self.project_id = SECRET, "project-1"
        self.sent: list[Any] = []

    def call(self, method: str, url: str, json: Any = None, headers: Any = None) -> Any:
        self.sent.append(json)
        path = url.partition("?")[0].removeprefix("http://c/").removeprefix("http://n/v2.0/")
        answer = self.answers[path]
        if isinstance(answer, Exception):
            raise answer
        return answer


def account(**answers: Any) -> Any:
    return Cloud(**answers)


def with_console(output: Any) -> Any:
    answer = output if isinstance(output, Exception) else {"output": output}
    return account(servers__s1__action=answer)


@pytest.mark.parametrize("status", [400, 403, 404, 501])
def test_a_console_that_is_withheld_is_unsupported(status: int) -> None:
    with pytest.raises(Unsupported, match="consoles are withheld"):
        boots.listen(with_console(ApiError("POST action answered so", status)), ["s1"], NONCE)


def test_a_console_that_fails_is_the_clouds_fault() -> None:
    with pytest.raises(ApiError):
        boots.listen(with_console(ApiError("POST action answered 500", 500)), ["s1"], NONCE)


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (ApiError("not ready", 409), "within 0.05 s its console had no words of ours: it is empty"),
        ("", "it is empty"),
        (None, "it is empty"),
        (f"booting\n{SECRET}\nlogin: ", "and ends with: booting | *** | login:"),
    ],
)
def test_silence_is_reported_with_the_consoles_end(output: Any, says: str) -> None:
    words, silence, _when = boots.listen(with_console(output), ["s1"], NONCE)["s1"]
    assert words is None
    assert says in silence


def test_words_are_heard() -> None:
    words, silence, _when = boots.listen(with_console("\n".join(spoken())), ["s1"], NONCE)["s1"]
    assert words
    assert (words.mtus, silence) == ([1450], "")


def test_user_data_that_is_refused_is_unsupported() -> None:
    refusal = ApiError("POST servers answered 403 policy does not allow user_data", 403)
    with pytest.raises(Unsupported, match="no user data"):
        boots.request(account(servers=refusal), TEMPLATE, Plan())


def test_any_other_refusal_is_the_clouds_answer() -> None:
    with pytest.raises(ApiError):
        boots.request(account(servers=ApiError("quota exceeded", 403)), TEMPLATE, Plan())


def test_the_body_of_a_boot() -> None:
    cloud = account(servers=None)
    boots.request(cloud, TEMPLATE, Plan(nonce=NONCE), 3, "group")
    [sent] = cloud.sent
    server = sent["server"]
    assert (server["networks"], server["min_count"], server["config_drive"]) == ("auto", 3, True)
    assert server["security_groups"] == [{"name": "group"}]


@pytest.mark.parametrize(
    ("servers", "says"),
    [([], "none is listed"), ([{**SERVER, "status": "ERROR"}], "ERROR"), ([{**SERVER, "status": "BUILD"}], "BUILD")],
)
def test_servers_that_do_not_run_prove_nothing(servers: list[Any], says: str) -> None:
    with pytest.raises(Inconclusive, match=says):
        boots.built(account(servers__detail={"servers": servers}), TEMPLATE, Plan(nonce=NONCE))


def test_records_hold_what_the_apis_show() -> None:
    port = {
        "id": "p1",
        "network_id": "n1",
        "mac_address": "FA:16:3E:00:00:05",
        "device_owner": "compute:nova",
        "device_id": "s1",
        "fixed_ips": [{"ip_address": "10.0.0.5", "subnet_id": "v4"}],
    }
    interface = {**port, "id": "p2", "device_owner": "network:router_interface_distributed", "device_id": "r1"}
    gateway = {"enable_snat": True, "external_fixed_ips": [{"ip_address": "172.24.0.9"}]}
    cloud = account(
        servers__s1={
            "server": {
                "addresses": {"net": [{"addr": "10.0.0.5"}, {"addr": "172.24.0.7", "OS-EXT-IPS:type": "floating"}]}
            }
        },
        ports={"ports": [port, interface]},
        networks__n1={"network": {"mtu": 1442}},
        subnets={"subnets": [{"id": "v4", "cidr": "10.0.0.0/26", "gateway_ip": "10.0.0.1"}]},
        routers__r1={"router": {"external_gateway_info": gateway}},
        floatingips={"floatingips": [{"id": "f1", "floating_ip_address": "172.24.0.7"}]},
    )
    view = apis.shown(cloud, "s1", "external")
    assert (view.mac, view.mtu, view.router, view.snat) == ("fa:16:3e:00:00:05", 1442, ("172.24.0.9",), True)
    assert set(view.addresses) == {Address("10.0.0.5", 26, "10.0.0.1")}
    assert (view.compute, view.compute_floating) == (("10.0.0.5",), ("172.24.0.7",))


def test_missing_members_of_an_answer_are_empty() -> None:
    cloud = account(servers__s1={}, ports={"ports": []}, subnets={"subnets": []})
    view = apis.shown(cloud, "s1", "external")
    assert (view.mac, view.addresses, view.compute) == ("", (), ())


@pytest.mark.parametrize(
    ("seconds", "wait", "floating", "search"), [(180, 20, 30, 60), (600, 67, 100, 200), (0.05, 1, 1, 1)]
)
def test_a_server_waits_as_long_as_a_slow_cloud_takes(
    tmp_path: Path, seconds: float, wait: int, floating: int, search: int
) -> None:
    facts = {
        "security-groups": {"security_group": {"id": "g1"}},
        "security-group-rules": {"security_group_rule": {"id": "r1"}},
    }
    cloud = account(servers=ApiError("POST servers answered 500", 500), **facts)
    cloud.deadlines = Deadlines(guest=seconds)
    scene = Scene("s", cloud, TEMPLATE, GuestLog(tmp_path, "s", "r"))
    assert f"WAIT={wait}\nOUTSIDE=''\nPEERS=2\nSEARCH={search}\n" in b64decode(scene.plan(3).user_data()).decode()
    with pytest.raises(ApiError):
        scene.boot_with_floating_ip("floating")
    assert f"FLOATING={floating}\n" in b64decode(cloud.sent[-1]["server"]["user_data"]).decode()
