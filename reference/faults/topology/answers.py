"""Faults in answers about the topology: form, access, dry run, and methods other than GET and DELETE."""

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import Wrapper, around, body_of, crash, nothing, replaced, without
from reference.faults.topology.seams import (
    GET,
    KEY,
    Condition,
    built,
    edited,
    fields,
    instead,
    is_dry_run,
    is_foreign,
    is_none,
    refuse,
    route,
)
from reference.network import Suffix, topology
from reference.network.handlers import topology as api
from reference.network.handlers.topology import Topology
from reference.network.resources import routers
from reference.network.rest.errors import bad_request, error
from reference.network.rest.resource import posted
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call

PASSES = f"{api.DRY_RUN}=pass"


def _dry_run_overlooks(reason: str) -> Plant:
    """Let a dry run pass that should be refused for this reason."""

    def show(right: Wrapper, self: Topology, call: Call) -> Answer:
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem as refused:
            if is_dry_run(call) and reason in refused.message:
                return api.described(self.project_of(call), PASSES)
            raise

    return around(Topology, "show")(show)


def _has_other_fields(call: Call) -> bool:
    return bool(fields(call)) and not is_dry_run(call)


def _undeleted(condition: Condition, problem: Problem) -> Plant:
    """Let a DELETE for which the condition holds be refused by the problem."""

    def delete(right: Wrapper, self: Topology, call: Call) -> Answer:
        if condition(call):
            raise problem
        return right(self, call)  # type: ignore[no-any-return]

    return around(Topology, "delete")(delete)


table(
    entry("answer-lacks-tenant-id", "N-AAT-002")(
        "The answer names the owner as project_id alone.", edited(tenant_id=nothing)
    ),
    entry("owner-has-two-values", "N-AAT-002")(
        "project_id and tenant_id of the answer differ.", edited(tenant_id="another")
    ),
    entry("answer-has-no-id", "N-AAT-001")("The id of the answer is null.", edited(id=None)),
    entry("answer-has-another-key", "N-AAT-001")(
        "The answer wraps the topology in `topology`.",
        GET(lambda _call, answer: Answer({"topology": body_of(answer)[KEY]})),
    ),
    entry("first-get-is-202", "N-AAT-001")(
        "GET answers 202, as if the topology were still to come.", GET(lambda _call, answer: Answer(answer.body, 202))
    ),
    entry("none-is-a-project", "N-AAT-006", row="DEF-N-027")(
        "The word None is taken for the id of a project.", instead(is_none)(refuse(error("NotAuthorized")))
    ),
    entry("none-is-answered-as-such", "N-AAT-006")(
        "The answer to None names None as the project, not the project it stands for.",
        edited(is_none, project_id="None", tenant_id="None"),
    ),
    entry("foreign-projects-are-served", "N-AAT-008")(
        "GET for a foreign project builds its topology.",
        replaced(
            Topology,
            "project_of",
            lambda _self, call: call.caller.project_id if is_none(call) else call.params["project"],
        ),
    ),
    entry("foreign-projects-are-not-found", "N-AAT-008")(
        "GET for a foreign project answers 404.", instead(is_foreign)(refuse(error("HTTPNotFound")))
    ),
    entry("foreign-dry-runs-pass", "N-AAT-008")(
        "The dry run is answered for any project.",
        instead(lambda call: is_foreign(call) and is_dry_run(call))(lambda _self, _call: Answer({KEY: {"id": PASSES}})),
    ),
    entry("topologies-are-listed", "N-AAT-070", row="DEF-N-029")(
        "GET of the collection answers a list.", route("GET", api.PATH)(lambda _self, _call: Answer({f"{KEY}s": []}))
    ),
    entry("a-post-builds", "N-AAT-071")(
        "POST to the collection builds the topology of the caller's project.",
        around(Topology, "refuse")(lambda _right, self, call: Answer(built(self, call).body, 201)),
    ),
    entry("a-put-answers-it", "N-AAT-072")(
        "PUT of a topology builds it and answers it.",
        around(Topology, "refuse_change")(lambda _right, self, call: built(self, call)),
    ),
    entry("a-head-builds", "N-AAT-072")(
        "HEAD of a topology builds it.",
        route("HEAD", api.PATH + "/{project}")(lambda self, call: Answer(status=built(self, call).status)),
    ),
    entry("suffix-is-part-of-the-id", "N-AAT-073")(
        "The suffix .json is taken for a part of the project's id.", without(Suffix, "process_request")
    ),
    entry("members-may-not-build", "N-AAT-074")(
        "GET answers 404 to everybody but administrators.",
        instead(lambda call: not call.caller.is_admin and not is_dry_run(call))(refuse(error("HTTPNotFound"))),
    ),
    entry("members-may-not-delete", "N-AAT-074")(
        "DELETE answers 403 to everybody but administrators.",
        _undeleted(
            lambda call: not call.caller.is_admin, error("PolicyNotAuthorized", rule="delete_auto_allocated_topology")
        ),
    ),
    entry("none-cannot-be-deleted", "N-AAT-006")(
        "DELETE knows no project None.", _undeleted(is_none, error("NotAuthorized"))
    ),
    entry("foreign-deletes-are-carried-out", "N-AAT-008")(
        "DELETE for another project answers 204.",
        around(Topology, "delete")(
            lambda right, self, call: Answer(status=204) if is_foreign(call) else right(self, call)
        ),
    ),
    entry("a-post-to-the-project-builds", "N-AAT-071")(
        "POST to a project's topology builds it.",
        route("POST", api.PATH + "/{project}")(lambda self, call: Answer(built(self, call).body, 201)),
    ),
    entry("dry-run-answers-an-id", "N-AAT-010")(
        "The dry run answers null where it should say that it passed.", edited(is_dry_run, id=None)
    ),
    entry("dry-run-names-no-owner", "N-AAT-010")(
        "The dry run's answer lacks the owner.", edited(is_dry_run, project_id=nothing, tenant_id=nothing)
    ),
    entry("dry-run-is-for-admins", "N-AAT-010", "C-NET-022", row="DEF-N-010 DEF-C-026")(
        "The dry run answers 404 to everybody but administrators.",
        instead(lambda call: is_dry_run(call) and not call.caller.is_admin)(refuse(error("HTTPNotFound"))),
    ),
    entry("dry-run-among-fields-builds", "N-AAT-014", row="DEF-N-028")(
        "A dry run that is requested among other fields builds the topology.",
        instead(lambda call: is_dry_run(call) and len(fields(call)) > 1)(built),
    ),
    entry("unknown-fields-are-ignored", "N-AAT-015")(
        "An unknown field is ignored, and the topology built.", instead(_has_other_fields)(built)
    ),
    entry("unknown-fields-have-another-type", "N-AAT-015")(
        "An unknown field is refused with another type of error.",
        instead(lambda call: _has_other_fields(call) and not is_foreign(call))(
            refuse(error("InvalidInput", text="field"))
        ),
    ),
    entry("fields-are-looked-at-before-the-project", "N-AAT-015")(
        "An unknown field is refused before the project is checked.",
        instead(_has_other_fields)(refuse(error("BadRequest", resource="auto_allocate", text="Unrecognized field"))),
    ),
    entry("other-parameters-are-refused", "N-AAT-016")(
        "A query parameter other than fields is refused with 400.",
        instead(lambda call: set(call.request.params) - {"fields"})(refuse(bad_request("unknown parameter"))),
    ),
    entry("dry-run-of-none-builds", "N-AAT-006", row="DEF-C-030")(
        "The dry run builds the topology where the project is named None.",
        instead(lambda call: is_dry_run(call) and is_none(call))(built),
    ),
    entry("dry-run-overlooks-the-network", "N-AAT-011", "C-NET-023")(
        "The dry run passes without a default external network.", _dry_run_overlooks(topology.NO_EXTERNAL)
    ),
    entry("dry-run-overlooks-the-pools", "N-AAT-012", "C-NET-023")(
        "The dry run passes without a default subnet pool.", _dry_run_overlooks(topology.NO_POOLS)
    ),
)


