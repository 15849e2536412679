"""The quotas of a project: many clouds give a new one little, or nothing, until an operator raises its limits.

OpenStack's own defaults are enough for the tests; where the cloud's are lower, the administrator sets those.
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
# Below these, tests would fail for reasons that they are not about; a test that needs more checks for that itself.
# Without security group rules there is no default security group, and then even the list of groups is refused.
MINIMUM = {
    "instances": 5,
    "cores": 5,
    "ram": 320,
    "network": 5,
    "subnet": 10,
    "router": 2,
    "port": 20,
    "security_group_rule": 4,
}
UNLIMITED = -1
ELSEWHERE = "the service answers that it has set it, and has not: limits are kept elsewhere (unified limits)"


def limits(admin: Account, url: str, envelope: str) -> dict[str, int]:
    """The limits of a quota set by name, empty for an invalid answer. Raises ApiError."""
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

    def raise_limits(self) -> str:
        """Raise limits that are too low, where the cloud allows it; a line on what is still too low, else empty."""
        shortages = []
        for url, envelope, defaults in self._sets:
            present = self._limits(url, envelope)
            if low := {name: limit for name, limit in defaults.items() if 0 <= present.get(name, UNLIMITED) < limit}:
                with suppress(ApiError):
                    self._admin.call("PUT", url, {envelope: low})
                present = self._limits(url, envelope)
            for name, least in MINIMUM.items():
                if 0 <= present.get(name, UNLIMITED) < least:
                    shortages.append(f"{name} {present[name]} of {least}")
        return f"have new projects given more: {', '.join(shortages)}" if shortages else ""

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
