"""Each request checks its token in the database, so that a token revoked on one server is invalid on all."""

from pathlib import Path

import requests

from reference.tests.clouds import start, stop
from reference.tests.databases import database

__all__ = ["database"]

TIMES = 10  # tokens that are revoked, each after the other server has accepted it


def test_a_token_revoked_on_one_server_is_refused_on_another(database: str, tmp_path: Path) -> None:
    one, other = (start(tmp_path / name, "--db", database, "--workers", "1") for name in ("one", "other"))
    try:
        for _ in range(TIMES):
            user = other.user("gman")  # the server that set the passwords last
            headers = {"X-Auth-Token": user.token}

            def asked(url: str, headers: dict[str, str] = headers) -> int:
                return requests.get(f"{url}/network/v2.0/networks", headers=headers, timeout=30).status_code

            assert [asked(server.url) for server in (one, other, one, other)] == [200] * 4
            revoked = requests.delete(
                f"{one.url}/identity/v3/auth/tokens", headers={**headers, "X-Subject-Token": user.token}, timeout=30
            )
            assert revoked.status_code == 204
            assert [asked(server.url) for server in (other, one)] == [401, 401]
    finally:
        for server in (one, other):
            assert stop(server) == 0
