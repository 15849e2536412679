"""How much of a project's quota a gabbi file takes, read from its requests: at most, as if nothing but what it deletes
itself were ever gone.

A new file needs no entry anywhere; a new kind of request that creates something is a line in CREATED.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.gabbi.files import GabbiFile
from conformance.projects import limits
from conformance.target.capabilities import Capabilities

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
OTHERS_TOKEN = "GMAN_OTHER_TOKEN"  # noqa: S105 - a variable's name
TOKEN = "x-auth-token"  # noqa: S105 - a header's name
SUCCESS = re.compile(r"\b2\d\d\b")
CREATED = {  # by a POST to the collection of that name -> the quota's name
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
    """The most that any of the file's projects takes at a time."""
    created_in: dict[bool, Counter[str]] = defaultdict(Counter)  # by whether that is the second project
    most = limits.any_test(capabilities)
    usual = gabbi_file.content.get("defaults", {})
    if "ProjectWithFloatingIP" in gabbi_file.fixtures:
        created_in[False]["floatingip"] += 1
    for test in gabbi_file.content["tests"]:
        method, url = _request(test, usual)
        succeeds = bool(SUCCESS.search(str(test.get("status", usual.get("status", 200)))))
        headers = {**usual.get("request_headers", {}), **test.get("request_headers", {})}
        holder = created_in[OTHERS_TOKEN in str(headers.get(TOKEN, ""))]
        if method != "DELETE":
            created = _created(method, url, test.get("data"), holder, capabilities)
            most |= limits.any_test(capabilities) + holder + created  # what is refused is to be so for another reason
            holder.update(created if succeeds else {})
        elif succeeds:
            holder.subtract(_deleted(url))
            created_in[True], created_in[False] = (+created_in[place] for place in (True, False))
    del most["topology"]
    return most


def _request(test: Mapping[str, Any], usual: Mapping[str, Any]) -> tuple[str, str]:
    """Method and path of a test."""
    both = {**usual, **test}
    method = next((method for method in METHODS if method in test), "")
    url = str(test[method]) if method else str(both.get("url", ""))
    query = "".join(f"&{key}={value}" for key, value in test.get("query_parameters", {}).items())
    return method or str(both.get("method", "GET")), url + query


def _created(method: str, url: str, data: Any, holder: Counter[str], capabilities: Capabilities) -> Counter[str]:
    """What the request creates for whoever holds so much already."""
    path = url.partition("?")[0]
    parts = path.split("/")
    if "auto-allocated-topology" in path and method == "GET":
        return _missing_topology(holder, capabilities) if "dry-run" not in url else Counter()
    if parts[-1] == "add_router_interface":
        return Counter(port="subnet_id" in str(data))
    if method != "POST":
        return Counter()
    if parts[-1] == "os-interface":
        return Counter(port=1)
    if parts[-1] == "servers":
        return _servers(data, holder, capabilities)
    collection = parts[-1].partition(".")[0]
    name = CREATED.get(collection, "")
    if not name:
        return Counter()
    created = Counter({name: len(_bodies(data, collection))})
    return created + Counter(_besides(name, created[name]))


def _besides(name: str, number: int) -> dict[str, int]:
    """What comes along with so many objects: ports of agents on a subnet's network, rules of a group."""
    if name == "subnet":
        return {"port": number * limits.AGENTS_PORTS}
    return {"security_group_rule": number * OWN_RULES} if name == "security_group" else {}


def _bodies(data: Any, collection: str) -> list[Any]:
    """The objects of a request, which names one or several."""
    several = data.get(collection.replace("-", "_")) if isinstance(data, dict) else None
    return several if isinstance(several, list) else [data]


def _servers(data: Any, holder: Counter[str], capabilities: Capabilities) -> Counter[str]:
    server = data.get("server", {}) if isinstance(data, dict) else {}
    networks = server.get("networks", "auto") if isinstance(server, dict) else "auto"
    counts = [server.get(key, 1) for key in ("min_count", "max_count")] if isinstance(server, dict) else []
    number = max((int(count) for count in counts if str(count).isdecimal()), default=1)
    ports = (
        sum("port" not in entry for entry in _entries(networks)) if isinstance(networks, list) else networks != "none"
    )
    created = limits.servers(capabilities, number, int(ports))
    return created + (_missing_topology(holder, capabilities) if networks == "auto" else Counter())


def _entries(networks: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [entry for entry in networks if isinstance(entry, dict)]


def _missing_topology(holder: Counter[str], capabilities: Capabilities) -> Counter[str]:
    """The topology, where the project has none: `holder` remembers that under the topology's own name."""
    if holder["topology"]:
        return Counter()
    return limits.topology(capabilities) + Counter(topology=1)


def _deleted(url: str) -> Counter[str]:
    """What a DELETE takes away for certain; a topology, or a network, may leave more room than is counted here."""
    parts = url.partition("?")[0].split("/")
    if "auto-allocated-topology" in parts:
        return Counter(topology=1, network=1, router=1)
    name = CREATED.get(parts[-2], "") if len(parts) > 1 else ""
    if name == "network":  # which may have been the topology's: what else there was of that stays
        return Counter(network=1, topology=1)
    return Counter({name: 1}) if name else Counter()
