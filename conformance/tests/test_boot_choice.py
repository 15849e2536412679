"""The chosen image and flavor are the smallest that a member can boot."""

from typing import Any

import pytest

from conformance.target import boot_choice

GIB = 1 << 30


def an_image(**values: Any) -> dict[str, Any]:
    usual = {"id": "right", "name": "cirros", "status": "active", "visibility": "public", "disk_format": "qcow2"}
    return {**usual, "min_ram": 0, "min_disk": 0, "size": 100, **values}


def a_flavor(**values: Any) -> dict[str, Any]:
    return {"id": "right", "name": "m1", "ram": 512, "vcpus": 1, "disk": 10, **values}


@pytest.mark.parametrize(
    "other",
    [
        {"status": "queued"},
        {"disk_format": "ari"},
        {"visibility": "private"},
        {"hw_architecture": "aarch64"},
        {"img_hv_type": "ironic"},
        {"min_ram": 64},
        {"size": 101},
    ],
)
def test_the_image(other: dict[str, Any]) -> None:
    odd = an_image(**{"size": 1, "id": "odd", **other})
    assert boot_choice.image([odd, an_image()])["id"] == boot_choice.image([an_image(), odd])["id"] == "right"


@pytest.mark.parametrize(
    "other",
    [
        {"disk": 0},
        {"disk": 1},  # the image does not fit
        {"ram": 64},
        {"os-flavor-access:is_public": False},
        {"OS-FLV-DISABLED:disabled": True},
        {"vcpus": 2, "ram": 512},
    ],
)
@pytest.mark.parametrize("image", [{"size": 2 * GIB}, {"virtual_size": 2 * GIB}, {"min_disk": 2}])
def test_the_flavor(other: dict[str, Any], image: dict[str, Any]) -> None:
    odd = a_flavor(**{"ram": 256, "id": "odd", **other})
    fitting = an_image(min_ram=128, **image)
    assert boot_choice.flavor([odd, a_flavor()], fitting)["id"] == "right"


def test_a_flavor_for_volumes_is_the_last_choice() -> None:
    assert boot_choice.flavor([a_flavor(disk=0)], an_image())["id"] == "right"


def test_a_named_image_and_flavor_are_chosen() -> None:
    odd, flavor = an_image(id="odd", name="windows", size=40 * GIB), a_flavor(id="odd", name="c1", disk=0)
    assert [boot_choice.image([an_image(), odd], name)["id"] for name in ("windows", "odd")] == ["odd"] * 2
    assert [boot_choice.flavor([a_flavor(), flavor], odd, name)["id"] for name in ("c1", "odd")] == ["odd"] * 2
    assert (boot_choice.image([odd], "linux"), boot_choice.flavor([flavor], odd, "m1")) == ({}, {})
