"""What a cloud can do, and what is in it: looked up once a run, and handed to all its processes."""

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

from conformance.deadlines import attempts
from conformance.settings import UsageProblem
from conformance.target import boot_choice
from conformance.target.boot_choice import size
from conformance.target.cloud import Account, ApiError
from conformance.target.extensions import unlisted

GROUP_RULES = 4  # ingress and egress, for each IP version; with OWN_GROUP_RULES operators choose others
OWN_GROUP_RULES = "security-groups-default-rules"
# direction, ethertype, remote group, and null for what else narrows a rule: the rules that a default group has unless
# the operator chooses others
USUAL_GROUP_RULES = Counter(
    repr((direction, ethertype, group, None, None, None, None))
    for direction, group in (("egress", None), ("ingress", "PARENT"))
    for ethertype in ("IPv4", "IPv6")
)
_RULE = (
    "direction",
    "ethertype",
    "remote_group_id",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
)
QUOTA_UNITS = {4: 32, 6: 64}  # what a pool's default_quota counts: prefixes of that length (N-SP-020)
MOST_PAGES = 50
LOOKS = 3  # at most, as an error of a service may pass
OF_EXTENSION = re.compile(r"/v2\.0/subnetpools")  # a path that Networking has not where an extension is off
PAGE = 1000  # images to choose from: as many as Image gives at a time


@dataclass(frozen=True)
class Capabilities:
    """A value that the cloud did not give is empty.

    `flavor_vcpus` and `flavor_ram` (MiB) are what a server of the flavor takes of a quota.
    `default_pools`: the IP versions of the default subnet pools that the user sees.
    `shared_networks`: names of the networks that every project may use, external ones included: where there is one,
    `networks: auto` builds none, as Compute looks at nothing but whether a network is shared.
    `unlisted`: extensions that tests need, which the cloud has but does not list.
    `default_group_rules`: the number of rules that a project's default security group starts with;
    `has_usual_group_rules`: whether these are the usual ones.
    `refusals`: a line for each request that a service refused; what it would have shown is unknown.
    `guest_image_id`, `guest_flavor_id`: image and flavor of servers that report how their network works.
    `pool_share`: how many prefixes of their usual length the default pools let a project have, 0 for any number.
    """

    image_id: str = ""
    flavor_id: str = ""
    flavor_vcpus: int = 1
    flavor_ram: int = 0
    external_network_id: str = ""
    default_pools: tuple[int, ...] = ()
    max_microversion: str = ""
    extensions: tuple[str, ...] = ()
    shared_networks: tuple[str, ...] = ()
    dry_run: int = 0  # the status of a dry run of the topology
    default_group_rules: int = GROUP_RULES
    has_usual_group_rules: bool = True
    pool_share: int = 0
    refusals: tuple[str, ...] = ()
    guest_image_id: str = ""
    guest_flavor_id: str = ""
    unlisted: tuple[str, ...] = ()

    def supports(self, microversion: str) -> bool:
        """Whether Compute has that microversion, going by the highest one that it names."""
        return bool(self.max_microversion) and _number(microversion) <= _number(self.max_microversion)

    def to_plain(self) -> dict[str, Any]:
        """The same as JSON values, for other processes and for the report."""
        values = dataclasses.asdict(self).items()
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The inverse of `to_plain`."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
        }
        return cls(**values)


def _number(microversion: str) -> tuple[int, ...]:
    return tuple(int(part) for part in microversion.split(".") if part.isdecimal())


