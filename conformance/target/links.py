"""Links in services' answers, followed on the endpoints of the run.

A service may link to a host name that differs from the run's: behind a gateway that ends TLS, or if other clients reach
it under another name (Nova's compute_link_prefix, oslo.middleware's enable_proxy_headers_parsing). That host may be out
of reach for the run, and must not get a token.
"""

import re
from collections.abc import Mapping

ROOTS = {"2.0": "GMAN_NETWORK_URL", "2.1": "GMAN_COMPUTE_ROOT"}  # by the version that their paths begin with
_VERSIONED = re.compile(r"https?://[^/?]+[^?]*?(/v(2\.[01])(?:[/?].*)?)")
KNOWN = (*ROOTS.values(), "GMAN_IMAGE_URL", "GMAN_IDENTITY_ROOT")


def to_known_endpoint(url: str, environ: Mapping[str, str]) -> str:
    """The URL itself where it is on an endpoint of the run; else its path on the endpoint of its service, if known."""
    for name in KNOWN:
        endpoint = environ.get(name)
        if endpoint and (url == endpoint or url.startswith((f"{endpoint}/", f"{endpoint}?"))):
            return url
    match = _VERSIONED.fullmatch(url)
    root = environ.get(ROOTS[match[2]]) if match else None
    return root + match[1] if match and root else url
