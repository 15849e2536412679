"""`gman serve`: flags into Settings, then serve."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import sqlalchemy as sa

from reference.config import SERVICES, Settings

USAGE = 3  # exit code of a mistake in what the user gave


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port")
    return number


def _service_port(text: str) -> tuple[str, int]:
    name, _, port = text.partition("=")
    if name not in SERVICES:
        raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(SERVICES)}")
    return name, _port(port)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override] # argparse exits with 2, which means something else
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The command line; flags that are not given keep the defaults of Settings."""
    default = Settings()
    top = _Parser(prog="gman", description="A small cloud that does get-me-a-network.")
    commands = top.add_subparsers(dest="command", required=True)
    serve = commands.add_parser(
        "serve",
        help="serve Identity, Image, Network and Compute on one port",
        description="Serve Identity, Image, Network and Compute on one port, set up and ready for "
        "`openstack server create --nic auto`.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    serve.add_argument("--host", default=default.host, help="address to listen on")
    serve.add_argument("--port", type=_port, default=default.port, help="port to listen on; 0 lets the system choose")
    serve.add_argument("--data", type=Path, default=default.data, help="directory for the database and credentials")
    serve.add_argument("--db", default="", help="SQLAlchemy URL of the database (a SQLite file in DATA by default)")
    serve.add_argument("--workers", type=_count, default=default.workers, help="worker processes")
    serve.add_argument("--threads", type=_count, default=default.threads, help="request threads of each worker")
    serve.add_argument(
        "--service-port",
        type=_service_port,
        action="append",
        default=[],
        metavar="SERVICE=PORT",
        help="give a service a port of its own, at its root; may be repeated",
    )
    serve.add_argument(
        "--defect", action="append", default=[], metavar="ID", help="plant a known fault, to try a suite on; repeatable"
    )
    serve.add_argument("--verbose", action="store_true", help="log every request")
    return top


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    level = logging.INFO if options.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    settings = Settings(
        host=options.host,
        port=options.port,
        data=options.data.absolute(),
        database=options.db,
        workers=options.workers,
        threads=options.threads,
        ports=tuple(options.service_port),
    )
    if options.defect:
        from reference.defects import plant

        unknown = plant(options.defect)
        if unknown:
            print(f"gman: no such defect: {', '.join(unknown)}", file=sys.stderr)
            return USAGE
    from reference.serve import serve

    try:
        serve(settings)
    except OSError as wrong:
        print(f"gman: cannot serve: {wrong}", file=sys.stderr)
        return USAGE
    except (sa.exc.ArgumentError, sa.exc.OperationalError, ModuleNotFoundError) as wrong:
        print(f"gman: cannot use the database: {str(wrong).splitlines()[0]}", file=sys.stderr)
        return USAGE
    return 0
