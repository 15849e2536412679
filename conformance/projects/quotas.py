"""What a project may have: many clouds give a new one little, or nothing, until an operator has said more.

Where that is less than OpenStack gives of itself, which the tests get along with, the administrator gives as much.
"""

from contextlib import suppress

from conformance.target.cloud import Account, ApiError

SERVERS = {"instances": 10, "cores": 20, "ram": 51200}
NETWORKS = {
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
# Without these a test would be refused what it is not about; what wants more, or is rationed, says so itself. Without
# rules there is no default security group, and without that not so much as a list of groups.
LEAST = {
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
    """What a quota set says, where it is one. Raises ApiError."""
    found = admin.call("GET", url)
    told = found.get(envelope) if isinstance(found, dict) else None
    return {name: most for name, most in told.items() if type(most) is int} if isinstance(told, dict) else {}


def set_limits(admin: Account, url: str, envelope: str, wanted: dict[str, int]) -> bool:
    """Change a quota set; whether that came of it, for a service may say so and not do it. Raises ApiError."""
    admin.call("PUT", url, {envelope: wanted})
    told = limits(admin, url, envelope)
    return all(told.get(name) == most for name, most in wanted.items())


class Allowance:
    """The quotas of one project."""

    def __init__(self, admin: Account, project: str) -> None:
        self._admin = admin
        self._project = project
        self._sets = (
            (f"{admin.endpoints.compute}/os-quota-sets/{project}", "quota_set", SERVERS),
            (f"{admin.endpoints.network}/v2.0/quotas/{project}", "quota", NETWORKS),
        )

    def give(self) -> str:
        """Raise what is too low, as far as the cloud lets the administrator; what is still lacking then, in a line."""
        lacking = [line for each in self._sets for line in self._raise(*each)]
        if not lacking:
            return ""
        return f"have new projects given more: {', '.join(lacking)}"

    def _raise(self, url: str, envelope: str, usual: dict[str, int]) -> list[str]:
        told = self._told(url, envelope)
        if low := {name: most for name, most in usual.items() if 0 <= told.get(name, UNLIMITED) < most}:
            with suppress(ApiError):
                self._admin.call("PUT", url, {envelope: low})
            told = self._told(url, envelope)
        return [
            f"{name} {told[name]} of {least}" for name, least in LEAST.items() if 0 <= told.get(name, UNLIMITED) < least
        ]

    def _told(self, url: str, envelope: str) -> dict[str, int]:
        try:
            return limits(self._admin, url, envelope)
        except ApiError:
            return {}  # not every cloud lets itself be asked

    def forget(self) -> None:
        """Let the project have what the cloud gives it, before it goes: services do not hear of that."""
        for url, *_ in self._sets:
            with suppress(ApiError):
                self._admin.call("DELETE", url)
