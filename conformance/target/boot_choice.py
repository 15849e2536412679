"""What the tests boot: the image and the flavor, named by whoever starts the run, or else what asks for the least.

Listed is also what no member can boot: flavors without a disk are for servers on volumes (Nova's zero_disk_flavor is
the administrator's), and an image may be half of another, or made for other hardware than the next one's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Item = Mapping[str, Any]
GIB = 1 << 30
PARTIAL = ("aki", "ari", "iso")  # disk formats of a kernel, of its first disk, and of what has no disk of its own
PARTICULAR = ("architecture", "hw_architecture", "hypervisor_type", "img_hv_type", "vm_mode", "hw_vm_mode", "os_type")


def image(found: Iterable[Item], name: str = "") -> Item:
    """The active image of that id or name, or else the one that most hosts can boot with the least; {} for none."""
    return min(_named((each for each in found if each.get("status") == "active"), name), key=_image_demand, default={})


def flavor(found: Iterable[Item], image: Item, name: str = "") -> Item:
    """The flavor of that id or name, or else the smallest one in which the image fits; {} for none."""
    if name:
        return next(iter(_named(found, name)), {})
    return min((each for each in found if _fits(image, each)), key=_flavor_demand, default={})


def size(item: Item, what: str) -> int:
    """0 where a service forgot to say: that is for a test to tell."""
    number = item.get(what)
    return number if isinstance(number, int) else 0


def _named(found: Iterable[Item], name: str) -> list[Item]:
    return [each for each in found if not name or name in (each.get("id"), each.get("name"))]


def _image_demand(each: Item) -> list[int]:
    odd = each.get("disk_format") in PARTIAL, any(each.get(what) for what in PARTICULAR)
    return [each.get("visibility") != "public", *odd, *(size(each, what) for what in ("min_ram", "min_disk", "size"))]


def _flavor_demand(each: Item) -> list[int]:
    return [
        not size(each, "disk"),
        each.get("os-flavor-access:is_public") is False,
        *(size(each, what) for what in ("ram", "vcpus", "disk")),
    ]


def _fits(image: Item, each: Item) -> bool:
    disk = size(each, "disk")  # GiB; 0 means as much as the image takes
    taken = max(size(image, "min_disk") * GIB, size(image, "size"), size(image, "virtual_size"))
    able = each.get("OS-FLV-DISABLED:disabled") is not True
    return able and size(each, "ram") >= size(image, "min_ram") and (not disk or disk * GIB >= taken)
