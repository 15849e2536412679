"""Other forms of paths that clients use, rewritten to the one that is routed: `/v2.1/servers`, without a project."""

import re

import falcon

from reference.compute.errors import fault
from reference.compute.microversion import HEADER, LEGACY_HEADER

PROJECT = re.compile(r"/v2\.1/([0-9a-f-]+)(/.*)")


class ProjectInPath:
    """Remove the project's id before the resource, which has to be the caller's own (C-MV-011)."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        match = PROJECT.fullmatch(req.path)
        if match is None:
            return
        named, own = match[1], req.context.caller.project_id
        if named != own:
            message = f"Malformed request URL: URL's project_id '{named}' doesn't match Context's project_id '{own}'"
            raise fault(400, message)
        req.path = f"/v2.1{match[2]}"


class LegacyRoot:
    """Serve `/v2` as version 2.1 of `/v2.1`, whatever version the request names."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        if not req.path.startswith("/v2/") or req.path == "/v2/":
            return
        req.path = f"/v2.1{req.path.removeprefix('/v2')}"
        for header in (HEADER, LEGACY_HEADER):
            req.env.pop(f"HTTP_{header.upper().replace('-', '_')}", None)
