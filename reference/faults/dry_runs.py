"""Faults in the dry run, and in what else a query may say."""

from __future__ import annotations

from typing import Any

from reference.faults.catalogue import defect
from reference.faults.seam import answering, around, nothing
from reference.faults.topology_seam import KEY, built, edited, fields, foreign, instead, is_dry_run, refuse
from reference.network import topology
from reference.network.handlers import topology as api
from reference.network.resources import routers
from reference.network.rest.errors import bad_request, error
from reference.network.rest.resource import posted
from reference.wsgi.routes import Answer, Call


@defect("N-AAT-010", "C-NET-033", row="DEF-C-030")
def dry_run_builds() -> None:
    """The dry run builds the topology, and then says that it could."""

    def dry(self: api.Topology, call: Call) -> Answer:
        built(self, call)
        project = call.caller.project_id
        return Answer({KEY: {"id": f"{api.DRY_RUN}=pass", "project_id": project, "tenant_id": project}})

    instead(is_dry_run, dry)


@defect("N-AAT-010")
def dry_run_answers_an_id() -> None:
    """The dry run answers null where it should say that it passed."""
    answering(api.Topology, "show", lambda call, answer: edited(id=None)(call, answer) if is_dry_run(call) else answer)


@defect("N-AAT-010")
def dry_run_names_no_owner() -> None:
    """The dry run's answer lacks the owner."""
    drop = edited(project_id=nothing, tenant_id=nothing)
    answering(api.Topology, "show", lambda call, answer: drop(call, answer) if is_dry_run(call) else answer)


@defect("N-AAT-010", "C-NET-022", row="DEF-N-010 DEF-C-026")
def dry_run_is_for_admins() -> None:
    """The dry run answers 404 to everybody but administrators."""
    instead(lambda call: is_dry_run(call) and not call.caller.is_admin, refuse(error("HTTPNotFound")))


@defect("N-AAT-013")
def dry_run_fails_where_one_is() -> None:
    """The dry run answers 409 where the project has its topology already."""

    def dry(right: Any, self: api.Topology, call: Call) -> Answer:
        if is_dry_run(call):
            with self.store.read() as tx:
                if topology.recorded(tx, call.caller.project_id):
                    raise error("AutoAllocationFailure", reason="there is one")
        return right(self, call)  # type: ignore[no-any-return]

    around(api.Topology, "show", dry)


@defect("N-AAT-014", row="DEF-N-028")
def dry_run_among_fields_builds() -> None:
    """A dry run counts only where it is the one field that is named."""
    instead(lambda call: is_dry_run(call) and len(fields(call)) > 1, built)


@defect("N-AAT-015")
def unknown_fields_are_ignored() -> None:
    """A field nobody knows is ignored, and the topology built."""
    instead(lambda call: fields(call) and not is_dry_run(call), built)


@defect("N-AAT-015")
def unknown_fields_have_another_type() -> None:
    """A field nobody knows is refused with another type of error."""
    instead(
        lambda call: fields(call) and not is_dry_run(call) and not foreign(call),
        refuse(error("InvalidInput", text="field")),
    )


@defect("N-AAT-015")
def fields_are_looked_at_before_the_project() -> None:
    """For a foreign project, too, the field is what is refused first."""
    instead(
        lambda call: fields(call) and not is_dry_run(call),
        refuse(error("BadRequest", resource="auto_allocate", text="Unrecognized field")),
    )


@defect("N-AAT-016")
def other_parameters_are_refused() -> None:
    """A query parameter other than fields is refused with 400."""
    instead(lambda call: set(call.request.params) - {"fields"}, refuse(bad_request("unknown parameter")))


@defect("N-AAT-010")
def dry_run_leaves_a_router() -> None:
    """The dry run makes a router, to see whether it could."""

    def dry(right: Any, self: api.Topology, call: Call) -> Answer:
        if is_dry_run(call):
            body = {"name": "auto_allocated_router", "project_id": call.caller.project_id}
            values = posted(routers.RESOURCE, call.caller, body)
            self.store.write(lambda tx: routers.create(tx, call.caller, values))
        return right(self, call)  # type: ignore[no-any-return]

    around(api.Topology, "show", dry)


@defect("N-AAT-006", row="DEF-C-030")
def dry_run_of_none_builds() -> None:
    """The dry run builds the topology where the project is named None."""
    instead(lambda call: is_dry_run(call) and call.params["project"] == "None", built)
