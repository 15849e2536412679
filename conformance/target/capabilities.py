"""What a cloud shows of itself before anything is asked of it: looked up once a run, handed to all its processes."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from conformance.settings import UsageProblem
from conformance.target import boot_choice
from conformance.target.boot_choice import size
from conformance.target.cloud import Account, ApiError

GROUP_RULES = 4  # a way in and a way out, for each IP version; with OWN_GROUP_RULES operators say otherwise
OWN_GROUP_RULES = "security-groups-default-rules"
QUOTA_UNITS = {4: 32, 6: 64}  # what a pool's default_quota counts: prefixes of that length (N-SP-020)
MOST_PAGES = 50
PAGE = 1000  # images to choose from: as many as Image gives at a time


@dataclass(frozen=True)
class Capabilities:
    """Empty where the cloud did not say. `default_pools` are the IP versions of the default subnet pools one sees;
    `shared_networks` names the networks that every project may use, which keep `networks: auto` from building one:
    external ones, too, for Compute looks for what is shared, and for nothing else;
    `default_group_rules` is the number of rules that a project's default security group starts with;
    `pool_share` is how many prefixes of their usual length the default pools let a project have, 0 for any number.
    """

    image_id: str = ""
    flavor_id: str = ""
    external_network_id: str = ""
    default_pools: tuple[int, ...] = ()
    max_microversion: str = ""
    extensions: tuple[str, ...] = ()
    shared_networks: tuple[str, ...] = ()
    dry_run: int = 0  # the status of a dry run of the topology
    default_group_rules: int = GROUP_RULES
    pool_share: int = 0

    def speaks(self, microversion: str) -> bool:
        """Whether Compute has that microversion, as far as it told its highest one."""
        return bool(self.max_microversion) and _number(microversion) <= _number(self.max_microversion)

    def to_plain(self) -> dict[str, Any]:
        """As plain data, to be sent to another process, and reported."""
        values = dataclasses.asdict(self).items()
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
        }
        return cls(**values)


def _number(microversion: str) -> tuple[int, ...]:
    return tuple(int(part) for part in microversion.split(".") if part.isdecimal())


def observe(account: Account, image: str = "", flavor: str = "") -> Capabilities:
    """Look at the cloud as this user sees it; `image` and `flavor` are names or ids of what to boot, if so wished.

    Raises UsageProblem when a service cannot be reached or does not take the token. A wrong answer is no reason to
    stop: what it would have said stays empty, and tests tell.
    """
    network, to_boot = f"{account.endpoints.network}/v2.0", boot_choice.image(_images(account), image)
    pools = [
        pool
        for pool in _listed(account, f"{network}/subnetpools?is_default=true", "subnetpools")
        if pool.get("is_default")
    ]
    outside = _listed(account, f"{network}/networks?router:external=true&is_default=true", "networks")
    shared = _listed(account, f"{network}/networks?shared=true", "networks")
    extensions = [str(found.get("alias")) for found in _listed(account, f"{network}/extensions", "extensions")]
    topology = f"{network}/auto-allocated-topology/{account.project_id}?fields=dry-run"
    return Capabilities(
        image_id=str(to_boot.get("id", "")),
        flavor_id=str(boot_choice.flavor(_flavors(account), to_boot, flavor).get("id", "")),
        external_network_id=next((str(item.get("id")) for item in outside if item.get("is_default")), ""),
        default_pools=tuple(sorted(size(pool, "ip_version") for pool in pools)),
        max_microversion=_microversion(account),
        extensions=tuple(sorted(extensions)),
        shared_networks=tuple(str(item.get("name") or item.get("id")) for item in shared if item.get("shared")),
        dry_run=_status(account, topology),
        default_group_rules=_group_rules(account, network) if OWN_GROUP_RULES in extensions else GROUP_RULES,
        pool_share=min((bound for pool in pools if (bound := share(pool))), default=0),
    )


def _ask(account: Account, url: str) -> Any:
    """The JSON of an answer, or None of one that is wrong."""
    try:
        return account.call("GET", url)
    except ApiError as wrong:
        _give_up_without_answer(account, wrong)
        return None


def _status(account: Account, url: str) -> int:
    try:
        account.call("GET", url)
    except ApiError as wrong:
        _give_up_without_answer(account, wrong)
        return wrong.status
    return 200


def _give_up_without_answer(account: Account, wrong: ApiError) -> None:
    if wrong.status == 401:
        raise UsageProblem(f"{account.name}: {wrong}: the service has to trust Identity's tokens")
    if not wrong.status:
        more = f"--deadline request={account.deadlines.request * 2:g}"
        raise UsageProblem(f"{account.name}: {wrong}: check the endpoint in the catalog, or give it more time: {more}")


def _listed(account: Account, url: str, key: str) -> list[dict[str, Any]]:
    """All of a list, which an operator may bound to pages (pagination_max_limit)."""
    listed: list[dict[str, Any]] = []
    page = url
    for _ in range(MOST_PAGES):
        found = _ask(account, page)
        items = found.get(key) if isinstance(found, dict) else None
        more = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        listed += more
        if not more or not _has_next(found.get(f"{key}_links")):
            break
        page = f"{url}{'&' if '?' in url else '?'}marker={more[-1].get('id')}"
    return listed


def _has_next(links: Any) -> bool:
    return isinstance(links, list) and any(isinstance(each, dict) and each.get("rel") == "next" for each in links)


def _group_rules(account: Account, network: str) -> int:
    rules = _listed(account, f"{network}/default-security-group-rules", "default_security_group_rules")
    return sum(rule.get("used_in_default_sg") is True for rule in rules)


def share(pool: Mapping[str, Any]) -> int:
    """How many prefixes of its usual length a pool's default_quota lets a project have, 0 where it sets no bound."""
    length = str(pool.get("default_prefixlen"))  # a string from some services, and a number from others (N-SP-004)
    unit = QUOTA_UNITS.get(size(pool, "ip_version"), 0)
    return int(size(pool, "default_quota") / 2 ** (unit - int(length))) if length.isdecimal() else 0


def _images(account: Account) -> list[dict[str, Any]]:
    # where no limit is given a page is of 25
    return _listed(account, f"{account.endpoints.image}/v2/images?status=active&limit={PAGE}", "images")


def _flavors(account: Account) -> list[dict[str, Any]]:
    return _listed(account, f"{account.endpoints.compute}/flavors/detail", "flavors")


def _microversion(account: Account) -> str:
    """The highest microversion of Compute, by the document of its versioned endpoint."""
    root = re.sub(r"(/v2(\.\d+)?)(/.*)?$", r"\1/", account.endpoints.compute)
    found = _ask(account, root)
    version = found.get("version") if isinstance(found, dict) else None
    return str(version.get("version", "")) if isinstance(version, dict) else ""
