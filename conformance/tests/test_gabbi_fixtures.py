"""Fixtures with an administrator's rights undo their changes after the gabbi file."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from testtools import MultipleExceptions

from conformance.gabbi.fixtures import AdminsThings, EmptyProject, ProjectWithOwnQuotas
from conformance.projects.leases import Lease, Project
from conformance.schema import complaint
from conformance.target.capabilities import Capabilities
from conformance.target.cloud import ApiError
from conformance.target.endpoints import Endpoints

LISTS: dict[str, list[dict[str, str]]] = {
    "flavors": [{"id": "f1", "name": "gman-x"}, {"id": "1", "name": "m1.tiny"}],
    "images": [{"id": "i1", "name": "gman-x"}],
    "users": [],
    "projects": [{"id": "p1", "name": "gman-x"}],
}


class FakeAdmin:
    """Lists LISTS, and deletes all but what is `gone` (404) or `stuck` (409)."""

    endpoints = Endpoints("http://i/v3", "http://g", "http://n", "http://c/v2.1")

    def __init__(self, gone: str = "", stuck: str = "") -> None:
        self.refusals = {gone: 404, stuck: 409}
        self.deleted: list[str] = []

    def call(self, method: str, url: str) -> Any:
        kind = url.partition("?")[0].rpartition("/")[2]
        if method == "GET":
            return {kind: LISTS[kind]}
        if kind in self.refusals:
            raise ApiError(f"DELETE {url} answered {self.refusals[kind]}", self.refusals[kind])
        self.deleted.append(url)
        return None


def stage_of(admin: FakeAdmin) -> Any:
    return SimpleNamespace(admin=admin, leaks=[])


def tidied(admin: FakeAdmin, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GMAN_NAME", "gman-x")
    context = stage_of(admin)
    with AdminsThings(context, SimpleNamespace(requires=())):  # type: ignore[arg-type]
        assert admin.deleted == []
    return context


def test_only_objects_with_the_name_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = FakeAdmin()
    context = tidied(admin, monkeypatch)
    assert admin.deleted == ["http://c/v2.1/flavors/f1", "http://g/v2/images/i1", "http://i/v3/projects/p1"]
    assert context.leaks == []


def test_only_objects_that_remain_are_leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    context = tidied(FakeAdmin(gone="f1", stuck="p1"), monkeypatch)
    assert context.leaks == ["left behind: DELETE http://i/v3/projects/p1 answered 409"]


def test_an_interrupt_while_projects_are_leased_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_number: int, **_: bool) -> list[Project]:
        raise KeyboardInterrupt

    source = SimpleNamespace(acquire=interrupted)
    monkeypatch.setattr("conformance.gabbi.needs.of_file", lambda *_: None)
    context = SimpleNamespace(
        client=SimpleNamespace(), capabilities=None, lease=lambda number, *_: Lease(source, print, number)
    )
    with pytest.raises(KeyboardInterrupt):
        EmptyProject(context, SimpleNamespace(requires=())).setUp()  # type: ignore[arg-type]


def own_quotas(admin: FakeAdmin, file: str, monkeypatch: pytest.MonkeyPatch) -> ProjectWithOwnQuotas:
    """The fixture ProjectWithOwnQuotas for that file, without a project."""
    fixture = ProjectWithOwnQuotas(stage_of(admin), SimpleNamespace(requires=(), id=file))  # type: ignore[arg-type]
    monkeypatch.setattr("conformance.gabbi.fixtures.AnyProject._export", lambda _self, _project: None)
    monkeypatch.setattr(fixture, "_setUp", lambda: fixture._export(SimpleNamespace(id="p1")))  # type: ignore[arg-type]
    return fixture


@pytest.mark.parametrize("accepted", [True, False])
def test_quotas_of_compute_that_are_kept_elsewhere_are_unsupported(
    monkeypatch: pytest.MonkeyPatch, accepted: bool
) -> None:
    monkeypatch.setattr("conformance.projects.quotas.set_limits", lambda *_: accepted)
    monkeypatch.setattr("conformance.projects.quotas.ProjectQuotas.raise_limits", lambda _self: None)
    fixture = own_quotas(FakeAdmin(), "gabbits/compute/a.yaml", monkeypatch)
    with nullcontext() if accepted else pytest.raises(MultipleExceptions, match="kept elsewhere"), fixture:
        pass


def test_quotas_are_reset_and_raised_where_too_low(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = FakeAdmin()
    seen_by = []
    monkeypatch.setattr(
        "conformance.projects.quotas.ProjectQuotas.raise_limits", lambda _self: seen_by.append(len(admin.deleted))
    )
    with own_quotas(admin, "gabbits/network/a.yaml", monkeypatch):
        assert admin.deleted == []
    assert set(admin.deleted) == {"http://c/v2.1/os-quota-sets/p1", "http://n/v2.0/quotas/p1"}
    assert seen_by == [2]


@pytest.mark.parametrize(
    ("highest", "requested", "is_supported"),
    [("2.100", "2.9", True), ("2.9", "2.100", False), ("2.37", "2.37", True), ("", "2.1", False)],
)
def test_microversions_are_compared_as_numbers(highest: str, requested: str, is_supported: bool) -> None:
    assert Capabilities(max_microversion=highest).supports(requested) is is_supported


def test_a_schema_may_refer_to_another() -> None:
    link = {"rel": "self", "href": "http://c/servers/1"}
    server = {"id": "00000000-0000-4000-8000-000000000000", "name": "x", "links": [link]}
    assert complaint("servers", {"servers": [server]}) == ""
    assert "rel" in complaint("servers", {"servers": [{**server, "links": [{"href": "http://c"}]}]})
