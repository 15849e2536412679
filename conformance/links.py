"""Links that services give, followed to the endpoint that the run was given.

A service behind something that ends TLS, or one that clients reach from inside as well, links to where it believes to
be (Nova's compute_link_prefix, oslo.middleware's enable_proxy_headers_parsing). That host may not answer here, and is
nobody to send a token to.
"""

import re
from collections.abc import Mapping

ROOTS = {"2.0": "GMAN_NETWORK_URL", "2.1": "GMAN_COMPUTE_ROOT"}  # by the version that their paths begin with
_VERSIONED = re.compile(r"https?://[^/?]+[^?]*?(/v(2\.[01])(?:[/?].*)?)")
_KNOWN = re.compile(r"GMAN_[A-Z]+_(URL|ROOT)")


def at_home(url: str, environ: Mapping[str, str]) -> str:
    """The URL, on the endpoint of its service where it is of a host that none of the endpoints is on."""
    known = [value for name, value in environ.items() if _KNOWN.fullmatch(name) and value]
    found = _VERSIONED.fullmatch(url)
    root = environ.get(ROOTS[found[2]]) if found else None
    if not found or not root or any(url == each or url.startswith((f"{each}/", f"{each}?")) for each in known):
        return url
    return root + found[1]
