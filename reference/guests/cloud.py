"""The lists of the APIs, as an administrator sees them, from which the data plane is built."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
import yaml

LONGEST = 30.0  # seconds an answer may take
PAGE = 1000  # servers of one answer, as many as Compute gives at most
COMPUTE_VERSION = {"OpenStack-API-Version": "compute 2.3", "X-OpenStack-Nova-API-Version": "2.3"}  # shows user data
ACCOUNT = "gman-admin"
# resource -> the fields that are needed, empty for all
NETWORKING = {
    "ports": (),
    "networks": ("id", "mtu", "admin_state_up", "router:external", "subnets"),
    "subnets": (),
    "routers": ("id", "admin_state_up", "external_gateway_info"),
    "floatingips": ("id", "router_id", "floating_ip_address", "fixed_ip_address"),
    "security_group_rules": (),
}
SERVER = (
    "id", "name", "status", "tenant_id", "config_drive", "metadata",
    "OS-EXT-SRV-ATTR:user_data", "OS-EXT-SRV-ATTR:hostname", "OS-EXT-SRV-ATTR:launch_index",
)  # fmt: skip


class Unanswered(Exception):
    """The cloud could not be asked just now."""


class Cloud:
    """The cloud whose services answer at these URLs; its `clouds.yaml` says who we are."""

    def __init__(self, urls: Mapping[str, str], clouds: Path) -> None:
        self.urls, self.clouds = urls, clouds
        self.session = requests.Session()
        self.session.trust_env = False  # neither proxies nor .netrc: it is the cloud of this machine
        self._token = ""

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """All lists by the name of their resource. Raises Unanswered.

        The cloud may change between two calls. So items that refer to others are read first: the others exist by then.
        """
        try:
            servers = self._servers()
            networking = {name: self._networking(name, fields) for name, fields in NETWORKING.items()}
            return {"servers": servers, **networking}
        except (requests.RequestException, OSError, ValueError, KeyError) as error:
            raise Unanswered(f"{type(error).__name__}: {error}") from None

    def _networking(self, name: str, fields: tuple[str, ...]) -> list[dict[str, Any]]:
        url = f"{self.urls['network']}/v2.0/{name.replace('_', '-')}"
        listed: list[dict[str, Any]] = self._get(url, {"fields": fields})[name]
        return listed

    def _servers(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = []
        while True:
            marker = {"marker": listed[-1]["id"]} if listed else {}
            query = {"all_tenants": "1", "limit": PAGE, **marker}
            url = f"{self.urls['compute']}/v2.1/servers/detail"
            page = self._get(url, query, COMPUTE_VERSION)["servers"]
            listed += [{name: server.get(name) for name in SERVER} for server in page]
            if len(page) < PAGE:
                return listed

    def _get(self, url: str, query: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Any:
        for _attempt in range(2):
            self._token = self._token or self._sign_in()
            sent = {**(headers or {}), "X-Auth-Token": self._token}
            answer = self.session.get(url, params=query, headers=sent, timeout=LONGEST)
            if answer.status_code != 401:
                break
            self._token = ""  # the token has expired
        answer.raise_for_status()
        return answer.json()

    def _sign_in(self) -> str:
        auth = yaml.safe_load(self.clouds.read_text())["clouds"][ACCOUNT]["auth"]
        domain = {"name": auth["user_domain_name"]}
        user = {"name": auth["username"], "domain": domain, "password": auth["password"]}
        scope = {"project": {"name": auth["project_name"], "domain": {"name": auth["project_domain_name"]}}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        answer = self.session.post(f"{self.urls['identity']}/v3/auth/tokens", json=body, timeout=LONGEST)
        answer.raise_for_status()
        return str(answer.headers["X-Subject-Token"])
