"""Security groups as requests name them: by id or by name, within the project (C-NET-029, C-ERR-026)."""

from collections.abc import Iterable

from reference.compute.errors import fault
from reference.compute.network_client import Networks

DEFAULT = "default"


def resolve(networks: Networks, project: str, names: Iterable[str]) -> list[str]:
    """The ids of the groups named; empty where only the default one is, which Networking gives by itself.

    Errors: 400 for an unknown name, 409 for one that several groups have.
    """
    wanted = list(dict.fromkeys(names))
    if set(wanted) <= {DEFAULT}:
        return []
    known = networks.project_groups(project)
    ids = []
    for name in wanted:
        matches = [group["id"] for group in known if group["id"] == name]
        matches = matches or [group["id"] for group in known if group["name"] == name]
        if not matches:
            raise fault(400, f"Unable to find security_group with name or id '{name}'")
        if len(matches) > 1:
            raise fault(409, f"Multiple security_group matches found for name '{name}', use an ID to be more specific.")
        ids.append(matches[0])
    return ids
