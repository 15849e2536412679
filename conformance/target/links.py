"""Links that services give, followed to the endpoint that the run was given.

A service behind something that ends TLS, or one that clients reach from inside as well, links to where it believes to
be (Nova's compute_link_prefix, oslo.middleware's enable_proxy_headers_parsing). That host may not answer here, and is
nobody to send a token to.
"""

import re
from collections.abc import Mapping

ROOTS = {"2.0": "GMAN_NETWORK_URL", "2.1": "GMAN_COMPUTE_ROOT"}  # by the version that their paths begin with
_VERSIONED = re.compile(r"https?://[^/?]+[^?]*?(/v(2\.[01])(?:[/?].*)?)")
KNOWN = (*ROOTS.values(), "GMAN_IMAGE_URL", "GMAN_IDENTITY_ROOT")


def at_home(url: str, environ: Mapping[str, str]) -> str:
    """The URL, on the endpoint of its service where it is of a host that none of the endpoints is on."""
    for name in KNOWN:
        known = environ.get(name)
        if known and (url == known or url.startswith((f"{known}/", f"{known}?"))):
            return url
    found = _VERSIONED.fullmatch(url)
    root = environ.get(ROOTS[found[2]]) if found else None
    return root + found[1] if found and root else url
