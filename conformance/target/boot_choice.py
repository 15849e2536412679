"""Choosing what the tests boot: the image and the flavor that the run names, or else those that demand the least.

A list also shows what no member can boot: flavors without a disk are for servers on volumes (Nova's zero_disk_flavor is
the administrator's), and an image may be half of another, or made for special hardware.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Item = Mapping[str, Any]
GIB = 1 << 30
PARTIAL = ("aki", "ari", "iso")  # disk formats of a kernel, of its first disk, and of what has no disk of its own
HARDWARE = ("architecture", "hw_architecture", "hypervisor_type", "img_hv_type", "vm_mode", "hw_vm_mode", "os_type")


def image(images: Iterable[Item], name: str = "") -> Item:
    """The active image of that id or name, or else the one that most hosts can boot with the least; {} for none."""
    active = [image for image in images if image.get("status") == "active"]
    return min(_named(active, name), key=_image_demand, default={})


def flavor(flavors: Iterable[Item], image: Item, name: str = "") -> Item:
    """The flavor of that id or name, or else the smallest one in which the image fits; {} for none."""
    if name:
        return next(iter(_named(flavors, name)), {})
    return min((flavor for flavor in flavors if _fits(image, flavor)), key=_flavor_demand, default={})


def size(item: Item, key: str) -> int:
    """The number under the key; 0 where a service left it out, which is for a test to report."""
    number = item.get(key)
    return number if isinstance(number, int) else 0


def _named(items: Iterable[Item], name: str) -> list[Item]:
    return [item for item in items if not name or name in (item.get("id"), item.get("name"))]


def _image_demand(image: Item) -> list[int]:
    """A sort key: public images that run anywhere first, then by the memory and disk that they take."""
    special = image.get("disk_format") in PARTIAL, any(image.get(key) for key in HARDWARE)
    return [
        image.get("visibility") != "public",
        *special,
        *(size(image, key) for key in ("min_ram", "min_disk", "size")),
    ]


def _flavor_demand(flavor: Item) -> list[int]:
    """A sort key: public flavors with a disk first, then by size."""
    return [
        not size(flavor, "disk"),
        flavor.get("os-flavor-access:is_public") is False,
        *(size(flavor, key) for key in ("ram", "vcpus", "disk")),
    ]


def _fits(image: Item, flavor: Item) -> bool:
    disk = size(flavor, "disk")  # GiB; 0 means as much as the image takes
    needed = max(size(image, "min_disk") * GIB, size(image, "size"), size(image, "virtual_size"))
    enabled = flavor.get("OS-FLV-DISABLED:disabled") is not True
    return enabled and size(flavor, "ram") >= size(image, "min_ram") and (not disk or disk * GIB >= needed)
