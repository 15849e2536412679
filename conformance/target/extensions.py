"""Extensions of Networking that a cloud supports and does not list: a probe for each that tests need.

With OVN, Networking leaves some aliases out of its list and still does what they stand for. No probe changes anything:
it reads, or names objects that do not exist.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from conformance.target.cloud import Account

UNKNOWN = "6e6f2d6f-6e65-4000-8000-000000000000"  # an id that no object has
NO_SUCH_PATH = "HTTPNotFound"  # the type of a 404 for an unknown path

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """Status and JSON of an answer, None for an empty body."""

    status: int
    body: Any

    @property
    def refusal(self) -> str:
        """The type of Networking's error, empty where the body is not an error."""
        error = self.body.get("NeutronError") if isinstance(self.body, dict) else None
        return str(error.get("type") or "") if isinstance(error, dict) else ""


@dataclass(frozen=True)
class Probe:
    """One request, and whether its answer shows the extension. `{project}` in the path is the user's project."""

    method: str
    path: str
    shows: Callable[[Answer], bool]
    body: Body | None = None


def _is_read(answer: Answer) -> bool:
    return answer.status == 200


def _is_refused(answer: Answer) -> bool:
    return answer.status == 400


def _is_understood(answer: Answer) -> bool:
    """Whether Networking knows the path and the attributes, and refuses only the object, which does not exist."""
    return answer.status in (403, 404) and answer.refusal not in ("", NO_SUCH_PATH)


def _shows_external(answer: Answer) -> bool:
    networks = answer.body.get("networks") if isinstance(answer.body, dict) else None
    return isinstance(networks, list) and any("router:external" in network for network in networks)


def _port(**values: Any) -> Probe:
    """The creation of a port with those attributes, on a network that does not exist."""
    return Probe("POST", "ports", _is_understood, {"port": {"network_id": UNKNOWN, **values}})


PROBES: Mapping[str, Probe] = {
    "address-scope": Probe("GET", "address-scopes", _is_read),
    "binding": _port(**{"binding:vnic_type": "normal"}),
    "external-net": Probe("GET", "networks?router:external=true", _shows_external),
    "filter-validation": Probe("GET", "networks?no_such_attribute=x", _is_refused),
    "port-security": _port(port_security_enabled=True),
    "quota_details": Probe("GET", "quotas/{project}/details", _is_read),
    "quotas": Probe("GET", "quotas/{project}", _is_read),
    "rbac-policies": Probe("GET", "rbac-policies", _is_read),
    "rbac-subnetpool": Probe("GET", "rbac-policies?object_type=subnetpool", _is_read),
    "router": Probe("GET", "routers?fields=id", _is_read),
    "security-group": Probe("GET", "security-groups?fields=id", _is_read),
    "subnet_allocation": Probe("GET", "subnetpools?fields=id", _is_read),
    "subnet_onboard": Probe(
        "PUT",
        f"subnetpools/{UNKNOWN}/onboard_network_subnets",
        _is_understood,
        {"network_id": UNKNOWN},
    ),
    "subnetpool-prefix-ops": Probe(
        "PUT", f"subnetpools/{UNKNOWN}/add_prefixes", _is_understood, {"prefixes": ["192.0.2.0/24"]}
    ),
}
# aliases that tests need and that no probe can show without changing the cloud -> why
WITHOUT_PROBE: Mapping[str, str] = {
    "quota-check-limit-default": "it shows where a quota is set below what is used",
    "revision-if-match": "it shows where an object of the user's is changed",
    "standard-attr-revisions": "it shows where there is an object of the user's",
}


def unlisted(account: Account, listed: Collection[str]) -> tuple[str, ...]:
    """The sorted aliases of extensions that work and are not `listed`; none where the cloud lists no extensions."""
    missing = [alias for alias in sorted(PROBES) if alias not in listed] if listed else []
    results = account.side_by_side(lambda alias: _works(account, PROBES[alias]), missing)
    return tuple(alias for alias, works in zip(missing, results, strict=True) if works)


def _works(account: Account, probe: Probe) -> bool:
    url = f"{account.endpoints.network}/v2.0/{probe.path.format(project=account.project_id)}"
    try:
        response = account.ask(probe.method, url, json=probe.body)
    except requests.RequestException:
        return False
    try:
        return probe.shows(Answer(response.status, response.json if response.body else None))
    except ValueError:
        return False
