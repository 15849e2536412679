"""A small cloud with faults: enough of Networking and Compute for the races, without their protection against races."""

import json
import re
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from conformance.tests.local_server import answering

PROJECT = "4bd6e1bb1c5f4c40b7a9ab8c8e7e4f4e"
PATIENCE = 5.0  # seconds until a racer goes on alone

HANG_UP = 0  # instead of a status

Reply = tuple[int, Any]


class RaceCloud:
    """One project. Its first `width` callers build side by side until all have begun and the observer has listed the
    networks. `faults` are names, which the handlers look up.
    """

    def __init__(self, width: int, *faults: str) -> None:
        self.faults = set(faults)
        self.lock = threading.RLock()
        self.meeting = threading.Barrier(width)
        self.looked = threading.Event()
        self.record: str | None = None
        self.objects: dict[str, dict[str, dict[str, Any]]] = {
            kind: {} for kind in ("networks", "subnets", "routers", "ports", "subnetpools", "floatingips", "servers")
        }
        for version in (4, 6):
            self._add("subnetpools", is_default=True, ip_version=version, project_id="operator")
        self._add("networks", name="public", admin_state_up=True, project_id="operator")

    # Networking

    def lists(self, kind: str) -> Reply:
        with self.lock:
            if kind == "networks" and self.meeting.n_waiting == self.meeting.parties - 1:
                self.looked.set()
            return 200, {kind: list(self.objects[kind].values())}

    def get_topology(self) -> Reply:
        if self.record:
            return REFUSALS["stubborn"] if "stubborn" in self.faults else (200, self._answer(self.record))
        mine = self._build()
        self._meet()
        with self.lock:
            return self._settle(mine)

    def delete_topology(self) -> Reply:
        with self.lock:
            if "one-delete-500" in self.faults and not self.record:
                return REFUSALS["one-500"]
            if "leave-all" in self.faults:
                return 204, None
            for kind in ("floatingips", "ports", "subnets", "routers", "networks"):
                self.objects[kind] = {
                    key: item for key, item in self.objects[kind].items() if item["project_id"] != PROJECT
                }
            self.record = None
            self.looked.clear()
            return 204, None

    def _build(self) -> dict[str, str]:
        with self.lock:
            up = "built-up" in self.faults
            network = self._add("networks", name="auto_allocated_network", admin_state_up=up)
            gateway = {"network_id": "public"} if "no-gateway" not in self.faults else None
            if "floating-ip" in self.faults:
                self._add("floatingips", floating_ip_address="192.0.2.1")
            router = self._add("routers", admin_state_up=True, external_gateway_info=gateway)
            pools = list(self.objects["subnetpools"])
            for pool in pools[:1] if "one-subnet" in self.faults else pools:
                subnet = self._add("subnets", network_id=network, subnetpool_id=pool)
                if "unplugged" not in self.faults:
                    self._port(network, subnet, router, "network:router_interface", ["10.0.0.1"])
            return {"networks": network, "routers": router}

    def _meet(self) -> None:
        """Wait until all racers have built; one of them also waits until the observer has seen their networks."""
        if self.meeting.parties == 1:
            return
        try:
            if self.meeting.wait(PATIENCE) == 0:
                self.looked.wait(PATIENCE)
            self.meeting.wait(PATIENCE)
        except threading.BrokenBarrierError:
            return

    def _settle(self, mine: dict[str, str]) -> Reply:
        if self.record is None:
            self.record = mine["networks"]
            self.objects["networks"][self.record]["admin_state_up"] = "left-down" not in self.faults
            return 200, self._answer(None if "null-id" in self.faults else self.record)
        if "two-ids" in self.faults:
            return 200, self._answer(mine["networks"])
        self._clean(mine)
        for fault, reply in REFUSALS.items():
            if fault in self.faults:
                if fault != "stubborn":
                    self.faults.remove(fault)
                return reply
        return 200, self._answer(self.record)

    def _clean(self, mine: dict[str, str]) -> None:
        for kind in ("ports", "subnets"):
            gone = [key for key, item in self.objects[kind].items() if item["network_id"] == mine["networks"]]
            for key in gone:
                del self.objects[kind][key]
        if "leave-network" not in self.faults:
            del self.objects["networks"][mine["networks"]]
        if "leave-router" not in self.faults:
            del self.objects["routers"][mine["routers"]]

    def _answer(self, network: str | None) -> Any:
        return {"auto_allocated_topology": {"id": network, "project_id": PROJECT, "tenant_id": PROJECT}}

    def _port(self, network: str, subnet: str, device: str, owner: str, addresses: list[str]) -> str:
        fixed_ips = [{"subnet_id": subnet, "ip_address": address} for address in addresses]
        return self._add("ports", network_id=network, device_id=device, device_owner=owner, fixed_ips=fixed_ips)

    def _add(self, kind: str, **members: Any) -> str:
        key = str(uuid4())
        self.objects[kind][key] = {"id": key, "project_id": PROJECT, **members}
        return key

    # Compute

    def create_servers(self, count: int) -> Reply:
        with self.lock:
            if "ambiguous" in self.faults:
                return 409, {"conflictingRequest": {"code": 409, "message": "Multiple possible networks found"}}
            network = self._lone_topology()
            for number in range(count):
                self._boot(network, number)
        return 202, {"server": {"id": next(iter(self.objects["servers"])), "adminPass": "hidden-from-histories"}}

    def _lone_topology(self) -> str:
        mine = self._build()
        self._settle(mine)
        return mine["networks"]

    def _boot(self, network: str, number: int) -> None:
        last = number == 2
        state = "ERROR" if "failed-build" in self.faults and last else "ACTIVE"
        server = self._add("servers", status="BUILD" if "endless-build" in self.faults else state)
        if "elsewhere" in self.faults and last:
            network = self._add("networks", name="auto_allocated_network", admin_state_up=False)
        if not ("portless" in self.faults and last):
            address = f"10.0.0.{5 if 'same-address' in self.faults else 5 + number}"
            addresses = [] if "no-address" in self.faults else [address]
            self._port(network, "some-subnet", server, "compute:nova", addresses)

    def list_servers(self) -> Reply:
        servers = list(self.objects["servers"].values())
        if "listed-late" in self.faults and servers:
            self.faults.remove("listed-late")
            return 200, {"servers": servers[:1]}
        return 200, {"servers": servers}

    def show_server(self, server: str) -> Reply:
        record = self.objects["servers"].get(server)
        return (200, {"server": record}) if record else (404, {"itemNotFound": {"code": 404, "message": server}})

    def list_interfaces(self, server: str) -> Reply:
        ports = [port for port in self.objects["ports"].values() if port["device_id"] == server]
        return 200, {"interfaceAttachments": [{"net_id": port["network_id"], "port_id": port["id"]} for port in ports]}

    def delete_server(self, server: str) -> Reply:
        with self.lock:
            if "servers-stay" in self.faults:
                return 204, None
            del self.objects["servers"][server]
            ports = self.objects["ports"]
            self.objects["ports"] = {key: port for key, port in ports.items() if port["device_id"] != server}
        return 204, None


