"""Limits of a project, read by it and set by admins, and their summary in /limits (C-SVC-004)."""

from collections.abc import Sequence

from reference.compute import query, quotas
from reference.compute.context import Service, require_admin, require_reader
from reference.compute.microversion import Version, parse, version_of
from reference.compute.quotas import Amounts
from reference.compute.schemas.quotas import CHANGE, REMOVED
from reference.compute.schemas.types import is_true
from reference.wsgi.reading import whole
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route

# the name in /limits, the limit, and the version that no longer has it
_LIMITS: Sequence[tuple[str, str, Version | None]] = (
    ("maxTotalInstances", "instances", None),
    ("maxTotalCores", "cores", None),
    ("maxTotalRAMSize", "ram", None),
    ("maxServerMeta", "metadata_items", None),
    ("maxImageMeta", "metadata_items", Version(2, 39)),
    ("maxPersonality", "injected_files", Version(2, 57)),
    ("maxPersonalitySize", "injected_file_content_bytes", Version(2, 57)),
    ("maxTotalKeypairs", "key_pairs", None),
    ("maxServerGroups", "server_groups", None),
    ("maxServerGroupMembers", "server_group_members", None),
    ("maxTotalFloatingIps", "floating_ips", Version(2, 36)),
    ("maxSecurityGroups", "security_groups", Version(2, 36)),
    ("maxSecurityGroupRules", "security_group_rules", Version(2, 36)),
)
_USED: Sequence[tuple[str, str, Version | None]] = (
    ("totalInstancesUsed", "instances", None),
    ("totalCoresUsed", "cores", None),
    ("totalRAMUsed", "ram", None),
    ("totalServerGroupsUsed", "server_groups", None),
    ("totalFloatingIpsUsed", "floating_ips", Version(2, 36)),
    ("totalSecurityGroupsUsed", "security_groups", Version(2, 36)),
)
_RULE = "os_compute_api:os-quota-sets"


class QuotaSets:
    """The handlers of os-quota-sets and of /limits."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        path, user = "/v2.1/os-quota-sets/{project}", {"user_id": STRING}
        return [
            Route("GET", "/v2.1/limits", self.limits, Operation(errors=(403,), query={"tenant_id": STRING})),
            Route("GET", path, self.show, Operation(errors=(403,), query=user)),
            Route("PUT", path, self.change, Operation(errors=(403, 415), query=user, body=CHANGE.schemas[-1])),
            Route("DELETE", path, self.reset, Operation(202, (403,), user, answer=None)),
            Route("GET", f"{path}/defaults", self.defaults),
            Route("GET", f"{path}/detail", self.detail, Operation(errors=(403,), query=user)),
        ]

    def limits(self, call: Call) -> Answer:
        query.only(call, ("tenant_id",))
        project = (call.query("tenant_id") or [call.caller.project_id])[-1]
        if project != call.caller.project_id:
            require_admin(call, "os_compute_api:limits:other_project")
        limits, used = self._amounts(project)
        version = version_of(call)
        absolute = {
            name: amounts.get(resource, 0)
            for table, amounts in ((_LIMITS, limits), (_USED, used))
            for name, resource, until in table
            if until is None or version < until
        }
        return Answer({"limits": {"rate": [], "absolute": absolute}})

    def show(self, call: Call) -> Answer:
        project = self._project(call, "show")
        return Answer({"quota_set": {"id": project, **_known(call, self._amounts(project)[0])}})

    def detail(self, call: Call) -> Answer:
        project = self._project(call, "detail")
        limits, used = self._amounts(project)
        details = {
            name: {"limit": most, "in_use": used.get(name, 0), "reserved": 0}
            for name, most in _known(call, limits).items()
        }
        return Answer({"quota_set": {"id": project, **details}})

    def defaults(self, call: Call) -> Answer:
        unlimited = dict.fromkeys(quotas.RESOURCES, quotas.UNLIMITED)
        return Answer({"quota_set": {"id": call.params["project"], **_known(call, unlimited)}})

    def change(self, call: Call) -> Answer:
        require_admin(call, f"{_RULE}:update")
        query.only(call, ("user_id",))
        body, project = dict(CHANGE.body(call)["quota_set"]), call.params["project"]
        force = is_true(body.pop("force", False))
        amounts = {name: _amount(most) for name, most in body.items()}
        self.service.store.write(lambda tx: quotas.change(tx, project, amounts, force=force))
        return Answer({"quota_set": _known(call, self._amounts(project)[0])})

    def reset(self, call: Call) -> Answer:
        require_admin(call, f"{_RULE}:delete")
        query.only(call, ("user_id",))
        self.service.store.write(lambda tx: quotas.reset(tx, call.params["project"]))
        return Answer(status=202)

    def _project(self, call: Call, action: str) -> str:
        """The path's project, the caller's own or for admins any. Raises Problem (400, 403)."""
        project = call.params["project"]
        if project != call.caller.project_id:
            require_admin(call, f"{_RULE}:{action}")
        require_reader(call, f"{_RULE}:{action}")
        query.only(call, ("user_id",))
        return project

    def _amounts(self, project: str) -> tuple[Amounts, Amounts]:
        """The project's limits, and what it uses."""
        with self.service.store.read() as tx:
            return quotas.limits(tx, project), quotas.used(tx, project)


def _amount(most: float | str) -> int:
    """A limit as a number, at most the largest that a column holds."""
    if not isinstance(most, str):  # 3.0 is a whole number, too
        return int(most)
    number = whole(most.strip())
    return quotas.UNLIMITED if number is None else number


def _known(call: Call, amounts: Amounts) -> Amounts:
    """Those of the amounts that the request's version still has."""
    removed = {name for since, names in REMOVED.items() if version_of(call) >= parse(since) for name in names}
    return {name: most for name, most in amounts.items() if name not in removed}
