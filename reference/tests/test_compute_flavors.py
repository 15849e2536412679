"""Flavors: who sees which, those that administrators add, and images that do not fit."""

from typing import Any

import pytest

from reference.compute import image_client
from reference.tests.clouds import Cloud
from reference.tests.computing import Compute, refusal


@pytest.mark.parametrize("query", ["foo=1", "is_public=None&foo=1"])
def test_flavor_queries(compute: Compute, query: str) -> None:
    for path in ("/flavors", "/flavors/detail"):
        assert compute("GET", f"{path}?{query}", version="2.74").status_code == 200
        assert refusal(compute("GET", f"{path}?{query}", version="2.75"))[:2] == (400, "badRequest")


def test_flavors(compute: Compute) -> None:
    tiny = compute("GET", "/flavors/1").json()["flavor"]
    assert (tiny["name"], tiny["swap"], "description" in tiny) == ("m1.tiny", "", False)
    newest = compute("GET", "/flavors/1", version="latest").json()["flavor"]
    assert (newest["swap"], newest["extra_specs"], newest["description"]) == (0, {}, None)
    for query in ("", "?is_public=None", "?is_public=True"):
        flavors = compute("GET", f"/flavors/detail{query}").json()["flavors"]
        assert [flavor["name"] for flavor in flavors] == ["m1.tiny", "m1.small"]
    assert [f["id"] for f in compute("GET", "/flavors?minRam=1024").json()["flavors"]] == ["2"]
    assert compute("GET", "/flavors?limit=1").json()["flavors_links"][0]["rel"] == "next"
    assert refusal(compute("GET", "/flavors/m1.tiny"))[:2] == (404, "itemNotFound")
    assert compute("GET", "/flavors/1/os-extra_specs").json() == {"extra_specs": {}}


def test_flavors_that_admins_add(cloud: Cloud) -> None:
    compute, admin = Compute(cloud, cloud.demo), Compute(cloud, cloud.admin, version="2.61")
    size = {"name": "f", "ram": "128", "vcpus": 1, "disk": 0}
    assert refusal(compute("POST", "/flavors", json={"flavor": size}))[:2] == (403, "forbidden")
    answer = admin("POST", "/flavors", json={"flavor": {**size, "id": "f1", "description": "d"}})
    assert answer.json()["flavor"] == admin("GET", "/flavors/f1").json()["flavor"]
    shown = answer.json()["flavor"]
    assert (shown["id"], shown["ram"], shown["disk"], shown["description"]) == ("f1", 128, 0, "d")
    assert {flavor["id"]: flavor["description"] for flavor in admin("GET", "/flavors").json()["flavors"]}["f1"] == "d"
    for taken in ({**size, "name": "g", "id": "f1"}, {**size, "id": None}):
        assert refusal(admin("POST", "/flavors", json={"flavor": taken}))[:2] == (409, "conflictingRequest")
    for values in ({**size, "ram": 0}, {**size, "name": ""}, {**size, "swap": 1}, {"name": "g"}, {**size, "x": 1}):
        assert refusal(admin("POST", "/flavors", json={"flavor": values}))[:2] == (400, "badRequest")
    assert refusal(admin("POST", "/flavors", json={"flavor": {**size, "description": "d"}}, version="2.54"))[0] == 400


def test_images_that_do_not_fit(compute: Compute, monkeypatch: pytest.MonkeyPatch) -> None:
    real = image_client.bootable
    for needs, says in (({"min_ram": 513}, "memory"), ({"min_disk": 2}, "disk")):
        wrong_image: dict[str, Any] = needs

        def small(*arguments: Any, wrong_image: dict[str, Any] = wrong_image) -> dict[str, Any]:
            return real(*arguments) | wrong_image

        monkeypatch.setattr(image_client, "bootable", small)
        status, _, message = refusal(compute.boot("none"))
        assert (status, says in message) == (400, True)
