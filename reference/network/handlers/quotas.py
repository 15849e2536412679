"""Quotas over HTTP: projects read their own, admins set them (N-QUOTA-002 to 004)."""

from functools import partial

from sqlalchemy.engine import Connection

from reference.network.access import quotas
from reference.network.rest import validators
from reference.network.rest.errors import bad_request, error, unrecognized
from reference.network.rest.openapi import envelope
from reference.network.rest.requests import enveloped, parse
from reference.network.rest.resource import Values, checked
from reference.network.rest.validators import schema_of
from reference.store import Store
from reference.wsgi.routes import Answer, Call, Operation, Route

_PATH = "/v2.0/quotas/{project}"
_LIMIT = validators.integer(-1)
_SHOWN = Operation(errors=(403,))
_LIMITS = {"type": "object", "properties": {name: schema_of(_LIMIT) for name in quotas.LIMITED}}
_CHANGED = Operation(errors=(400, 403), body=envelope("quota", _LIMITS))
_DELETED = Operation(204, (403, 404), answer=None)


class Quotas:
    """The handlers."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/v2.0/quotas", self.index, _SHOWN),
            *(Route("GET", f"/v2.0/quotas/{name}", partial(self.own, name=name)) for name in ("tenant", "project")),
            Route("GET", _PATH, self.show, _SHOWN),
            Route("PUT", _PATH, self.update, _CHANGED),
            Route("DELETE", _PATH, self.delete, _DELETED),
            Route("GET", _PATH + "/default", self.default, _SHOWN),
            Route("GET", _PATH + "/details", self.details, _SHOWN),
        ]

    def index(self, call: Call) -> Answer:
        """The limits of all projects that have limits of their own."""
        if not call.caller.is_admin:
            raise error("PolicyNotAuthorized", rule="get_quota")
        with self.store.read() as tx:
            projects = {project: quotas.limits(tx, project) for project in quotas.projects(tx)}
        items = [{**limits, "project_id": project, "tenant_id": project} for project, limits in projects.items()]
        return Answer({"quotas": items})

    def own(self, call: Call, name: str) -> Answer:
        """The id of the caller's project; `name` is what the path calls a project, tenant or project."""
        return Answer({name: {f"{name}_id": call.caller.project_id}})

    def show(self, call: Call) -> Answer:
        project = self._project_to_read(call)
        with self.store.read() as tx:
            return Answer({"quota": quotas.limits(tx, project)})

    def default(self, call: Call) -> Answer:
        self._project_to_read(call)
        return Answer({"quota": {name: limit for name, (_table, limit) in quotas.LIMITED.items()}})

    def details(self, call: Call) -> Answer:
        if not (call.caller.is_admin or call.params["project"] == call.caller.project_id):
            raise error("AdminRequired", reason="the quotas are those of another project")
        project = self._project_to_read(call)
        with self.store.read() as tx:
            limits, used = quotas.limits(tx, project), quotas.all_used(tx, project)
        details = {name: {"limit": limit, "used": used[name], "reserved": 0} for name, limit in limits.items()}
        return Answer({"quota": details})

    def update(self, call: Call) -> Answer:
        project = self.project_to_change(call)
        body = enveloped(parse(call), "quota")
        force = body.pop("force", None) is True
        body.pop("check_limit", None)  # ignored: a limit is checked unless `force` is true
        owner = ("tenant_id", "project_id")
        new_limits = {name: _limit(name, value) for name, value in body.items() if name not in owner}

        def update(tx: Connection) -> Values:
            for name, limit in new_limits.items():
                if not force and 0 <= limit < quotas.used(tx, project, name):
                    raise bad_request(f"Quota limit {limit} for {name} is below what the project uses")
            quotas.set_limits(tx, project, new_limits)
            return dict(quotas.limits(tx, project))

        return Answer({"quota": self.store.write(update)})

    def delete(self, call: Call) -> Answer:
        project = self.project_to_change(call)
        if not self.store.write(lambda tx: quotas.reset(tx, project)):
            raise error("TenantQuotaNotFound", id=project)
        return Answer(status=204)

    def _project_to_read(self, call: Call) -> str:
        """The project in the path, if the caller is one of its readers or an admin. Raises Problem (403)."""
        project = call.params["project"]
        if not (call.caller.is_admin or (call.caller.is_reader and project == call.caller.project_id)):
            raise error("PolicyNotAuthorized", rule="get_quota")
        return project

    def project_to_change(self, call: Call) -> str:
        """The project in the path, if the caller is an admin. Raises Problem (403)."""
        if not call.caller.is_admin:
            raise error("PolicyNotAuthorized", rule="update_quota")
        return call.params["project"]


def _limit(name: str, value: object) -> int:
    """The value of a resource's limit. Raises Problem (400)."""
    if name not in quotas.LIMITED:
        raise unrecognized([name])
    return int(checked(name, _LIMIT, value))
