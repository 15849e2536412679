"""The service catalog: where clients find Identity, Image, Network and Compute (K-003)."""

from typing import Any

from reference.config import Settings

# type, name, path of the endpoint below the service's URL
SERVICES = (
    ("identity", "keystone", ""),
    ("image", "glance", ""),
    ("network", "neutron", ""),
    ("compute", "nova", "/v2.1"),
)


def catalog(settings: Settings) -> list[dict[str, Any]]:
    """Each service, as a token shows it, with one endpoint per interface, all in the region of the settings."""
    return [
        {
            "id": f"gman-{kind}",
            "type": kind,
            "name": name,
            "endpoints": [
                {
                    "id": f"gman-{kind}-{interface}",
                    "interface": interface,
                    "region": settings.region,
                    "region_id": settings.region,
                    "url": settings.url(kind) + suffix,
                }
                for interface in ("public", "internal", "admin")
            ],
        }
        for kind, name, suffix in SERVICES
    ]
