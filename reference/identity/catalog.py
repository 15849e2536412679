"""The service catalog: where clients find Identity, Image, Network and Compute (K-003)."""

from typing import Any

from reference.config import Settings

# type, name, what comes after the service's own address
SERVICES = (
    ("identity", "keystone", ""),
    ("image", "glance", ""),
    ("network", "neutron", ""),
    ("compute", "nova", "/v2.1"),
)


def catalog(settings: Settings) -> list[dict[str, Any]]:
    """Each service with one endpoint per interface, in the one region."""
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
