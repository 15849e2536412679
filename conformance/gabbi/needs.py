"""How much of a project's quotas a gabbi file needs, read from its requests.

What a request creates is counted until the file deletes it. A new file needs no entry anywhere; a new kind of request
that creates something needs a line in CREATED.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from conformance.gabbi.files import GabbiFile
from conformance.projects import limits
from conformance.target.capabilities import Capabilities

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
OTHERS_TOKEN = "GMAN_OTHER_TOKEN"  # noqa: S105 - a variable's name
TOKEN = "x-auth-token"  # noqa: S105 - a header's name
SUCCESS = re.compile(r"\b2\d\d\b")
CREATED = {  # a collection -> the quota that a POST to it takes from
    "networks": "network",
    "subnets": "subnet",
    "ports": "port",
    "routers": "router",
    "floatingips": "floatingip",
    "subnetpools": "subnetpool",
    "security-groups": "security_group",
    "security-group-rules": "security_group_rule",
    "rbac-policies": "rbac_policy",
}
OWN_RULES = 2  # rules that a security group starts with


def of_file(gabbi_file: GabbiFile, capabilities: Capabilities) -> Counter[str]:
    """Quota -> the most that any of the file's projects uses of it at a time."""
    at_start = limits.any_test(capabilities)
    most = Counter(at_start)
    # is it the second project -> what the file has created in it
    held_in: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    usual = gabbi_file.content.get("defaults", {})
    if "ProjectWithFloatingIP" in gabbi_file.fixtures:
        held_in[False]["floatingip"] += 1
    for test in gabbi_file.content["tests"]:
        method, url = _request(test, usual)
        succeeds = bool(SUCCESS.search(str(test.get("status", usual.get("status", 200)))))
        headers = {**usual.get("request_headers", {}), **test.get("request_headers", {})}
        in_second = OTHERS_TOKEN in str(headers.get(TOKEN, ""))
        held = held_in[in_second]
        if method != "DELETE":
            created = _created(method, url, test.get("data"), held, capabilities)
            most |= at_start + held + created  # even for an expected refusal: its reason must not be the quota
            if succeeds:
                held.update(created)
        elif succeeds:
            held_in[in_second] = held - _deleted(url)
    del most["topology"]
    return most


def _request(test: Mapping[str, Any], usual: Mapping[str, Any]) -> tuple[str, str]:
    """The method of a test, and its URL with the query parameters after it, all joined by `&`."""
    both = {**usual, **test}
    method = next((method for method in METHODS if method in test), "")
    url = str(test[method]) if method else str(both.get("url", ""))
    query = "".join(f"&{key}={value}" for key, value in test.get("query_parameters", {}).items())
    return method or str(both.get("method", "GET")), url + query


def _created(method: str, url: str, data: Any, held: Counter[str], capabilities: Capabilities) -> Counter[str]:
    """What the request creates in a project that already holds what `held` counts."""
    path = url.partition("?")[0]
    parts = path.split("/")
    if "auto-allocated-topology" in path and method == "GET":
        return _missing_topology(held, capabilities) if "dry-run" not in url else Counter()
    if parts[-1] == "add_router_interface":
        return Counter(port="subnet_id" in str(data))
    if method != "POST":
        return Counter()
    if parts[-1] == "os-interface":
        return Counter(port=1)
    if parts[-1] == "servers":
        return _servers(data, held, capabilities)
    collection = parts[-1].partition(".")[0]
    name = CREATED.get(collection, "")
    if not name:
        return Counter()
    several = data.get(collection.replace("-", "_")) if isinstance(data, dict) else None
    number = len(several) if isinstance(several, list) else 1
    created = Counter({name: number})
    if name == "subnet":
        created["port"] = number * limits.AGENTS_PORTS
    if name == "security_group":
        created["security_group_rule"] = number * OWN_RULES
    return created


def _servers(data: Any, held: Counter[str], capabilities: Capabilities) -> Counter[str]:
    """What a POST /servers creates: servers, their ports, and with `auto` the topology, if it is missing."""
    server = data.get("server") if isinstance(data, dict) else None
    if not isinstance(server, dict):
        server = {}
    networks = server.get("networks", "auto")
    counts = [server.get(key, 1) for key in ("min_count", "max_count")]
    number = max((int(count) for count in counts if str(count).isdecimal()), default=1)
    if isinstance(networks, list):
        ports = sum(isinstance(entry, dict) and "port" not in entry for entry in networks)
    else:
        ports = int(networks != "none")
    created = limits.servers(capabilities, number, ports)
    return created + (_missing_topology(held, capabilities) if networks == "auto" else Counter())


def _missing_topology(held: Counter[str], capabilities: Capabilities) -> Counter[str]:
    """What a topology uses, and one "topology"; nothing where `held` has a "topology" already."""
    if held["topology"]:
        return Counter()
    return limits.topology(capabilities) + Counter(topology=1)


def _deleted(url: str) -> Counter[str]:
    """What is certainly gone after a DELETE; one of a topology, or of a network, may delete more."""
    parts = url.partition("?")[0].split("/")
    if "auto-allocated-topology" in parts:
        return Counter(topology=1, network=1, router=1)
    name = CREATED.get(parts[-2], "") if len(parts) > 1 else ""
    if name == "network":  # it may have been part of the topology, whose other parts are then left
        return Counter(network=1, topology=1)
    return Counter({name: 1}) if name else Counter()
