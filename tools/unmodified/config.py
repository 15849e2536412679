"""What Tempest is told about the reference."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser
from pathlib import Path

LONGEST_BUILD = "120"  # seconds Tempest waits for a server


def tempest(admin: Mapping[str, str], url: str, image: str, external: str, folder: Path) -> ConfigParser:
    """tempest.conf for a cloud at `url`; `admin` is the `auth` of a clouds.yaml, the others are ids."""
    told = ConfigParser(interpolation=None)
    told.read_dict(
        {
            "auth": {
                "use_dynamic_credentials": "true",
                "admin_username": admin["username"],
                "admin_password": admin["password"],
                "admin_project_name": admin["project_name"],
                "admin_domain_name": "Default",
            },
            "identity": {"auth_version": "v3", "uri_v3": f"{url}/identity/v3", "region": "RegionOne"},
            "identity-feature-enabled": {"api_v2": "false", "api_v3": "true"},
            "compute": {
                "image_ref": image,
                "image_ref_alt": image,
                "flavor_ref": "1",
                "flavor_ref_alt": "2",
                "min_microversion": "2.1",
                "max_microversion": "2.100",
                "build_interval": "1",
                "build_timeout": LONGEST_BUILD,
            },
            "network": {
                "public_network_id": external,
                "floating_network_name": "public",
                "project_network_cidr": "10.100.0.0/16",
            },
            "network-feature-enabled": {"api_extensions": "all", "ipv6_subnet_attributes": "true"},
            "service_available": {
                "neutron": "true",
                "nova": "true",
                "glance": "true",
                "cinder": "false",
                "swift": "false",
                "horizon": "false",
            },
            "validation": {"run_validation": "false"},
            "oslo_concurrency": {"lock_path": str(folder / "locks")},
        }
    )
    return told
