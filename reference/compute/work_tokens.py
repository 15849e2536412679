"""The tokens of requesters, encrypted while work waits for a builder, so that the database alone discloses none. The
key is the setting `work_key`, the same for all processes on a database. By default it is derived from the database's
password, or is in a file beside SQLite's.
"""

import base64
import hashlib
import os
import secrets
from pathlib import Path

import falcon
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from reference.config import Settings
from reference.wsgi.routes import Call


class Seal:
    """Encrypts tokens, and decrypts them again."""

    def __init__(self, settings: Settings) -> None:
        key = hashlib.sha256(_secret(settings).encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, token: str) -> str:
        return self._fernet.encrypt(token.encode()).decode()

    def open(self, sealed: str) -> str:
        """The token; an empty one where it was encrypted with another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return ""


class Sealing:
    """Lets handlers encrypt the token of their request."""

    def __init__(self, seal: Seal) -> None:
        self.seal = seal

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        req.context.seal = self.seal


def sealed(call: Call) -> str:
    """The caller's token, encrypted."""
    seal: Seal = call.request.context.seal
    return seal.close(call.caller.token)


def _secret(settings: Settings) -> str:
    if settings.work_key:
        return settings.work_key
    url = sa.make_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        return f"{url.password or ''} {url.database}"
    return _kept(Path(f"{url.database}.key")) if url.database else secrets.token_urlsafe(32)


def _kept(path: Path) -> str:
    """The secret in the file, which is made by the first process that needs it, whole at once."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            os.link(draft, path)
        except FileExistsError:  # another process was first
            pass
        finally:
            draft.unlink()
    return path.read_text()
