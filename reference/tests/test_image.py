"""Image: which images a caller sees, found by what, in which order, on how many pages (G-001 to G-004)."""

from typing import Any

import pytest

from reference.image import add_image
from reference.tests.clouds import Cloud

IMAGES = "/image/v2/images"


@pytest.fixture
def stocked(cloud: Cloud) -> Cloud:
    """Images a, b (of demo's own), c (of alt's own), d, e of different sizes beside the one there is."""

    def add(tx: Any) -> None:
        for number, name in enumerate("abcde"):
            private = {"b": cloud.demo.project_id, "c": cloud.alt.project_id}.get(name)
            values = {"id": f"0000000{number}-0000-4000-8000-000000000000", "name": name, "size": number}
            owner = {"owner": private or cloud.admin.project_id, "visibility": "private" if private else "public"}
            add_image(tx, values | owner | {"created_at": f"2020-01-0{number + 1}T00:00:00Z"})

    cloud.store.write(add)
    return cloud


def names(cloud: Cloud, query: str = "", user: Any = None) -> str:
    answer = (user or cloud.demo)("GET", f"{IMAGES}{query}")
    assert answer.status_code == 200, answer.text
    return "".join(image["name"] for image in answer.json()["images"] if image["name"] != "cirros")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "edba"),
        ("?name=a", "a"),
        ("?name=A", ""),
        ("?name=in:a,e", "ea"),
        ("?id=in:00000000-0000-4000-8000-000000000000,00000001-0000-4000-8000-000000000000", "ba"),
        ("?id=00000002-0000-4000-8000-000000000000", ""),
        ("?status=queued", ""),
        ("?visibility=private", "b"),
        ("?size_min=3", "ed"),
        ("?size_min=1&size_max=3", "db"),
        ("?sort=name:asc", "abde"),
        ("?sort=size:asc,name", "abde"),
        ("?sort_key=name&sort_dir=desc", "edba"),
    ],
)
def test_images_that_a_query_finds(stocked: Cloud, query: str, expected: str) -> None:
    assert names(stocked, query).replace("A", "a") == expected


def test_admins_see_all(stocked: Cloud) -> None:
    assert names(stocked, user=stocked.admin) == "edcba"
    assert names(stocked, user=stocked.alt) == "edca"


@pytest.mark.parametrize("sort", ["", "sort=name:asc", "sort=status:desc", "sort=size:asc,name:desc"])
def test_pages(stocked: Cloud, sort: str) -> None:
    ids = [image["id"] for image in stocked.demo("GET", f"{IMAGES}?{sort}").json()["images"]]
    pages, path = [], f"/v2/images?limit=2&{sort}"
    while path:
        page = stocked.demo("GET", f"/image{path}").json()
        pages += [image["id"] for image in page["images"]]
        path = page.get("next", "")
        assert len(pages) <= len(ids)
    assert pages == ids
    assert "next" not in stocked.demo("GET", IMAGES).json()
    assert stocked.demo("GET", f"{IMAGES}?limit=0").json()["images"] == []


@pytest.mark.parametrize(
    "query", ["limit=-1", "limit=x", "marker=none", "sort=none", "sort_dir=up", "size_min=x", "sort=name:up"]
)
def test_invalid_queries_are_refused(stocked: Cloud, query: str) -> None:
    assert stocked.demo("GET", f"{IMAGES}?{query}").status_code == 400


def test_one_image(stocked: Cloud) -> None:
    mine, others = "00000001-0000-4000-8000-000000000000", "00000002-0000-4000-8000-000000000000"
    shown = stocked.demo("GET", f"{IMAGES}/{mine}").json()
    needed = "id name status visibility min_disk min_ram size container_format disk_format created_at updated_at owner"
    assert set(needed.split()) <= set(shown)
    for unknown in (others, "b", "00000009-0000-4000-8000-000000000000"):
        assert stocked.demo("GET", f"{IMAGES}/{unknown}").status_code == 404
    assert stocked.session.get(f"{stocked.session.base}/image/").status_code == 300
    assert stocked.session.get(f"{stocked.session.base}{IMAGES}").status_code == 401


def test_an_image_that_is_made_waits_for_its_data_and_can_be_deleted(cloud: Cloud) -> None:
    answer = cloud.demo("POST", IMAGES, json={"name": "mine", "min_ram": 64})
    assert answer.status_code == 201
    image = answer.json()
    assert {name: image[name] for name in ("name", "status", "visibility", "min_ram", "owner")} == {
        "name": "mine",
        "status": "queued",
        "visibility": "shared",
        "min_ram": 64,
        "owner": cloud.demo.project_id,
    }
    assert cloud.alt("DELETE", f"{IMAGES}/{image['id']}").status_code == 404
    assert cloud.demo("DELETE", f"{IMAGES}/{image['id']}").status_code == 204
    assert cloud.demo("GET", f"{IMAGES}/{image['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [({"visibility": "public"}, 403), ({"name": 7}, 400), ({"min_ram": "much"}, 400), ([], 400)],
)
def test_an_image_that_is_refused(cloud: Cloud, body: Any, status: int) -> None:
    assert cloud.demo("POST", IMAGES, json=body).status_code == status


def test_a_public_image_is_not_for_a_member_to_delete(cloud: Cloud) -> None:
    [image] = cloud.demo("GET", IMAGES).json()["images"]
    assert cloud.demo("DELETE", f"{IMAGES}/{image['id']}").status_code == 403
