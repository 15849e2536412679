"""Compute's only call of Image: can a server boot from an image (C-ERR-024, C-ERR-025, G-004)?"""

from typing import Any

import requests

from reference.compute.errors import CRASH, fault
from reference.wsgi.client import ServiceSession


def bootable(session: ServiceSession, token: str, image: str) -> dict[str, Any]:
    """The image, as the holder of `token` sees it. Raises Problem: 400 where it is unknown or not active; 500."""
    try:
        answer = session.call("GET", f"/v2/images/{image}", token)
    except requests.RequestException:
        raise fault(500, CRASH) from None
    if answer.status_code in (400, 403, 404):
        raise fault(400, "Can not find requested image")
    if not answer.ok:
        raise fault(500, CRASH)
    details: dict[str, Any] = answer.json()
    if details.get("status") != "active":
        raise fault(400, f"Image {image} is not active.")
    return details


def require_fit(image: dict[str, Any], ram: int, disk: int) -> None:
    """Refuse a flavor, of `ram` MiB and `disk` GiB, that is too small for the image. Raises Problem (400)."""
    if int(image.get("min_ram") or 0) > ram:
        raise fault(400, "Flavor's memory is too small for requested image.")
    if disk and int(image.get("min_disk") or 0) > disk:
        raise fault(400, "Flavor's disk is too small for requested image.")
