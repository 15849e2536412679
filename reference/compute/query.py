"""Unknown query parameters: ignored in older versions, refused in newer ones."""

from collections.abc import Iterable

from reference.compute.errors import fault
from reference.compute.microversion import Version, version_of
from reference.wsgi.routes import Call

STRICT = Version(2, 75)  # from here on, unknown parameters are refused


def only(call: Call, names: Iterable[str], since: Version = STRICT) -> None:
    """From the version `since` on, refuse parameters that are not in `names`. Raises Problem (400)."""
    unknown = sorted(set(call.request.params) - set(names))
    if unknown and version_of(call) >= since:
        verb = "was" if len(unknown) == 1 else "were"
        listed = ", ".join(f"'{name}'" for name in unknown)
        raise fault(400, f"Additional properties are not allowed ({listed} {verb} unexpected)")
