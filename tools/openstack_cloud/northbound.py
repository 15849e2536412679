"""The contents of OVN's northbound database as facts; `neutron_view` makes the same facts of Neutron's API."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_interface
from typing import Any

from . import ovn
from .settings import Settings

Row = dict[str, Any]
Fact = tuple[str, str]  # (kind, one object of that kind with everything that is compared)

TABLES = {
    "Logical_Switch": ("_uuid", "name", "ports"),
    "Logical_Switch_Port": ("_uuid", "name", "type", "addresses", "options", "dhcpv4_options"),
    "Logical_Router": ("_uuid", "name", "ports", "nat", "static_routes"),
    "Logical_Router_Port": ("_uuid", "name", "mac", "networks"),
    "Logical_Router_Static_Route": ("_uuid", "ip_prefix", "nexthop"),
    "NAT": ("_uuid", "type", "external_ip", "logical_ip"),
    "DHCP_Options": ("_uuid", "cidr", "external_ids"),
    "Port_Group": ("_uuid", "name", "ports", "acls"),
    "ACL": ("_uuid", "external_ids"),
}
EVERYTHING = "0.0.0.0/0"
EVERYBODY = "neutron_pg_drop"  # the port group that drops what no rule allows, of all ports with a security group


def read(settings: Settings) -> dict[str, list[Row]]:
    """All rows of the tables, as of one moment. Raises CalledProcessError."""
    selects = [{"op": "select", "table": table, "where": [], "columns": TABLES[table]} for table in TABLES]
    command = ["ovsdb-client", f"--timeout={ovn.ANSWER_SECONDS}", "transact", ovn.remote(settings, "nb")]
    line = [*command, json.dumps(["OVN_Northbound", *selects])]
    answer = subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 the line is ours
    return {
        table: [{column: plain(value) for column, value in row.items()} for row in result["rows"]]
        for table, result in zip(TABLES, json.loads(answer), strict=True)
    }


def plain(value: Any) -> Any:
    """A value of the database's protocol (RFC 7047, 5.1) in Python's own: sets as lists, maps as dictionaries."""
    match value:
        case ["set", values]:
            return [plain(item) for item in values]
        case ["map", pairs]:
            return {key: plain(content) for key, content in pairs}
        case ["uuid", name]:
            return name
    return value


def addresses(words: str) -> str:
    """A MAC address and the IP addresses after it, which are sorted."""
    mac, *ips = words.split()
    return " ".join([mac, *sorted(ips)])


def facts(tables: Mapping[str, Sequence[Row]]) -> set[Fact]:
    """The facts to compare, from the rows by table."""
    rows = {row["_uuid"]: row for table in tables.values() for row in table}

    def among(value: Any) -> list[Row]:
        return [rows[uuid] for uuid in _listed(value)]

    all_facts: set[Fact] = set()
    for switch in tables["Logical_Switch"]:
        all_facts.update(_switch(switch["name"].removeprefix("neutron-"), among(switch["ports"])))
    for port in tables["Logical_Switch_Port"]:
        served = [options["external_ids"]["subnet_id"] for options in among(port["dhcpv4_options"])]
        all_facts.update(("DHCP of ports", f"{port['name']} {subnet}") for subnet in served)
    for router in tables["Logical_Router"]:
        parts = [among(router[column]) for column in ("ports", "nat", "static_routes")]
        all_facts.update(_router(router["name"].removeprefix("neutron-"), *parts))
    for options in tables["DHCP_Options"]:
        if "port_id" not in options["external_ids"]:  # a port's own options repeat those of its subnet
            all_facts.add(("DHCP", f"{options['external_ids'].get('subnet_id')} {options['cidr']}"))
    for group in tables["Port_Group"]:
        if group["name"] != EVERYBODY:
            name = group["name"].removeprefix("pg_").replace("_", "-")
            all_facts.update(_group(name, among(group["ports"]), among(group["acls"])))
    return all_facts


def _listed(value: Any) -> list[Any]:
    """A column that may hold several values: a single one comes without the list."""
    return value if isinstance(value, list) else [value]


def _switch(name: str, ports: Sequence[Row]) -> Iterator[Fact]:
    yield "networks", name
    for port in ports:
        if port["type"] == "localnet":
            yield "ways to the wire", f"{name} {port['options']['network_name']}"
        else:
            own = sorted(map(addresses, _listed(port["addresses"])))
            yield "ports", " ".join([name, port["name"], port["type"] or "plain", *own])


def _router(name: str, ports: Sequence[Row], nats: Sequence[Row], routes: Sequence[Row]) -> Iterator[Fact]:
    yield "routers", name
    for port in ports:
        own = [port["name"].removeprefix("lrp-"), port["mac"], *sorted(_listed(port["networks"]))]
        yield "ports of routers", " ".join([name, *own])
    for nat in nats:
        for inner in _inner(nat, ports):
            yield "NAT", f"{name} {nat['type']} {nat['external_ip']} {inner}"
    for route in routes:
        yield "routes", f"{name} {route['ip_prefix']} {route['nexthop']}"


def _inner(nat: Row, ports: Sequence[Row]) -> Iterator[str]:
    """The prefixes that a rule translates: for 0.0.0.0/0, as in 2026.2, each IPv4 network except the external one."""
    if nat["logical_ip"] != EVERYTHING:
        yield nat["logical_ip"]
        return
    for own in {ip_interface(address).network for port in ports for address in _listed(port["networks"])}:
        if own.version == 4 and ip_address(nat["external_ip"]) not in own:
            yield str(own)


def _group(name: str, ports: Sequence[Row], rules: Sequence[Row]) -> Iterator[Fact]:
    yield "security groups", name
    for port in ports:
        yield "members", f"{name} {port['name']}"
    for rule in rules:
        yield "rules", f"{name} {rule['external_ids'].get('neutron:security_group_rule_id')}"
