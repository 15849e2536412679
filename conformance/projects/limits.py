"""A project's limits, as its member sees them, and what tests use of them. Amounts are numbers by the names of quotas:
network, subnet, port of Networking, instances, cores, ram (MiB) of Compute.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from conformance.target.capabilities import Capabilities
from conformance.target.cloud import Account, ApiError

Amounts = Mapping[str, int]
# key in /limits -> name of the quota
COMPUTE = {"maxTotalInstances": "instances", "maxTotalCores": "cores", "maxTotalRAMSize": "ram"}
AGENTS_PORTS = 2  # ports of a project that agents may create on a network with a subnet


def read(account: Account) -> dict[str, int]:
    """The limits of the account's project that the cloud shows to a member."""
    quota = _answer(account, f"{account.endpoints.network}/v2.0/quotas/{account.project_id}", "quota")
    limits = _answer(account, f"{account.endpoints.compute}/limits", "limits")
    absolute = limits.get("absolute")
    shown = absolute.items() if isinstance(absolute, dict) else ()
    compute = {COMPUTE[key]: value for key, value in shown if key in COMPUTE}
    return {name: limit for name, limit in {**quota, **compute}.items() if type(limit) is int and limit >= 0}


def _answer(account: Account, url: str, key: str) -> dict[str, Any]:
    """The mapping under the key; empty, as if nothing were limited, where the cloud shows none."""
    try:
        answer = account.call("GET", url)
    except ApiError:
        return {}
    content = answer.get(key) if isinstance(answer, dict) else None
    return content if isinstance(content, dict) else {}


def shortage(limits: Amounts, needed: Amounts) -> str:
    """The limits that are too low for these amounts, with both numbers; empty if there is none."""
    low = [
        f"{name} is limited to {limits[name]} (this needs {amount})"
        for name, amount in sorted(needed.items())
        if limits.get(name, amount) < amount
    ]
    return f"the project's quota of {', of '.join(low)}: raise it" if low else ""


def any_test(capabilities: Capabilities) -> Counter[str]:
    """What every test uses: the project's default security group, without which not even groups can be listed."""
    return Counter(security_group=1, security_group_rule=capabilities.default_group_rules)


def topology(capabilities: Capabilities) -> Counter[str]:
    """What one topology uses: a network, a router, and for each default pool a subnet with the router's port."""
    pools = max(len(capabilities.default_pools), 1)
    return Counter(network=1, router=1, subnet=pools, port=pools + AGENTS_PORTS)


def servers(capabilities: Capabilities, number: int, ports: int = 1) -> Counter[str]:
    """What `number` servers use, each with `ports` ports."""
    cores, ram = capabilities.flavor_vcpus, capabilities.flavor_ram
    return Counter(instances=number, cores=number * cores, ram=number * ram, port=number * ports)


def times(amounts: Amounts, number: int) -> Counter[str]:
    """Each amount multiplied by `number`."""
    return Counter({name: amount * number for name, amount in amounts.items()})
