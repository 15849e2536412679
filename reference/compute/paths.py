"""Paths as clients write them, brought to the one form that is routed: `/v2.1/servers`, no project in it."""

import re

import falcon

from reference.compute.errors import fault
from reference.compute.microversion import HEADER, LEGACY_HEADER

_PROJECT = re.compile(r"/v2\.1/([0-9a-f-]+)(/.*)")


class ProjectInPath:
    """The project's id may stand before the resource, if it is the caller's own (C-MV-011)."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        form = _PROJECT.fullmatch(req.path)
        if form is None:
            return
        own = req.context.caller.project_id
        if form[1] != own:
            message = f"Malformed request URL: URL's project_id '{form[1]}' doesn't match Context's project_id '{own}'"
            raise fault(400, message)
        req.path = f"/v2.1{form[2]}"


class LegacyRoot:
    """What was under `/v2` is answered as version 2.1 of `/v2.1`, whatever version the request names."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        if not req.path.startswith("/v2/") or req.path == "/v2/":
            return
        req.path = f"/v2.1{req.path.removeprefix('/v2')}"
        for header in (HEADER, LEGACY_HEADER):
            req.env.pop(f"HTTP_{header.upper().replace('-', '_')}", None)
