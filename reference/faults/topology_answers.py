"""Faults in how the topology is answered, whose it is, and in other verbs than GET and DELETE."""

from __future__ import annotations

from typing import Any

from reference.faults.catalogue import defect
from reference.faults.seam import answering, around, crash, nothing, replace
from reference.faults.topology_seam import KEY, built, edited, foreign, instead, is_dry_run, refuse, route
from reference.network import _Suffix as Suffix
from reference.network.handlers import topology as api
from reference.network.rest.errors import error
from reference.wsgi.routes import Answer, Call


@defect("N-AAT-002")
def answer_lacks_tenant_id() -> None:
    """The answer names the owner as project_id alone."""
    answering(api.Topology, "show", edited(tenant_id=nothing))


@defect("N-AAT-002")
def owner_has_two_values() -> None:
    """project_id and tenant_id of the answer differ."""
    answering(api.Topology, "show", edited(tenant_id="another"))


@defect("N-AAT-001")
def answer_has_no_id() -> None:
    """The id of the answer is null."""
    answering(api.Topology, "show", edited(id=None))


@defect("N-AAT-001")
def answer_has_another_key() -> None:
    """The answer wraps the topology in `topology`."""
    answering(api.Topology, "show", lambda _call, answer: Answer({"topology": dict(answer.body)[KEY]}))  # type: ignore[call-overload]


@defect("N-AAT-001")
def first_get_is_202() -> None:
    """GET answers 202, as if the topology were still to come."""
    answering(api.Topology, "show", lambda _call, answer: Answer(answer.body, 202))


@defect("N-AAT-006", row="DEF-N-027")
def none_is_a_project() -> None:
    """The word None is taken for the id of a project."""
    instead(lambda call: call.params["project"] == "None", refuse(error("NotAuthorized")))


@defect("N-AAT-006")
def none_is_answered_as_such() -> None:
    """The answer to None names None as the project, not the project it stands for."""
    told = edited(project_id="None", tenant_id="None")
    answering(
        api.Topology, "show", lambda call, answer: told(call, answer) if call.params["project"] == "None" else answer
    )


@defect("N-AAT-008")
def foreign_projects_are_served() -> None:
    """GET for a foreign project builds its topology."""

    def project(right: Any, self: api.Topology, call: Call) -> str:
        named = call.params["project"]
        return str(call.caller.project_id if named == "None" else named)

    around(api.Topology, "_project", project)


@defect("N-AAT-008")
def foreign_projects_are_not_found() -> None:
    """GET for a foreign project answers 404."""
    instead(foreign, refuse(error("HTTPNotFound")))


@defect("N-AAT-008")
def foreign_dry_runs_pass() -> None:
    """The dry run does not look whose project it is about."""
    instead(
        lambda call: foreign(call) and is_dry_run(call),
        lambda _self, _call: Answer({KEY: {"id": f"{api.DRY_RUN}=pass"}}),
    )


@defect("N-AAT-070", row="DEF-N-029")
def topologies_are_listed() -> None:
    """GET of the collection answers a list."""
    route("GET", api.PATH, lambda _self, _call: Answer({f"{KEY}s": []}))


@defect("N-AAT-071")
def a_post_builds() -> None:
    """POST to the collection builds the topology of the caller's project."""
    around(api.Topology, "refuse", lambda _right, self, call: Answer(built(self, call).body, 201))


@defect("N-AAT-072")
def a_put_answers_it() -> None:
    """PUT of a topology builds it and answers it."""
    around(api.Topology, "refuse_change", lambda _right, self, call: built(self, call))


@defect("N-AAT-072")
def a_head_builds() -> None:
    """HEAD of a topology builds it."""
    route("HEAD", api.PATH + "/{project}", lambda self, call: Answer(status=built(self, call).status))


@defect("N-AAT-073")
def suffix_is_part_of_the_id() -> None:
    """The suffix .json is taken for a part of the project's id."""
    replace(Suffix, "process_request", nothing)


@defect("N-AAT-074")
def members_may_not_build() -> None:
    """GET answers 404 to everybody but administrators."""
    instead(lambda call: not call.caller.is_admin and not is_dry_run(call), refuse(error("HTTPNotFound")))


@defect("N-AAT-074")
def members_may_not_delete() -> None:
    """DELETE answers 403 to everybody but administrators."""

    def delete(right: Any, self: api.Topology, call: Call) -> Answer:
        if not call.caller.is_admin:
            raise error("PolicyNotAuthorized", rule="delete_auto_allocated_topology")
        return right(self, call)  # type: ignore[no-any-return]

    around(api.Topology, "delete", delete)


@defect("N-AAT-006")
def none_cannot_be_deleted() -> None:
    """DELETE knows no project None."""

    def delete(right: Any, self: api.Topology, call: Call) -> Answer:
        if call.params["project"] == "None":
            raise error("NotAuthorized")
        return right(self, call)  # type: ignore[no-any-return]

    around(api.Topology, "delete", delete)


@defect("N-AAT-008")
def foreign_deletes_are_carried_out() -> None:
    """DELETE does not look whose project it is about."""

    def delete(right: Any, self: api.Topology, call: Call) -> Answer:
        return Answer(status=204) if foreign(call) else right(self, call)

    around(api.Topology, "delete", delete)


@defect("N-AAT-008")
def foreign_refusals_build() -> None:
    """What is refused for a foreign project has been built for the caller's own."""

    def refuse_late(self: api.Topology, call: Call) -> Answer:
        built(self, call)
        raise error("NotAuthorized")

    instead(foreign, refuse_late)


@defect("N-AAT-070", row="DEF-N-029")
def the_list_builds() -> None:
    """GET of the collection builds the topology before it fails."""

    def fail(self: api.Topology, call: Call) -> Answer:
        built(self, call)
        return crash()  # type: ignore[no-any-return]

    route("GET", api.PATH, fail)


@defect("N-AAT-071")
def a_post_to_the_project_builds() -> None:
    """POST to a project's topology builds it."""
    route("POST", api.PATH + "/{project}", lambda self, call: Answer(built(self, call).body, 201))


@defect("N-AAT-072")
def a_patch_builds() -> None:
    """PATCH of a topology builds it, and is refused then."""

    def fail(self: api.Topology, call: Call) -> Answer:
        built(self, call)
        raise error("HTTPNotFound")

    route("PATCH", api.PATH + "/{project}", fail)
