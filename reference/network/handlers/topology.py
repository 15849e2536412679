"""auto-allocated-topology over HTTP: whose it is, the dry run, and the policy (N-AAT)."""

from reference.network import topology
from reference.network.rest.errors import bad_request, error, unrecognized
from reference.network.rest.requests import enveloped, no_body, parse
from reference.store import Store
from reference.wsgi.routes import Answer, Call, Operation, Route

DRY_RUN = "dry-run"
PATH = "/v2.0/auto-allocated-topology"
_SHOWN = Operation(errors=(400, 403, 404, 409), query={"fields": {"type": "array", "items": {"enum": [DRY_RUN]}}})
_DELETED = Operation(204, (400, 403, 404, 409), answer=None)
_REFUSED = Operation(errors=(400, 403))


class Topology:
    """The handlers; there is one topology per project and no collection to list."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def routes(self) -> list[Route]:
        return [
            Route("POST", PATH, self.refuse, _REFUSED),
            Route("GET", PATH + "/{project}", self.show, _SHOWN),
            Route("PUT", PATH + "/{project}", self.refuse_change, _REFUSED),
            Route("DELETE", PATH + "/{project}", self.delete, _DELETED),
        ]

    def show(self, call: Call) -> Answer:
        """GET builds the topology once; `fields=dry-run` only checks the prerequisites (N-AAT-010, 014, 015)."""
        project = self.project_of(call)
        if not call.caller.is_reader:
            raise error("HTTPNotFound")
        fields = [name for name in call.query("fields") if name]
        if DRY_RUN in fields:
            with self.store.read() as tx:
                topology.prerequisites(tx, call.caller)
            return described(project, f"{DRY_RUN}=pass")
        if fields:
            raise error("BadRequest", resource="auto_allocate", text="Unrecognized field")
        return described(project, topology.get_or_build(self.store, call.caller, project))

    def delete(self, call: Call) -> Answer:
        project = self.project_of(call)
        no_body(call)
        if not call.caller.is_member:
            raise error("PolicyNotAuthorized", rule="delete_auto_allocated_topology")
        self.store.write(lambda tx: topology.take_down(tx, project))
        return Answer(status=204)

    def refuse(self, _call: Call) -> Answer:
        raise bad_request("Resource body required")

    def refuse_change(self, call: Call) -> Answer:
        if values := enveloped(parse(call), "auto_allocated_topology"):
            raise unrecognized(values)
        self.project_of(call)
        raise error("BadRequest", resource="auto_allocated_topology", text="there is nothing to update")

    def project_of(self, call: Call) -> str:
        """The id of the path's project: `None`, in that spelling, is the caller's own (N-AAT-006).

        Raises Problem: 403 for another project, except for admins (N-AAT-008, 009).
        """
        name = call.params["project"]
        project = call.caller.project_id if name == "None" else name
        if project != call.caller.project_id and not call.caller.is_admin:
            raise error("NotAuthorized")
        return project


def described(project: str, network: str) -> Answer:
    return Answer({"auto_allocated_topology": {"id": network, "project_id": project, "tenant_id": project}})
