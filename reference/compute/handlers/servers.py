"""Servers, read and deleted (C-SRV-003 to C-SRV-009, C-SRV-014)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Row

from reference.compute import locks, server_list, servers, views
from reference.compute.context import Service, require_member, require_reader
from reference.compute.errors import fault
from reference.compute.microversion import version_of
from reference.compute.views import Attachments
from reference.wsgi.routes import Answer, Call, Operation, Route


class Servers:
    """The handlers of /servers, but for creating one."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        path = "/v2.1/servers/{server}"
        listed, shown = Operation(errors=(403,), query=server_list.PARAMETERS), Operation(errors=(403, 404))
        return [
            Route("GET", "/v2.1/servers", self.index, listed),
            Route("GET", "/v2.1/servers/detail", self.detail, listed),
            Route("GET", path, self.show, shown),
            Route("DELETE", path, self.delete, Operation(204, (403, 404, 409), answer=None)),
            Route("GET", f"{path}/ips", self.addresses, shown),
            Route("GET", f"{path}/ips/{{network}}", self.addresses_on, shown),
        ]

    def index(self, call: Call) -> Answer:
        require_reader(call, "os_compute_api:servers:index")
        rows, links = self._page(call)
        url = self.service.url
        items = [{"id": row.id, "name": row.name, "links": views.links(url, row.id)} for row in rows]
        return Answer({"servers": items, **links})

    def detail(self, call: Call) -> Answer:
        require_reader(call, "os_compute_api:servers:detail")
        rows, links = self._page(call)
        attached = self._attached(call, rows)
        return Answer({"servers": [self._render(call, row, attached, detail=True) for row in rows], **links})

    def show(self, call: Call) -> Answer:
        row = self._read(call, "os_compute_api:servers:show")
        return Answer({"server": self._render(call, row, self._attached(call, [row]), detail=False)})

    def delete(self, call: Call) -> Answer:
        row = self._find(call)
        require_member(call, "os_compute_api:servers:delete")
        locks.require_open(call, row)
        self.service.store.write(lambda tx: servers.delete(tx, call, row.id))
        self.service.builder.wake()
        return Answer(status=204)

    def addresses(self, call: Call) -> Answer:
        row = self._read(call, "os_compute_api:ips:index")
        return Answer({"addresses": self._attached(call, [row]).addresses(row, extended=False)})

    def addresses_on(self, call: Call) -> Answer:
        row, network = self._read(call, "os_compute_api:ips:show"), call.params["network"]
        addresses = self._attached(call, [row]).addresses(row, extended=False)
        if network not in addresses:
            raise fault(404, "Instance is not a member of specified network")
        return Answer({network: addresses[network]})

    def _find(self, call: Call) -> Row[Any]:
        with self.service.store.read() as tx:
            return servers.find(tx, call, call.params["server"])

    def _read(self, call: Call, rule: str) -> Row[Any]:
        """The server, for a reader. Raises Problem (403, 404)."""
        row = self._find(call)
        require_reader(call, rule)
        return row

    def _page(self, call: Call) -> tuple[Sequence[Row[Any]], dict[str, Any]]:
        return server_list.page(self.service.store, self.service.networks(call), call, self.service.url)

    def _attached(self, call: Call, rows: Sequence[Row[Any]]) -> Attachments:
        return views.attachments(self.service.networks(call), rows)

    def _render(self, call: Call, row: Row[Any], attached: Attachments, *, detail: bool) -> dict[str, Any]:
        caller, version = call.caller, version_of(call)
        return views.render(views.Sight(row, version, caller.is_admin, detail, self.service.url, attached))
