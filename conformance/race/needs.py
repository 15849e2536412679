"""How much of each project's quota a race needs: an entry for each module of tests."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.projects import limits
from conformance.race.operations.servers import BATCH
from conformance.race.scenarios.random_walk import LENGTH
from conformance.target.capabilities import Capabilities

DUPLICATES = 8  # topologies that racing requests of one project may build before all but one are deleted (N-AAT-042)
FEW = 4  # boots, or first GETs, of one project that are released at once


@dataclass(frozen=True)
class Race:
    """`width` calls are released at once, on a cloud of that kind."""

    width: int
    cloud: Capabilities

    def topologies(self, number: int) -> Counter[str]:
        """What `number` requests for one topology may use up while they race."""
        return limits.times(limits.topology(self.cloud), min(number, DUPLICATES))

    def servers(self, number: int) -> Counter[str]:
        """What `number` servers need, and the network that is built for them, whether by one request or by several."""
        return limits.servers(self.cloud, number) + self.topologies(number)

    def contests(self) -> Counter[str]:
        """A network with a subnet for each caller, and a port for each address and interface."""
        ports = self.width * (1 + limits.AGENTS_PORTS)
        return Counter(network=self.width, subnet=self.width, port=ports, router=1, subnetpool=1)

    def walk(self) -> Counter[str]:
        """A topology, and what half of the steps add to it."""
        added = LENGTH // 2
        return self.servers(1) + Counter(port=2 * added, router=added) + limits.servers(self.cloud, added)


NEEDS: Mapping[str, Callable[[Race], Counter[str]]] = {
    "test_boot_churn": lambda race: race.servers(FEW),
    "test_boot_race": lambda race: race.servers(BATCH),
    "test_churn_race": lambda race: race.topologies(race.width),
    "test_contests": Race.contests,
    "test_delete_race": lambda race: race.topologies(1),
    "test_operator_race": lambda _race: Counter(),  # its objects belong to the administrator
    "test_pool_race": lambda race: race.topologies(FEW),
    "test_projects_boot_race": lambda race: race.servers(BATCH),
    "test_quota_race": lambda race: race.servers(FEW),
    "test_topology_race": lambda race: race.topologies(race.width),
    "test_walks": Race.walk,
}


def of_module(name: str, width: int, cloud: Capabilities) -> Counter[str]:
    """How much of each project's quotas the races of that module of tests need."""
    return limits.any_test(cloud) + NEEDS[name](Race(width, cloud))