def _error(status: int, kind: str) -> Reply:
    return status, {"NeutronError": {"type": kind, "message": "refused", "detail": ""}}


REFUSALS = {
    "one-500": _error(500, "HTTPInternalServerError"),
    "one-refused": _error(409, "AutoAllocationFailure"),
    "one-odd-refusal": _error(409, "NetworkInUse"),
    "one-dropped": (HANG_UP, None),
    "stubborn": _error(409, "AutoAllocationFailure"),
}

ROUTES: list[tuple[str, str, Callable[[RaceCloud, re.Match[str]], Reply]]] = [
    ("GET", r"/v2\.0/auto-allocated-topology/.+", lambda cloud, _: cloud.get_topology()),
    ("DELETE", r"/v2\.0/auto-allocated-topology/.+", lambda cloud, _: cloud.delete_topology()),
    ("GET", r"/v2\.0/(\w+)", lambda cloud, match: cloud.lists(match[1])),
    ("GET", r"/v2\.1/servers", lambda cloud, _: cloud.list_servers()),
    ("GET", r"/v2\.1/servers/([\w-]+)", lambda cloud, match: cloud.show_server(match[1])),
    ("DELETE", r"/v2\.1/servers/([\w-]+)", lambda cloud, match: cloud.delete_server(match[1])),
    ("GET", r"/v2\.1/servers/([\w-]+)/os-interface", lambda cloud, match: cloud.list_interfaces(match[1])),
]


class _Handler(BaseHTTPRequestHandler):
    cloud: RaceCloud
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one packet, or the client's TCP would wait between them

    def _serve(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = self._reply(sent)
        if status == HANG_UP:
            self.close_connection = True
            return
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("x-openstack-request-id", f"req-{uuid4()}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _reply(self, sent: bytes) -> Reply:
        if self.command == "POST":
            return self.cloud.create_servers(json.loads(sent)["server"]["min_count"])
        path = self.path.partition("?")[0]
        matches = ((act, re.fullmatch(pattern, path)) for method, pattern, act in ROUTES if method == self.command)
        return next((act(self.cloud, match) for act, match in matches if match), (404, None))

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - http.server finds them by these names

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    request_queue_size = 64


def serving(cloud: RaceCloud) -> AbstractContextManager[str]:
    """Serve the cloud on a free port; the URL of both of its services, without a path."""
    return answering(_Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"cloud": cloud})))
