"""What the two APIs show of a server and of its network. What an answer leaves out is empty, and checks report it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.guests.records import Address, Shown
from conformance.target import responses
from conformance.target.cloud import Account

INTERFACES = "network:router_interface"  # begins the device_owner of a router's ports on inner networks
TYPE = "OS-EXT-IPS:type"

Item = Mapping[str, Any]


def shown(account: Account, server: str, external: str, admin: Account | None = None) -> Shown:
    """What the APIs show of a server with one port; `external` is the id of the external network. Raises ApiError.

    An administrator, if there is one, looks up what members may not see: the provider's type of the network, the
    external network's prefixes, and whether the router translates.
    """
    networking, above = Networking(account), Networking(admin or account)
    ports = networking.list("ports", device_id=server)
    networks = sorted({str(port.get("network_id")) for port in ports})
    network = above.show("networks", networks[0]) if networks else {}
    gateways = [
        above.show("routers", router).get("external_gateway_info") or {} for router in _routers(networking, networks)
    ]
    listed = [*_compute_addresses(account, server)]
    floating = [entry for port in ports for entry in networking.list("floatingips", port_id=str(port["id"]))]
    return Shown(
        mac=_texts(ports, "mac_address")[0].lower() if ports else "",
        mtu=int(network.get("mtu") or 0),
        addresses=tuple(_fixed_addresses(networking, ports, networks)),
        compute=tuple(_texts((entry for entry in listed if entry.get(TYPE) != "floating"), "addr")),
        router=tuple(
            _texts((ip for gateway in gateways for ip in gateway.get("external_fixed_ips", ())), "ip_address")
        ),
        snat=all(gateway.get("enable_snat", True) for gateway in gateways),
        floating=tuple(_texts(floating, "floating_ip_address")),
        compute_floating=tuple(_texts((entry for entry in listed if entry.get(TYPE) == "floating"), "addr")),
        kind=str(network.get("provider:network_type") or ""),
        external=tuple(sorted(_texts(above.list("subnets", network_id=external), "cidr"))),
    )


@dataclass(frozen=True)
class Networking:
    """Networking's objects in a user's name. Raises ApiError."""

    account: Account

    def list(self, kind: str, **query: str) -> Sequence[Item]:
        [(name, value)] = query.items()
        return responses.items(self.account, f"{self._url}/{kind}?{name}={value}", kind)

    def show(self, kind: str, id_: str) -> Item:
        answer = self.account.call("GET", f"{self._url}/{kind}/{id_}")
        item = answer.get(kind.removesuffix("s")) if isinstance(answer, dict) else None
        return item if isinstance(item, dict) else {}

    @property
    def _url(self) -> str:
        return f"{self.account.endpoints.network}/v2.0"


def _compute_addresses(account: Account, server: str) -> Iterable[Item]:
    answer = account.call("GET", f"{account.endpoints.compute}/servers/{server}")
    about = answer.get("server") if isinstance(answer, dict) else None
    addresses = about.get("addresses") if isinstance(about, dict) else None
    for listed in addresses.values() if isinstance(addresses, dict) else ():
        yield from listed


def _routers(networking: Networking, networks: Sequence[str]) -> list[str]:
    """The ids of the routers on these networks."""
    owned = [port for id_ in networks for port in networking.list("ports", network_id=id_)]
    return sorted({str(p.get("device_id")) for p in owned if str(p.get("device_owner")).startswith(INTERFACES)})


def _fixed_addresses(networking: Networking, ports: Sequence[Item], networks: Sequence[str]) -> Iterable[Address]:
    subnets = {subnet["id"]: subnet for id_ in networks for subnet in networking.list("subnets", network_id=id_)}
    for fixed in (entry for port in ports for entry in port.get("fixed_ips") or ()):
        if subnet := subnets.get(fixed.get("subnet_id")):
            length = str(subnet.get("cidr")).partition("/")[2]
            yield Address(
                str(fixed.get("ip_address")),
                int(length) if length.isdecimal() else 0,
                str(subnet.get("gateway_ip") or ""),
                str(subnet.get("ipv6_address_mode") or ""),
            )


def _texts(items: Iterable[Item], key: str) -> list[str]:
    return [str(item[key]) for item in items if item.get(key)]
