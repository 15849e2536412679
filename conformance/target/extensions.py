"""Extensions of Networking that a cloud has and does not list: what shows that one is there, for each that tests need.

OVN takes some aliases out of the list of a Networking that goes on to do what they stand for. No look changes anything:
each reads, or names what there is not.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from conformance.target.cloud import Account

NOBODY = "6e6f2d6f-6e65-4000-8000-000000000000"  # the id of nothing
NO_SUCH_PATH = "HTTPNotFound"  # the type of a 404 for a path that there is not

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """Status and JSON of an answer, None for a body that is none."""

    status: int
    body: Any

    @property
    def refusal(self) -> str:
        """The type of a refusal of Networking, empty where there is none."""
        error = self.body.get("NeutronError") if isinstance(self.body, dict) else None
        return str(error.get("type") or "") if isinstance(error, dict) else ""


@dataclass(frozen=True)
class Look:
    """One request, and whether its answer shows that the extension is there. `{project}` in the path is the user's."""

    method: str
    path: str
    shows: Callable[[Answer], bool]
    body: Body | None = None


def _is_read(answer: Answer) -> bool:
    return answer.status == 200


def _is_refused(answer: Answer) -> bool:
    return answer.status == 400


def _is_understood(answer: Answer) -> bool:
    """Whether what the request names was looked for: the rest of it was understood, and its path is known."""
    return answer.status in (403, 404) and answer.refusal not in ("", NO_SUCH_PATH)


def _shows_external(answer: Answer) -> bool:
    networks = answer.body.get("networks") if isinstance(answer.body, dict) else None
    return isinstance(networks, list) and any("router:external" in network for network in networks)


def _port(**values: Any) -> Look:
    """A port with those attributes, on a network that there is not."""
    return Look("POST", "ports", _is_understood, {"port": {"network_id": NOBODY, **values}})


LOOKS: Mapping[str, Look] = {
    "address-scope": Look("GET", "address-scopes", _is_read),
    "binding": _port(**{"binding:vnic_type": "normal"}),
    "external-net": Look("GET", "networks?router:external=true", _shows_external),
    "filter-validation": Look("GET", "networks?no_such_attribute=x", _is_refused),
    "port-security": _port(port_security_enabled=True),
    "quota_details": Look("GET", "quotas/{project}/details", _is_read),
    "quotas": Look("GET", "quotas/{project}", _is_read),
    "rbac-policies": Look("GET", "rbac-policies", _is_read),
    "rbac-subnetpool": Look("GET", "rbac-policies?object_type=subnetpool", _is_read),
    "router": Look("GET", "routers?fields=id", _is_read),
    "security-group": Look("GET", "security-groups?fields=id", _is_read),
    "subnet_allocation": Look("GET", "subnetpools?fields=id", _is_read),
    "subnet_onboard": Look(
        "PUT",
        f"subnetpools/{NOBODY}/onboard_network_subnets",
        _is_understood,
        {"network_id": NOBODY},
    ),
    "subnetpool-prefix-ops": Look(
        "PUT", f"subnetpools/{NOBODY}/add_prefixes", _is_understood, {"prefixes": ["192.0.2.0/24"]}
    ),
}
# aliases that tests need, and that nothing shows without a change of the cloud -> why
UNSEEN: Mapping[str, str] = {
    "quota-check-limit-default": "it shows where a quota is set below what is used",
    "revision-if-match": "it shows where an object of the user's is changed",
    "standard-attr-revisions": "it shows where there is an object of the user's",
}


def unlisted(account: Account, listed: Collection[str]) -> tuple[str, ...]:
    """The aliases of extensions that are there and not among the `listed` ones, sorted; none where none is listed."""
    missing = [alias for alias in sorted(LOOKS) if alias not in listed] if listed else []
    there = account.side_by_side(lambda alias: _is_there(account, LOOKS[alias]), missing)
    return tuple(alias for alias, is_there in zip(missing, there, strict=True) if is_there)


def _is_there(account: Account, look: Look) -> bool:
    url = f"{account.endpoints.network}/v2.0/{look.path.format(project=account.project_id)}"
    try:
        response = account.ask(look.method, url, json=look.body)
    except requests.RequestException:
        return False
    try:
        return look.shows(Answer(response.status, response.json if response.body else None))
    except ValueError:
        return False
