"""POST /servers: the checks, in the order of Nova's errors, then the rows of all requested servers in one transaction
(C-SRV-001).
"""

import ipaddress
import secrets
import string
import uuid
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.compute import (
    admission,
    flavors,
    groups,
    hosts,
    image_client,
    keypairs,
    quotas,
    servers,
    timestamps,
    views,
)
from reference.compute.allocation import ZONE
from reference.compute.context import Service, require_admin, require_member
from reference.compute.errors import fault
from reference.compute.handlers.server_groups import missing
from reference.compute.microversion import version_of
from reference.compute.schemas.servers import CREATE
from reference.compute.schemas.types import is_true
from reference.store import Store
from reference.wsgi.routes import Answer, Call, Operation, Route

PASSWORD_LENGTH = 12
MAX_SERVERS = 1000  # of one request, as one transaction adds them all
_HINTS = ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints")
_LETTERS = string.ascii_lowercase + string.digits

Body = Mapping[str, Any]


class Create:
    """The handler of POST /servers."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        operation = Operation(202, (400, 403, 404, 409, 413, 415), body=CREATE.schemas[-1])
        return [Route("POST", "/v2.1/servers", self.create, operation)]

    def create(self, call: Call) -> Answer:
        body = CREATE.body(call)
        server, project = body["server"], call.caller.project_id
        least, most = counts(server)
        authorize(call, server)
        image_id = boot_image(server)
        requested = admission.requested(server.get("networks"))
        with self.service.store.read() as tx:
            flavor = flavors.find(tx, str(server["flavorRef"]).rpartition("/")[2], status=400)
        refuse_copies(server, requested, most)
        with self.service.store.read() as tx:
            place = require_place(server, hosts.known(tx) | {self.service.settings.compute_host})
            requested = [] if isinstance(requested, str) and hosts.outdated(tx) else requested
        image = image_client.bootable(self.service.image, call.caller.token, image_id)
        networks = self.service.networks(call)
        group_names = [group["name"] for group in server.get("security_groups", []) if "name" in group]
        groups.resolve(networks, project, group_names)
        refuse_too_many(least)
        hints = scheduler_hints(body)
        room = admission.room(networks, project, requested, min(most, MAX_SERVERS))
        refuse_key(self.service.store, call.caller.user_id, server.get("key_name"))
        if room < least:
            raise fault(403, "Maximum number of ports exceeded")
        image_client.require_fit(image, flavor.ram, flavor.disk)
        common = _common(call, body, flavor, image_id)
        common |= {"networks": requested, "security_groups": group_names, "scheduler_hints": hints}

        def keep(tx: Connection) -> list[dict[str, Any]]:
            quotas.require(tx, project, _limited_amounts(server))
            rows = server_rows(server, common, quotas.room(tx, project, flavor, least, room))
            servers.create(tx, call, rows, place)
            return rows

        rows = self.service.store.write(keep)
        self.service.builder.wake()
        return self._answer(server, rows[0])

    def _answer(self, server: Body, row: Body) -> Answer:
        """The answer: the first server, or the reservation id of the whole request (C-SRV-002, C-MULTI-005)."""
        if is_true(server.get("return_reservation_id")):
            return Answer({"reservation_id": row["reservation_id"]}, 202)
        links = views.links(self.service.url, row["id"])
        view = {
            "id": row["id"],
            "links": links,
            "OS-DCF:diskConfig": row["disk_config"],
            "security_groups": server.get("security_groups") or [{"name": groups.DEFAULT}],
            "adminPass": server.get("adminPass") or _random(PASSWORD_LENGTH, string.ascii_letters + string.digits),
        }
        return Answer({"server": view}, 202, {"Location": links[0]["href"]})


def counts(server: Body) -> tuple[int, int]:
    """min_count and max_count, with their defaults (C-MULTI-001, C-MULTI-002). Raises Problem (400)."""
    least = int(server.get("min_count", 1))
    most = int(server.get("max_count", least))
    if least > most:
        raise fault(400, "min_count must be <= max_count")
    return least, most


def authorize(call: Call, server: Body) -> None:
    """Require a member, and an admin for a request that names a host. Raises Problem (400, 403)."""
    require_member(call, "os_compute_api:servers:create")
    if "host" in server or "hypervisor_hostname" in server:
        require_admin(call, "compute:servers:create:requested_destination")
    parts = server.get("availability_zone", "").count(":") + 1
    if parts > 3:
        raise fault(400, "Invalid input received: Unable to parse availability_zone")
    if parts > 1:
        require_admin(call, "os_compute_api:servers:create:forced_host")


def boot_image(server: Body) -> str:
    """The id of the image to boot from; there are no volumes here (C-ERR-024). Raises Problem (400)."""
    image = server.get("imageRef") or ""
    for device in server.get("block_device_mapping_v2", []):
        if not device.get("uuid"):
            raise fault(400, "Block Device Mapping is Invalid: Missing device UUID.")
        source, target = device.get("source_type"), device.get("destination_type", "local")
        if source != "image" or target != "local" or int(device.get("boot_index") or 0) != 0:
            raise fault(400, "Block Device Mapping is Invalid: only an image on a local disk can be booted from.")
        image = image or device["uuid"]
    if server.get("block_device_mapping"):
        raise fault(400, "Block Device Mapping is Invalid: there are no volumes.")
    if not image:
        raise fault(400, "Missing imageRef attribute")
    return str(image)


def refuse_copies(server: Body, requested: admission.RequestedNetworks, most: int) -> None:
    """Refuse what only one server can have (C-MULTI-007). Raises Problem (400)."""
    admission.refuse_copies(requested, most)
    if most > 1 and "hostname" in server:
        raise fault(400, "Unable to allocate a single hostname to multiple instances")


def refuse_too_many(least: int) -> None:
    """Refuse more servers than one request may create, whatever the quota (C-ERR-021). Raises Problem (403)."""
    if least > MAX_SERVERS:
        raise fault(
            403, f"Quota exceeded for instances: Requested {least}, but at most {MAX_SERVERS} at once are allowed"
        )


def require_place(server: Body, hosts: set[str]) -> str | None:
    """The host that the request names, or None; host and zone must exist. Raises Problem (400)."""
    zone, _, forced = server.get("availability_zone", ZONE).partition(":")
    if zone != ZONE:
        raise fault(400, "The requested availability zone is not available")
    host, _, node = forced.partition(":")
    places = [name for name in (host, node, server.get("host"), server.get("hypervisor_hostname")) if name]
    for place in places:
        if place not in hosts or place != places[0]:
            raise fault(400, f"Compute host {place} could not be found.")
    return places[0] if places else None


def scheduler_hints(body: Body) -> dict[str, Any]:
    """The request's hints. Raises Problem: 400 for a server group, as there are none."""
    hints: dict[str, Any] = next((body[name] for name in _HINTS if name in body), {})
    if hints.get("group"):
        raise missing(hints["group"], 400)
    return hints


