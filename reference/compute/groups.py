"""Security groups by id or name, as boot requests name them, within the project (C-NET-029, C-ERR-026)."""

from collections.abc import Iterable

from reference.compute.errors import fault
from reference.compute.network_client import Networks

DEFAULT = "default"


def resolve(networks: Networks, project: str, names: Iterable[str]) -> list[str]:
    """The ids of those groups; empty where only the default one is named, as Networking assigns that by itself.

    Raises Problem: 400 for an unknown name, 409 for an ambiguous one.
    """
    requested = list(dict.fromkeys(names))
    if set(requested) <= {DEFAULT}:
        return []
    groups = networks.project_groups(project)
    ids = []
    for name in requested:
        matches = [group["id"] for group in groups if group["id"] == name]
        matches = matches or [group["id"] for group in groups if group["name"] == name]
        if not matches:
            raise fault(400, f"Unable to find security_group with name or id '{name}'")
        if len(matches) > 1:
            raise fault(409, f"Multiple security_group matches found for name '{name}', use an ID to be more specific.")
        ids.append(matches[0])
    return ids