@fault("N-AAT-008", at=instead(is_foreign))
def foreign_refusals_build(self: Topology, call: Call) -> Answer:
    """A request for a foreign project is refused, but builds the topology of the caller's project."""
    built(self, call)
    raise error("NotAuthorized")


@fault("N-AAT-070", at=route("GET", api.PATH), row="DEF-N-029")
def the_list_builds(self: Topology, call: Call) -> Answer:
    """GET of the collection builds the topology before it fails."""
    built(self, call)
    return crash()  # type: ignore[no-any-return]


@fault("N-AAT-072", at=route("PATCH", api.PATH + "/{project}"))
def a_patch_builds(self: Topology, call: Call) -> Answer:
    """PATCH of a topology builds it, and is refused then."""
    built(self, call)
    raise error("HTTPNotFound")


@fault("N-AAT-010", "C-NET-033", at=instead(is_dry_run), row="DEF-C-030")
def dry_run_builds(self: Topology, call: Call) -> Answer:
    """The dry run builds the topology, and then says that it could be built."""
    built(self, call)
    return api.described(call.caller.project_id, PASSES)


@fault("N-AAT-013", at=around(Topology, "show"))
def dry_run_fails_where_one_is(right: Wrapper, self: Topology, call: Call) -> Answer:
    """The dry run answers 409 where the project has its topology already."""
    if is_dry_run(call):
        with self.store.read() as tx:
            if topology.recorded(tx, call.caller.project_id):
                raise error("AutoAllocationFailure", reason="there is one")
    return right(self, call)  # type: ignore[no-any-return]


@fault("N-AAT-010", at=around(Topology, "show"))
def dry_run_leaves_a_router(right: Wrapper, self: Topology, call: Call) -> Answer:
    """The dry run makes a router, to see whether it could."""
    if is_dry_run(call):
        body = {"name": "auto_allocated_router", "project_id": call.caller.project_id}
        values = posted(routers.RESOURCE, call.caller, body)
        self.store.write(lambda tx: routers.create(tx, call.caller, values))
    return right(self, call)  # type: ignore[no-any-return]
