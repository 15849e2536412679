"""A cloud of one project, big enough for a run to begin: sign-in, catalog, lists, and a topology of one network."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import yaml

from conformance.tests.local_server import answering

PASSWORD = "open-sesame-4711"
TOKEN = "tiny-token-0123456789abcdef"
PROJECT = "9f8d5a7b3c1e4f60a2b4c6d8e0f1a3b5"
UUID = "11111111-2222-3333-4444-555555555555"
LISTS = ("networks", "subnets", "routers", "ports", "subnetpools", "security_groups", "extensions", "floatingips")
IMAGE_PAGE = 25  # images in a list without a limit, as in the real service

Reply = tuple[int, Any]


class TinyCloud:
    """`faults` are names, which the handlers look up. `requests` are the methods and paths of all requests."""

    def __init__(self, *faults: str) -> None:
        self.faults = set(faults)
        self.url = ""
        self.second_region = ""  # the services' URL there, if the catalog has a second region
        self.requests: list[str] = []
        self.askers: list[tuple[str, str]] = []  # the agent and the request id of each of them
        self.go_on = threading.Event()  # ends the silence of a silent cloud
        self.token = TOKEN  # the token that is accepted
        self.age, self.lifetime = 0, 0  # lifetime of tokens in seconds, each sign-in giving a new one; 0: for ever
        self.network: str | None = UUID if "not-empty" in faults else None
        self.next_network = UUID

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = json.loads(environ["wsgi.input"].read(length) or "null")
        path, query = environ["PATH_INFO"].rstrip("/"), parse_qs(environ.get("QUERY_STRING", ""))
        self.requests.append(f"{environ['REQUEST_METHOD']} {path}")
        self.askers.append((environ.get("HTTP_USER_AGENT", ""), environ.get("HTTP_X_OPENSTACK_REQUEST_ID", "")))
        status, answer = self.reply(environ["REQUEST_METHOD"], path, query, body, environ)
        headers = [("Content-Type", "application/json"), ("X-Subject-Token", self.token)]
        if "no-request-id" not in self.faults:
            headers.append(("X-OpenStack-Request-ID", f"req-{uuid4()}"))
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        text = "" if answer is None else json.dumps(answer)
        return [(text[1:] if "gibberish" in self.faults and "identity" not in path else text).encode()]

    def reply(self, method: str, path: str, query: dict[str, list[str]], body: Any, environ: dict[str, Any]) -> Reply:
        if path == "/identity/v3":
            link = {"rel": "self", "href": f"{self.url}/identity/v3"}
            return 200, {"version": {"id": "v3.14", "status": "stable", "links": [link]}}
        if path == "/identity/v3/auth/tokens":
            return self.sign_in(body)
        if "silent" in self.faults and path.startswith("/network"):
            self.go_on.wait(10)
        if "distrustful" in self.faults or environ.get("HTTP_X_AUTH_TOKEN") != self.token:
            return 401, {"error": {"code": 401, "title": "Unauthorized", "message": "who are you?"}}
        if path.startswith("/network/v2.0/auto-allocated-topology/"):
            return self.topology(method, query)
        return self.lists(path, query)

    def sign_in(self, body: Any) -> Reply:
        if body["auth"]["identity"]["password"]["user"]["password"] != PASSWORD:
            return 401, {"error": {"code": 401, "title": "Unauthorized", "message": "wrong"}}
        services = {"network": "/network", "compute": "/compute/v2.1", "image": "/image", "identity": "/identity/v3"}
        catalog = [
            {
                "type": service,
                "id": service,
                "name": service,
                "endpoints": [
                    {"id": service, "interface": "public", "region": region, "region_id": region, "url": url + path}
                    for region, url in (("One", self.url), ("Two", self.second_region))
                    if url
                ],
            }
            for service, path in services.items()
            if f"no-{service}" not in self.faults
        ]
        domain = {"id": "default", "name": "Default"}
        token = {
            "methods": ["password"],
            "user": {"id": "u", "name": "u", "domain": domain},
            "project": {"id": PROJECT, "name": "p", "domain": domain},
            "roles": [{"id": "m", "name": "member"}],
            "catalog": catalog,
            "issued_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "expires_at": "2099-01-01T00:00:00.000000Z",
        }
        if self.lifetime:
            self.token = f"{TOKEN}-{uuid4()}"
            began = datetime.now(UTC) - timedelta(seconds=self.age)
            ends = began + timedelta(seconds=self.lifetime)
            token |= {"issued_at": f"{began:%Y-%m-%dT%H:%M:%S.%fZ}", "expires_at": f"{ends:%Y-%m-%dT%H:%M:%S.%fZ}"}
        return 201, {"token": token}

    def topology(self, method: str, query: dict[str, list[str]]) -> Reply:
        if method == "DELETE":
            self.network, self.next_network = None, str(uuid4())  # the same never comes back
            return 204, None
        if "cannot" in self.faults:
            return 409, {"NeutronError": {"type": "AutoAllocationFailure", "message": "no default", "detail": ""}}
        if "broken" in self.faults:
            return 500, {"NeutronError": {"type": "HTTPInternalServerError", "message": "oops", "detail": ""}}
        if "dry-run" in query.get("fields", ()):
            return 200, {"auto_allocated_topology": {"id": "dry-run=pass", "tenant_id": PROJECT, "project_id": PROJECT}}
        self.network = self.next_network
        return 200, {"auto_allocated_topology": {"id": self.network, "tenant_id": PROJECT, "project_id": PROJECT}}

    def lists(self, path: str, query: dict[str, list[str]]) -> Reply:
        kind = path.rpartition("/")[2].replace("-", "_")
        newest = "2.36" if "old-compute" in self.faults else "2.96"
        if path.startswith("/network/v2.0/networks/"):
            mine = {"project_id": PROJECT, "tenant_id": "another" if "untrue" in self.faults else PROJECT}
            return 200, {"network": {"id": path.rpartition("/")[2], "name": "auto_allocated_network", **mine}}
        if path.startswith("/network/") and kind in LISTS:
            return 200, {kind: self.listed(kind, query)}
        return {
            "/image/v2/images": (200, {"images": self.images(query)}),
            "/compute/v2.1": (200, {"version": {"id": "v2.1", "version": newest, "min_version": "2.1"}}),
            "/compute/v2.1/flavors/detail": (200, {"flavors": [{"id": "1", "ram": 64, "vcpus": 1, "disk": 0}]}),
            "/compute/v2.1/servers": (200, {"servers": []}),
        }.get(path, (404, {"NeutronError": {"type": "HTTPNotFound", "message": "no such thing", "detail": ""}}))

    def images(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        """One, or, with "many-images", a page that others fill which need more memory."""
        small: dict[str, Any] = {"id": UUID, "status": "active", "visibility": "public"}
        greedy = [{**small, "id": f"greedy-{number}", "min_ram": 64 << 10} for number in range(IMAGE_PAGE)]
        page = int(query.get("limit", [str(IMAGE_PAGE)])[0])
        return [*(greedy if "many-images" in self.faults else []), small][:page]

    def listed(self, kind: str, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        outside = query.get("router:external") == ["true"]
        if kind == "extensions" and "no-extension" not in self.faults:
            return [{"alias": "auto-allocated-topology"}]
        if kind == "networks" and outside and "no-external" not in self.faults:
            return [{"id": "public", "name": "public", "is_default": True}]
        if kind == "networks" and "project_id" in query and self.network:
            return [{"id": self.network, "name": "auto_allocated_network"}]
        if kind == "subnetpools" and "is_default" in query and "no-pool" not in self.faults:
            return [{"id": "pool", "name": "pool", "is_default": True, "ip_version": 4}]
        return []


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "tiny.connection": self.connection}  # for those that would break it

    def log_message(self, *_: Any) -> None:
        pass


def serving(application: Any) -> AbstractContextManager[str]:
    """A WSGI application on loopback; its URL."""
    return answering(make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Silent))


@contextmanager
def running(*faults: str) -> Iterator[TinyCloud]:
    """A tiny cloud that serves."""
    cloud = TinyCloud(*faults)
    with serving(cloud) as url:
        cloud.url = url
        yield cloud


def write_clouds(path: Path, url: str, password: str = PASSWORD) -> Path:
    """A clouds.yaml with one cloud, named tiny."""
    auth = {
        "auth_url": f"{url}/identity/v3",
        "username": "u",
        "password": password,
        "project_name": "p",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
    path.write_text(yaml.safe_dump({"clouds": {"tiny": {"auth": auth, "region_name": "One"}}}))
    return path
