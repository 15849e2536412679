"""What a project has of each kind, by the details of its quotas: one request, where lists take one for each kind."""

from collections.abc import Collection
from typing import Any

from conformance.projects.inventory import FLOATING_IPS, NETWORKS, POOLS, PORTS, ROUTERS, SUBNETS
from conformance.target.cloud import Account, ApiError

# kind -> the name of its quota; security groups are not among them, as the default one counts
COUNTED = {
    NETWORKS: "network",
    SUBNETS: "subnet",
    PORTS: "port",
    ROUTERS: "router",
    FLOATING_IPS: "floatingip",
    POOLS: "subnetpool",
}


class Usage:
    """The counts of the account's project, where the cloud shows them to a member (extension quota_details)."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._shown = True

    def present(self, kinds: Collection[str]) -> list[str]:
        """The kinds of which the project has something, and those that quotas do not count."""
        used = self.used() if kinds else {}
        return [kind for kind in kinds if used.get(COUNTED.get(kind, "")) != 0]

    def used(self) -> dict[str, int]:
        """Quota -> how much of it is used; empty if the cloud once showed nothing, and not requested again then."""
        if not self._shown:
            return {}
        url = f"{self._account.endpoints.network}/v2.0/quotas/{self._account.project_id}/details"
        try:
            used = _numbers(self._account.call("GET", url))
        except ApiError:
            used = {}
        self._shown = bool(used)
        return used


def _numbers(answer: Any) -> dict[str, int]:
    """Quota -> how much of it is used, as far as the answer says."""
    quotas = answer.get("quota") if isinstance(answer, dict) else None
    items = quotas.items() if isinstance(quotas, dict) else ()
    used = {name: detail.get("used") for name, detail in items if isinstance(detail, dict)}
    return {name: number for name, number in used.items() if type(number) is int}
