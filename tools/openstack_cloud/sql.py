"""Runs SQL statements on MariaDB from the cloud's environment, so that no client program is needed.

Reads {"urls": [...], "statements": [...]} as JSON from its standard input, out of sight of process lists, and uses the
first URL that works.
"""

import json
import sys
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql


def connect(address: str) -> Any:
    url = urlsplit(address)
    return pymysql.connect(
        host=url.hostname,
        port=url.port or 3306,
        user=unquote(url.username or "root"),
        password=unquote(url.password or ""),
        unix_socket=parse_qs(url.query).get("unix_socket", [None])[0],
        connect_timeout=10,
    )


def first_open(addresses: list[str]) -> Any:
    refusals = []
    for address in addresses:
        try:
            return connect(address)
        except pymysql.MySQLError as refusal:
            refusals.append(str(refusal))
    sys.exit("\n".join([*refusals, "set GMAN_MYSQL_URL to an account that may create databases and users, or to own"]))


def main() -> None:
    request = json.load(sys.stdin)
    with first_open(request["urls"]) as connection, connection.cursor() as cursor:
        for statement in request["statements"]:
            cursor.execute(statement)


if __name__ == "__main__":
    main()
