"""The files of certificates that calls to a cloud are checked with and that a client shows: which they are, and whether
they are valid.
"""

import os
import ssl

from conformance.settings import UsageProblem
from conformance.target.sign_in import one_line
from conformance.target.transport import tls_context

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # variables that name authorities, for a cloud that names none


def authorities(name: str, verify: bool | str | None) -> bool | str:
    """What to check certificates with, as requests takes it; `verify` is what clouds.yaml says.

    Raises UsageProblem where the file that clouds.yaml or the environment names is missing or invalid.
    """
    variable = next((key for key in BUNDLES if os.environ.get(key)), "") if verify is True else ""
    path = os.environ[variable] if variable else verify or False
    if isinstance(path, str):  # True means those of requests
        files = f"cloud {name!r}: {variable or 'cacert'} {path}"
        if not os.path.exists(path):
            raise UsageProblem(f"{files}: no such file")
        _require_usable(files, path)
    return path


def require_client_certificate(name: str, cert: str | tuple[str, str] | None) -> None:
    """Raises UsageProblem where the client's own certificate, or its key, is missing or invalid."""
    if cert:
        files = f"cert {cert}" if isinstance(cert, str) else f"cert {cert[0]}, key {cert[1]}"
        _require_usable(f"cloud {name!r}: {files}", True, cert)


def _require_usable(files: str, verify: bool | str, cert: str | tuple[str, str] | None = None) -> None:
    try:
        tls_context(verify, cert)
    except OSError as error:  # ssl.SSLError is an OSError, too
        invalid = isinstance(error, ssl.SSLError)
        reason = "not PEM, or without the certificate or key" if invalid else one_line(error.strerror)
        raise UsageProblem(f"{files}: {reason}") from None
