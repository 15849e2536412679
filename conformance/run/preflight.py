"""Is there any point in a run? What is missing is told in one line each, with what to do about it."""

from collections.abc import Iterator

from conformance.target.capabilities import Capabilities

BOOTING = {"compute", "race", "operator"}  # profiles that boot servers
CANNOT = 409  # how a dry run says that a topology cannot be built


def missing(capabilities: Capabilities, claims: tuple[str, ...], image: str = "", flavor: str = "") -> Iterator[str]:
    """What the operator has to set up first, or to call by its right name: the `image` and `flavor` to boot.

    A cloud that only says it cannot, or only shows nothing, is wrong and not unprepared: then the run goes on.
    """
    if capabilities.dry_run == CANNOT and not capabilities.external_network_id:
        yield "no default external network: openstack network set --default NETWORK"
    if capabilities.dry_run == CANNOT and not capabilities.default_pools:
        yield (
            "no default subnet pool: "
            "openstack subnet pool create --share --default --default-prefix-length 26 --pool-prefix PREFIX NAME"
        )
    if BOOTING & set(claims) and not capabilities.image_id:
        command = "openstack image create --public --disk-format qcow2 --file FILE NAME"
        yield f"no active image is called {image}: --image" if image else f"no active image: {command}"
    if BOOTING & set(claims) and not capabilities.flavor_id:
        command = "openstack flavor create --ram 512 --disk 1 NAME"
        yield f"no flavor is called {flavor}: --flavor" if flavor else f"no flavor that the image fits in: {command}"
