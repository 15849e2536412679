"""Faults of the rest of Networking: the resources that a topology is built of, and the API."""

from reference.faults.network import (
    access,
    answers,
    defaults,
    metadata_ports,
    networks,
    ports,
    routers,
    subnet_pools,
    subnets,
)

__all__ = ["access", "answers", "defaults", "metadata_ports", "networks", "ports", "routers", "subnet_pools", "subnets"]
