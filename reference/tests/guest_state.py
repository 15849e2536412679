"""The lists of the APIs of a small cloud, as data: one project with a topology, a server with a floating IP, and
groups.
"""

import copy
from typing import Any

EXTERNAL, NETWORK, ROUTER, SERVER, PROJECT = (f"{digit * 8}-0000-4000-8000-000000000001" for digit in "12345")
PUBLIC4, PUBLIC6, SUBNET4, SUBNET6 = (f"{digit * 8}-0000-4000-8000-000000000002" for digit in "1234")
GATEWAY_PORT, INNER4, INNER6, NIC = (f"{digit * 8}-0000-4000-8000-000000000003" for digit in "1234")
GROUP, FLOATING = (f"{digit * 8}-0000-4000-8000-000000000004" for digit in "12")


def _subnet(id_: str, cidr: str, gateway: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_, "cidr": cidr, "gateway_ip": gateway, "enable_dhcp": True, "ipv6_ra_mode": None,
        "dns_nameservers": [], "host_routes": [], **more,
    }  # fmt: skip


def _port(id_: str, network: str, device: str, owner: str, *fixed: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "id": id_, "network_id": network, "mac_address": f"fa:16:3e:00:00:0{id_[0]}", "admin_state_up": True,
        "device_id": device, "device_owner": owner, "security_groups": [],
        "fixed_ips": [{"subnet_id": subnet, "ip_address": ip} for subnet, ip in fixed], **more,
    }  # fmt: skip


def rule(direction: str, ethertype: str = "IPv4", **more: Any) -> dict[str, Any]:
    return {
        "id": f"{direction}-{ethertype}", "security_group_id": GROUP, "direction": direction, "ethertype": ethertype,
        "protocol": None, "port_range_min": None, "port_range_max": None, "remote_ip_prefix": None,
        "remote_group_id": None, **more,
    }  # fmt: skip


_STATE: dict[str, list[dict[str, Any]]] = {
    "networks": [
        {"id": EXTERNAL, "mtu": 1500, "admin_state_up": True, "router:external": True, "subnets": [PUBLIC4, PUBLIC6]},
        {"id": NETWORK, "mtu": 1450, "admin_state_up": True, "router:external": False, "subnets": [SUBNET4, SUBNET6]},
    ],
    "subnets": [
        _subnet(PUBLIC4, "172.24.0.0/16", "172.24.0.1", enable_dhcp=False),
        _subnet(PUBLIC6, "2001:db8::/64", "2001:db8::2", enable_dhcp=False),
        _subnet(SUBNET4, "10.0.0.0/26", "10.0.0.1"),
        _subnet(SUBNET6, "fd00:1::/64", "fd00:1::1"),
    ],
    "ports": [
        _port(
            GATEWAY_PORT, EXTERNAL, ROUTER, "network:router_gateway",
            (PUBLIC4, "172.24.0.9"), (PUBLIC6, "2001:db8::9"),
        ),
        _port(INNER4, NETWORK, ROUTER, "network:router_interface", (SUBNET4, "10.0.0.1")),
        _port(INNER6, NETWORK, ROUTER, "network:router_interface", (SUBNET6, "fd00:1::1")),
        _port(
            NIC, NETWORK, SERVER, "compute:nova", (SUBNET4, "10.0.0.5"), (SUBNET6, "fd00:1::5"),
            security_groups=[GROUP],
        ),
    ],
    "routers": [
        {
            "id": ROUTER, "admin_state_up": True,
            "external_gateway_info": {"network_id": EXTERNAL, "enable_snat": True, "external_fixed_ips": []},
        },
    ],
    "floatingips": [
        {
            "id": FLOATING, "router_id": ROUTER, "floating_ip_address": "172.24.0.77",
            "fixed_ip_address": "10.0.0.5",
        },
    ],
    "security_group_rules": [rule("egress"), rule("ingress", remote_group_id=GROUP)],
    "servers": [
        {
            "id": SERVER, "name": "first", "status": "ACTIVE", "tenant_id": PROJECT, "config_drive": "",
            "metadata": {"role": "web"}, "OS-EXT-SRV-ATTR:user_data": "IyEvYmluL3NoCg==",
            "OS-EXT-SRV-ATTR:hostname": "first", "OS-EXT-SRV-ATTR:launch_index": 0,
        },
    ],
}  # fmt: skip


def state() -> dict[str, list[dict[str, Any]]]:
    """A copy of the cloud that a test may change."""
    return copy.deepcopy(_STATE)
