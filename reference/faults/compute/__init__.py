"""Faults of Compute: boots, servers, and the microversions they are asked for at."""

from reference.faults.compute import (
    boot_checks,
    boot_networks,
    boot_schema,
    builds,
    floating_ips,
    races,
    resources,
    servers,
    several_servers,
    versions,
)

__all__ = [
    "boot_checks",
    "boot_networks",
    "boot_schema",
    "builds",
    "floating_ips",
    "races",
    "resources",
    "servers",
    "several_servers",
    "versions",
]
