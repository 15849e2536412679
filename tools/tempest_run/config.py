"""Tempest's configuration for a cloud."""

from configparser import ConfigParser
from pathlib import Path

from openstack.connection import Connection

LONGEST_BUILD = "120"  # seconds that Tempest waits for a server


def tempest(admin: Connection, folder: Path) -> ConfigParser:
    """tempest.conf for the cloud of that administrator, with its first image and its two smallest flavors."""
    auth = admin.config.config["auth"]
    region = admin.config.get_region_name()
    image = next(iter(admin.image.images())).id
    flavors = sorted(admin.compute.flavors(), key=lambda flavor: int(flavor.ram))
    external = min(admin.network.networks(is_router_external=True), key=lambda network: not network.is_default)
    identity_url = f"{auth['auth_url'].rstrip('/').removesuffix('/v3')}/v3"
    parser = ConfigParser(interpolation=None)
    parser.read_dict(
        {
            "auth": {
                "use_dynamic_credentials": "true",
                "admin_username": auth["username"],
                "admin_password": auth["password"],
                "admin_project_name": auth["project_name"],
                "admin_domain_name": "Default",
            },
            "identity": {"auth_version": "v3", "uri_v3": identity_url, "region": region},
            "identity-feature-enabled": {"api_v2": "false", "api_v3": "true"},
            "compute": {
                "image_ref": image,
                "image_ref_alt": image,
                "flavor_ref": flavors[0].id,
                "flavor_ref_alt": flavors[-1].id if len(flavors) < 2 else flavors[1].id,
                "min_microversion": "2.1",
                "max_microversion": "latest",
                "build_interval": "1",
                "build_timeout": LONGEST_BUILD,
            },
            "network": {
                "public_network_id": external.id,
                "floating_network_name": external.name,
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
    return parser
