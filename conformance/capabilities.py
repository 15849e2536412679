"""What a cloud shows of itself before anything is asked of it: looked up once a run, handed to all its processes."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from conformance.cloud import Account, ApiError
from conformance.settings import UsageProblem

GROUP_RULES = 4  # a way in and a way out, for each IP version; with OWN_GROUP_RULES operators say otherwise
OWN_GROUP_RULES = "security-groups-default-rules"
PAGE = 1000  # images to choose from: as many as Image gives at a time


@dataclass(frozen=True)
class Capabilities:
    """Empty where the cloud did not say. `default_pools` are the IP versions of the default subnet pools one sees;
    `shared_networks` names the networks that every project may use, which keep `networks: auto` from building one;
    `default_group_rules` is the number of rules that a project's default security group starts with.
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


def observe(account: Account) -> Capabilities:
    """Look at the cloud as this user sees it.

    Raises UsageProblem when a service cannot be reached or does not take the token. A wrong answer is no reason to
    stop: what it would have said stays empty, and tests tell.
    """
    network, image = f"{account.endpoints.network}/v2.0", _image(account)
    pools = _listed(account, f"{network}/subnetpools?is_default=true", "subnetpools")
    outside = _listed(account, f"{network}/networks?router:external=true&is_default=true", "networks")
    shared = _listed(account, f"{network}/networks?shared=true&router:external=false", "networks")
    extensions = [str(found.get("alias")) for found in _listed(account, f"{network}/extensions", "extensions")]
    topology = f"{network}/auto-allocated-topology/{account.project_id}?fields=dry-run"
    return Capabilities(
        image_id=str(image.get("id", "")),
        flavor_id=str(_flavor(account, image).get("id", "")),
        external_network_id=next((str(item.get("id")) for item in outside if item.get("is_default")), ""),
        default_pools=tuple(sorted(_size(pool, "ip_version") for pool in pools if pool.get("is_default"))),
        max_microversion=_microversion(account),
        extensions=tuple(sorted(extensions)),
        shared_networks=tuple(str(item.get("name") or item.get("id")) for item in shared if item.get("shared")),
        dry_run=_status(account, topology),
        default_group_rules=_group_rules(account, network) if OWN_GROUP_RULES in extensions else GROUP_RULES,
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
    found = _ask(account, url)
    items = found.get(key) if isinstance(found, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _group_rules(account: Account, network: str) -> int:
    rules = _listed(account, f"{network}/default-security-group-rules", "default_security_group_rules")
    return sum(rule.get("used_in_default_sg") is True for rule in rules)


def _image(account: Account) -> dict[str, Any]:
    """The image that can be booted and asks for the least, one for everybody if there is any."""
    # where no limit is given a page is of 25
    images = _listed(account, f"{account.endpoints.image}/v2/images?status=active&limit={PAGE}", "images")
    booting = [image for image in images if image.get("status") == "active"]

    def demand(image: Mapping[str, Any]) -> list[int]:
        return [image.get("visibility") != "public", *(_size(image, what) for what in ("min_ram", "min_disk", "size"))]

    return min(booting, key=demand, default={})


def _flavor(account: Account, image: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest flavor that the image fits in."""
    flavors = _listed(account, f"{account.endpoints.compute}/flavors/detail", "flavors")
    fitting = [flavor for flavor in flavors if _fits(image, flavor)]
    return min(fitting, key=lambda flavor: [_size(flavor, what) for what in ("ram", "vcpus", "disk")], default={})


def _fits(image: Mapping[str, Any], flavor: Mapping[str, Any]) -> bool:
    disk = _size(flavor, "disk")  # GiB; 0 means as much as the image takes
    return _size(flavor, "ram") >= _size(image, "min_ram") and (not disk or disk >= _size(image, "min_disk"))


def _size(item: Mapping[str, Any], what: str) -> int:
    """0 where a service forgot to say: that is for a test to tell."""
    size = item.get(what)
    return size if isinstance(size, int) else 0


def _microversion(account: Account) -> str:
    """The highest microversion of Compute, by the document of its versioned endpoint."""
    root = re.sub(r"(/v2(\.\d+)?)(/.*)?$", r"\1/", account.endpoints.compute)
    found = _ask(account, root)
    version = found.get("version") if isinstance(found, dict) else None
    return str(version.get("version", "")) if isinstance(version, dict) else ""
