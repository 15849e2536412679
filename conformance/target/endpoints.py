"""Where the services of a cloud answer."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

SERVICES = ("identity", "image", "network", "compute")


@dataclass(frozen=True)
class Endpoints:
    """URLs without a trailing slash; compute and identity end in their version, image and network do not."""

    identity: str
    image: str
    network: str
    compute: str


def is_url(text: str) -> bool:
    """Whether it is the URL of a service: of http or https, with a host, and without a query or a fragment."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not set(text) & {*"?#"}
        )
    except ValueError:
        return False


def normalized(service: str, url: str) -> str:
    """An endpoint as `Endpoints` has it, whatever version or slash the catalog adds or leaves out."""
    url = url.rstrip("/")
    match service:
        case "network":
            return re.sub(r"/v2\.0$", "", url)
        case "image":
            return re.sub(r"/v2(\.\d+)?$", "", url)
        case "identity":
            return f"{re.sub(r'/v(2[.]0|3)$', '', url)}/v3"
        case _:
            return url if re.search(r"/v2(\.\d+)?(/|$)", url) else f"{url}/v2.1"
