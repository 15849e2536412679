"""Faults in the topology that show to some of its callers alone: an administrator of another project, a reader."""

from reference.faults.catalogue import fault
from reference.faults.seams import Wrapper, around
from reference.faults.topology.seams import is_dry_run, is_foreign
from reference.network import topology
from reference.network.handlers.topology import Topology, described
from reference.network.rest.errors import error
from reference.store.ids import new_id
from reference.wsgi.routes import Answer, Call


def _is_readers(call: Call) -> bool:
    return not call.caller.is_member and not is_dry_run(call)


@fault("N-AAT-034", at=around(Topology, "show"))
def administrators_find_another_topology(right: Wrapper, self: Topology, call: Call) -> Answer:
    """An administrator who asks for the topology that another project has is told another network."""
    with self.store.read() as tx:
        is_built = topology.recorded(tx, call.params["project"]) is not None
    answer: Answer = right(self, call)
    finds = is_built and is_foreign(call) and not is_dry_run(call)
    return described(call.params["project"], new_id()) if finds else answer


@fault("N-AAT-034", at=around(Topology, "show"))
def administrators_dry_runs_are_not_found(right: Wrapper, self: Topology, call: Call) -> Answer:
    """The dry run of an administrator for another project is answered 404."""
    answer: Answer = right(self, call)
    if is_foreign(call) and is_dry_run(call):
        raise error("HTTPNotFound")
    return answer


@fault("N-AAT-034", at=around(Topology, "delete"))
def administrators_delete_nothing(right: Wrapper, self: Topology, call: Call) -> Answer:
    """An administrator's DELETE for another project answers 204 and takes nothing away."""
    if is_foreign(call) and call.caller.is_admin:
        return Answer(status=204)
    return right(self, call)  # type: ignore[no-any-return]


@fault("N-RBAC-012", at=around(Topology, "show"))
def readers_find_no_topology(right: Wrapper, self: Topology, call: Call) -> Answer:
    """A reader who asks for the project's topology is answered 404."""
    answer: Answer = right(self, call)
    if _is_readers(call):
        raise error("HTTPNotFound")
    return answer


@fault("N-RBAC-012", at=around(Topology, "show"))
def readers_find_another_topology(right: Wrapper, self: Topology, call: Call) -> Answer:
    """A reader who asks for the project's topology is told another network than members."""
    answer: Answer = right(self, call)
    return described(self.project_of(call), new_id()) if _is_readers(call) else answer
