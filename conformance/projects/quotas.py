"""The quotas of a project: many clouds give a new one little, or nothing, until an operator raises its limits.

OpenStack's own defaults are enough for the tests. Where a cloud's limit is lower, the administrator raises it to them.
"""

from contextlib import suppress

from conformance.target.cloud import Account, ApiError

COMPUTE_DEFAULTS = {"instances": 10, "cores": 20, "ram": 51200}
NETWORK_DEFAULTS = {
    "network": 100,
    "subnet": 100,
    "subnetpool": 100,
    "port": 500,
    "router": 10,
    "floatingip": 50,
    "rbac_policy": 10,
    "security_group": 10,
    "security_group_rule": 100,
}
UNLIMITED = -1
ELSEWHERE = "the service accepts the new limit but does not apply it: limits are kept elsewhere (unified limits)"


def limits(admin: Account, url: str, envelope: str) -> dict[str, int]:
    """Name -> limit, for all limits of a quota set; empty if the answer is invalid. Raises ApiError."""
    answer = admin.call("GET", url)
    quota_set = answer.get(envelope) if isinstance(answer, dict) else None
    return (
        {name: limit for name, limit in quota_set.items() if type(limit) is int} if isinstance(quota_set, dict) else {}
    )


def set_limits(admin: Account, url: str, envelope: str, new: dict[str, int]) -> bool:
    """Set limits of a quota set; False where the service accepts them without effect. Raises ApiError."""
    admin.call("PUT", url, {envelope: new})
    present = limits(admin, url, envelope)
    return all(present.get(name) == limit for name, limit in new.items())


class ProjectQuotas:
    """The quotas of one project."""

    def __init__(self, admin: Account, project: str) -> None:
        self._admin = admin
        self._project = project
        self._sets = (
            (f"{admin.endpoints.compute}/os-quota-sets/{project}", "quota_set", COMPUTE_DEFAULTS),
            (f"{admin.endpoints.network}/v2.0/quotas/{project}", "quota", NETWORK_DEFAULTS),
        )

    def raise_limits(self) -> None:
        """Raise limits that are below OpenStack's own defaults, where the cloud allows it."""
        for url, envelope, defaults in self._sets:
            present = self._limits(url, envelope)
            if low := {name: limit for name, limit in defaults.items() if 0 <= present.get(name, UNLIMITED) < limit}:
                with suppress(ApiError):
                    self._admin.call("PUT", url, {envelope: low})

    def _limits(self, url: str, envelope: str) -> dict[str, int]:
        try:
            return limits(self._admin, url, envelope)
        except ApiError:
            return {}  # not every cloud shows its limits

    def reset(self) -> None:
        """Give the project the cloud's default limits again; services keep those of deleted projects otherwise."""
        for url, *_ in self._sets:
            with suppress(ApiError):
                self._admin.call("DELETE", url)
