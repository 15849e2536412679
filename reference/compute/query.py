"""Query parameters that nobody knows: ignored by old versions, refused by those that promise it."""

from collections.abc import Iterable

from reference.compute.errors import fault
from reference.compute.microversion import Version, version_of
from reference.wsgi.routes import Call

STRICT = Version(2, 75)  # from here on, unknown parameters are refused


def only(call: Call, known: Iterable[str], since: Version = STRICT) -> None:
    """Errors: 400 for any parameter but those, at that version and later."""
    unknown = sorted(set(call.request.params) - set(known))
    if unknown and version_of(call) >= since:
        verb = "was" if len(unknown) == 1 else "were"
        named = ", ".join(f"'{name}'" for name in unknown)
        raise fault(400, f"Additional properties are not allowed ({named} {verb} unexpected)")