def refuse_key(store: Store, user: str, name: str | None) -> None:
    """Refuse a key that the user does not have (C-ERR-027). Raises Problem (400)."""
    with store.read() as tx:
        if name is not None and keypairs.find(tx, user, name) is None:
            raise fault(400, "Invalid key_name provided.")


def _limited_amounts(server: Body) -> quotas.Amounts:
    """How much the request needs of each resource that has a limit."""
    files = server.get("personality", [])
    return {
        "metadata_items": len(server.get("metadata", {})),
        "injected_files": len(files),
        "injected_file_path_bytes": max((len(file.get("path", "").encode()) for file in files), default=0),
        "injected_file_content_bytes": max((len(b64decode(file.get("contents", ""))) for file in files), default=0),
    }


def _common(call: Call, body: Body, flavor: Row[Any], image: str) -> dict[str, Any]:
    """The columns that are the same for all servers of the request."""
    server, moment = body["server"], timestamps.now()
    size = {"vcpus": flavor.vcpus, "ram": flavor.ram, "disk": flavor.disk}
    # "" means no address; an IPv6 address is stored in its short form
    addresses = {
        column: str(ipaddress.ip_address(server[name])) if server.get(name) else ""
        for name, column in (("accessIPv4", "access_ip_v4"), ("accessIPv6", "access_ip_v6"))
    }
    has_description = version_of(call) >= (2, 19)
    return {
        **addresses,
        "project_id": call.caller.project_id,
        "user_id": call.caller.user_id,
        "description": server.get("description") if has_description else server["name"],
        "reservation_id": f"r-{_random(8, _LETTERS)}",
        "created_at": moment,
        "updated_at": moment,
        "vm_state": "building",
        "task_state": "scheduling",
        "zone": server.get("availability_zone", "").partition(":")[0] or None,
        "key_name": server.get("key_name"),
        "image_id": image,
        "flavor": {**size, "original_name": flavor.name},
        "flavor_id": flavor.id,
        "metadata": server.get("metadata", {}),
        "tags": "".join(f",{tag}" for tag in dict.fromkeys(server.get("tags", []))) + ",",
        "config_drive": "True" if is_true(server.get("config_drive")) else "",
        "user_data": server.get("user_data"),
        "disk_config": server.get("OS-DCF:diskConfig", "MANUAL"),
        "trusted_image_certificates": server.get("trusted_image_certificates"),
    }


def server_rows(server: Body, common: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The rows of the servers, whose names are numbered from 1 where there are several (C-MULTI-004)."""
    rows = []
    for index in range(count):
        item, name = str(uuid.uuid4()), server["name"]
        host = server.get("hostname") or servers.hostname(name, item)
        ending = f"-{index + 1}" if count > 1 else ""
        names = {"name": f"{name}{ending}", "hostname": f"{host}{ending}"}
        rows.append({**common, **names, "id": item, "launch_index": index})
    return rows


def _random(length: int, letters: str) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))
