"""The limits of a project: raised where they are too low, and the cloud allows it."""

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.projects.quotas import COMPUTE_DEFAULTS, NETWORK_DEFAULTS, ProjectQuotas
from conformance.race.scenarios.quota_edge import Limits
from conformance.target.cloud import ApiError

COMPUTE, NETWORK = "http://c/v2.1/os-quota-sets/p1", "http://n/v2.0/quotas/p1"
ENVELOPES = {COMPUTE: "quota_set", NETWORK: "quota"}
EVERY = {COMPUTE: COMPUTE_DEFAULTS, NETWORK: NETWORK_DEFAULTS}


class FakeAdmin:
    """Of two quota sets; `refused` is the status of each PUT, where it is one."""

    endpoints = SimpleNamespace(compute="http://c/v2.1", network="http://n")

    def __init__(self, sets: dict[str, dict[str, Any]], refused: int = 0) -> None:
        self.sets = {url: dict(limits) for url, limits in sets.items()}
        self.refused = refused
        self.changes: list[tuple[str, Any]] = []

    def call(self, method: str, url: str, json: Any = None) -> Any:
        if method == "DELETE":
            self.changes.append((url, None))
        if method == "PUT":
            self.changes.append((url, json[ENVELOPES[url]]))
        if url not in self.sets or (method == "PUT" and self.refused) or method == "DELETE":
            raise ApiError(f"{method} {url} answered {self.refused or 404}", self.refused or 404)
        self.sets[url] |= json[ENVELOPES[url]] if json else {}
        return {ENVELOPES[url]: {"id": "p1", **self.sets[url]}}


def give(admin: Any) -> None:
    ProjectQuotas(admin, "p1").raise_limits()


@pytest.mark.parametrize(
    "limits",
    [
        EVERY,
        {url: dict.fromkeys(every, -1) for url, every in EVERY.items()},
        {url: dict.fromkeys(every, 5000000) for url, every in EVERY.items()},
        {},  # the service does not show it
        {COMPUTE: {"instances": "10"}, NETWORK: {"network": None, "firewall": 0}},
    ],
)
def test_sufficient_limits_stay(limits: dict[str, dict[str, Any]]) -> None:
    admin = FakeAdmin(limits)
    give(admin)
    assert admin.changes == []


def test_only_low_limits_are_raised() -> None:
    admin = FakeAdmin({COMPUTE: {"instances": 0, "cores": -1, "ram": 99999}, NETWORK: {"network": 3, "port": 500}})
    give(admin)
    assert admin.changes == [(COMPUTE, {"instances": 10}), (NETWORK, {"network": 100})]


def test_limits_that_cannot_be_raised_stay() -> None:
    nothing = {url: dict.fromkeys(every, 0) for url, every in EVERY.items()}
    admin = FakeAdmin(nothing, refused=403)
    give(admin)
    assert admin.sets == nothing


def test_a_reset_ignores_its_answers() -> None:
    admin: Any = FakeAdmin(EVERY)
    ProjectQuotas(admin, "p1").reset()
    assert admin.changes == [(COMPUTE, None), (NETWORK, None)]


def test_lowered_limits_are_restored_even_if_they_are_not_shown() -> None:
    class Forgetful(FakeAdmin):
        """Answers PUT, but no GET."""

        def call(self, method: str, url: str, json: Any = None) -> Any:
            if method == "GET" and self.changes:
                raise ApiError("GET answered 500", 500)
            return super().call(method, url, json)

    admin: Any = Forgetful({COMPUTE: {"instances": 10}})
    with pytest.raises(ApiError), Limits(admin, COMPUTE, "quota_set", instances=1):
        raise AssertionError("it is not known to hold")
    assert admin.sets == {COMPUTE: {"instances": 10}}


def test_lowered_limits_are_restored() -> None:
    admin: Any = FakeAdmin({COMPUTE: {"instances": 10, "cores": 20}})
    with Limits(admin, COMPUTE, "quota_set", instances=1):
        assert admin.sets == {COMPUTE: {"instances": 1, "cores": 20}}
    assert admin.sets == {COMPUTE: {"instances": 10, "cores": 20}}
