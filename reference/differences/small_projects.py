"""Low limits of projects, where the suite has no administrator to raise them; each is too low for some tests."""

from collections.abc import Callable, Mapping

from reference.catalogue import Plant
from reference.differences import limits
from reference.differences.catalogue import difference

MEMBERS = "projects of members that may have little"


def _networking(most: Mapping[str, int]) -> Callable[[], None]:
    return lambda: limits.networking_gives(most)


def _compute(most: Mapping[str, int]) -> Callable[[], None]:
    return lambda: limits.compute_gives(most)


# id -> the limit in words, and how it is planted
LITTLE: Mapping[str, tuple[str, Plant]] = {
    "few_networks": ("one network", _networking({"network": 1})),
    "few_subnets": ("two subnets", _networking({"subnet": 2})),
    "few_routers": ("one router", _networking({"router": 1})),
    "few_ports": ("four ports", _networking({"port": 4})),
    "few_pools": ("two subnet pools and no floating IP", _networking({"subnetpool": 2, "floatingip": 0})),
    "few_groups": ("its default security group alone", _networking({"security_group": 1, "security_group_rule": 4})),
    "few_servers": ("one server", _compute({"instances": 1})),
    "few_cores": ("two cores", _compute({"cores": 2})),
    "little_memory": ("192 MiB of memory", _compute({"ram": 192})),
}


def _add(name: str, amount: str, plant: Plant) -> None:
    def little() -> None:
        plant()

    little.__name__ = name
    little.__doc__ = f"A member's project may have {amount}, and nobody gives it more."
    difference("clouds that sell what a project may have", by_members=True)(little)


for name, (amount, plant) in LITTLE.items():
    _add(name, amount, plant)
