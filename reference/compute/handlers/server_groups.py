"""Server groups: this cloud has none, its policy lets nobody create one, and clients see an empty list."""

from reference.compute import query
from reference.compute.context import Service
from reference.compute.errors import fault, forbidden
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route

_QUERY = dict.fromkeys(("all_projects", "limit", "offset"), STRING)


class ServerGroups:
    """The handlers of os-server-groups."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        path = "/v2.1/os-server-groups"
        return [
            Route("GET", path, self.index, Operation(query=_QUERY)),
            Route("POST", path, self.create, Operation(errors=(403,))),
            Route("GET", f"{path}/{{group}}", self.find, Operation(errors=(404,))),
            Route("DELETE", f"{path}/{{group}}", self.find, Operation(204, (404,), answer=None)),
        ]

    def index(self, call: Call) -> Answer:
        query.only(call, _QUERY)
        return Answer({"server_groups": []})

    def create(self, call: Call) -> Answer:
        raise forbidden("os_compute_api:os-server-groups:create")

    def find(self, call: Call) -> Answer:
        raise missing(call.params["group"], 404)


def missing(group: object, status: int) -> Exception:
    """The error of a group, none of which exists: 404 in a path, 400 in a boot request."""
    return fault(status, f"Instance group {group} could not be found.")
