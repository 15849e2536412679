"""PUT /os-quota-sets/{project}: the limits that a version still has (C-SVC-004)."""

from reference.compute.quotas import RESOURCES
from reference.compute.schemas.history import GONE, History, Since, since
from reference.compute.schemas.types import BOOLEAN, record

_LIMIT = {"type": ["integer", "string"], "pattern": "^(-1|[0-9]+)$", "minimum": -1, "maximum": 2**31 - 1}
# the version that no longer shows these
REMOVED = {
    "2.36": ("fixed_ips", "floating_ips", "security_group_rules", "security_groups"),
    "2.57": ("injected_file_content_bytes", "injected_file_path_bytes", "injected_files"),
}


def _without(version: str) -> Since:
    return since(version, {f"quota_set.{name}": GONE for name in REMOVED[version]})


CHANGE = History(
    record({"quota_set": record({**dict.fromkeys(RESOURCES, _LIMIT), "force": BOOLEAN})}, ("quota_set",)),
    *(_without(version) for version in REMOVED),
)