def observe(account: Account, image: str = "", flavor: str = "", guest_image: str = "") -> Capabilities:
    """The capabilities as this user sees them; images and `flavor` are names or ids of what to boot, if any.

    Raises UsageProblem when a service cannot be reached or does not accept the token. An invalid answer counts as
    empty: tests report it.
    """
    looks = _Looks(account)
    network, compute = f"{account.endpoints.network}/v2.0", account.endpoints.compute
    # without a limit Image gives pages of 25
    images = looks.list(f"{account.endpoints.image}/v2/images?status=active&limit={PAGE}", "images")
    boot_image = boot_choice.image(images, image)
    flavors = looks.list(f"{compute}/flavors/detail", "flavors")
    boot_flavor = boot_choice.flavor(flavors, boot_image, flavor)
    guests = boot_choice.image(images, guest_image) if guest_image else boot_image
    default_pools = looks.list(f"{network}/subnetpools?is_default=true", "subnetpools")
    pools = [pool for pool in default_pools if pool.get("is_default")]
    external = looks.list(f"{network}/networks?router:external=true&is_default=true", "networks")
    shared = looks.list(f"{network}/networks?shared=true", "networks")
    extensions = [str(item.get("alias")) for item in looks.list(f"{network}/extensions", "extensions")]
    group_rules, has_usual_group_rules = GROUP_RULES, True
    if OWN_GROUP_RULES in extensions:
        rules = looks.list(f"{network}/default-security-group-rules", "default_security_group_rules", needed=False)
        chosen = [rule for rule in rules if rule.get("used_in_default_sg") is True]
        group_rules = len(chosen)
        has_usual_group_rules = Counter(repr(tuple(map(rule.get, _RULE))) for rule in chosen) == USUAL_GROUP_RULES
    topology = f"{network}/auto-allocated-topology/{account.project_id}?fields=dry-run"
    return Capabilities(
        image_id=str(boot_image.get("id", "")),
        flavor_id=str(boot_flavor.get("id", "")),
        guest_image_id=str(guests.get("id", "")),
        guest_flavor_id=str(boot_choice.flavor(flavors, guests, flavor).get("id", "")),
        flavor_vcpus=size(boot_flavor, "vcpus"),
        flavor_ram=size(boot_flavor, "ram"),
        external_network_id=next((str(item.get("id")) for item in external if item.get("is_default")), ""),
        default_pools=tuple(sorted(size(pool, "ip_version") for pool in pools)),
        max_microversion=_microversion(account, looks),
        extensions=tuple(sorted(extensions)),
        shared_networks=tuple(str(item.get("name") or item.get("id")) for item in shared if item.get("shared")),
        dry_run=looks.get(topology)[0],
        default_group_rules=group_rules,
        has_usual_group_rules=has_usual_group_rules,
        pool_share=min((limit for pool in pools if (limit := share(pool))), default=0),
        refusals=tuple(looks.refusals),
        unlisted=unlisted(account, extensions),
    )


class _Looks:
    """GETs in a user's name; `refusals` are the answers of services that refused one, a line each.

    All methods raise UsageProblem when a service does not answer, or refuses the token.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.refusals: list[str] = []

    def get(self, url: str) -> tuple[int, Any]:
        """Status and JSON of an answer; the JSON is None for an error or an invalid body."""
        try:
            return 200, self._account.call("GET", url)
        except ApiError as error:
            return self._status(error), None

    def _status(self, error: ApiError) -> int:
        who = self._account.name
        if error.status == 401:
            raise UsageProblem(f"{who}: {error}: the service has to trust Identity's tokens") from None
        if not error.status:
            more = f"--deadline request={self._account.deadlines.request * 2:g}"
            advice = f"check the endpoint in the catalog, or give it more time: {more}"
            raise UsageProblem(f"{who}: {error}: {advice}") from None
        return error.status

    def needed(self, url: str) -> Any:
        """The JSON of an answer that tests need, requested again after an error of the service. None for an
        invalid body, and for a refusal.
        """
        for _ in islice(attempts(self._account.deadlines.request), LOOKS):
            try:
                return self._account.call("GET", url)
            except ApiError as error:
                last = error
            if self._status(last) < 500:
                break
        if last.status >= 400 and not (last.status == 404 and OF_EXTENSION.search(url)):
            named = f" ({last.request_id})" if last.request_id else ""
            self.refusals.append(f"{last}{named}")
        return None

    def list(self, url: str, key: str, *, needed: bool = True) -> list[dict[str, Any]]:
        """The objects of all pages of a list: an operator may bound the size of a page (pagination_max_limit)."""
        listed: list[dict[str, Any]] = []
        page_url = url
        for _ in range(MOST_PAGES):
            answer = self.needed(page_url) if needed else self.get(page_url)[1]
            items = answer.get(key) if isinstance(answer, dict) else None
            page = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
            listed += page
            if not page or not _has_next(answer.get(f"{key}_links")):
                break
            page_url = f"{url}{'&' if '?' in url else '?'}marker={page[-1].get('id')}"
        return listed


def _has_next(links: Any) -> bool:
    return isinstance(links, list) and any(isinstance(link, dict) and link.get("rel") == "next" for link in links)


def share(pool: Mapping[str, Any]) -> int:
    """How many prefixes of its usual length a pool's default_quota lets a project have, 0 where it sets no limit."""
    length = str(pool.get("default_prefixlen"))  # a string from some services, and a number from others (N-SP-004)
    unit = QUOTA_UNITS.get(size(pool, "ip_version"), 0)
    return int(size(pool, "default_quota") / 2 ** (unit - int(length))) if length.isdecimal() else 0


def _microversion(account: Account, looks: _Looks) -> str:
    """The highest microversion of Compute, by the document of its versioned endpoint; empty for an invalid one."""
    root = re.sub(r"(/v2(\.\d+)?)(/.*)?$", r"\1/", account.endpoints.compute)
    answer = looks.needed(root)
    version = answer.get("version") if isinstance(answer, dict) else None
    return str(version.get("version", "")) if isinstance(version, dict) else ""
