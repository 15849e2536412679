"""`gman outside`: a server beyond the external network that servers under test call. It tells callers from which
address their calls come. On request it connects back to the caller, to see whether incoming connections work. It needs
no cloud and no rights.
"""

import argparse
import asyncio
import ipaddress
import signal
from collections.abc import Sequence
from contextlib import suppress

from conformance.guests.outside_server import PORT, serve
from conformance.settings import UsageProblem
from conformance.verdict.states import Exit

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - every machine may call it
EXAMPLES = """\
gman outside                                 # on every address, IPv4 and IPv6, port 8043
gman outside --address 203.0.113.5 --port 80
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--address",
        metavar="ADDRESS",
        dest="addresses",
        action="append",
        type=_address,
        help="serve on this address; may be repeated (default: on all, IPv4 and IPv6)",
    )
    parser.add_argument("--port", metavar="N", type=_port, default=PORT, help=f"(default {PORT})")


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an IP address") from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)


def main(options: argparse.Namespace) -> int:
    """Serve until interrupted or terminated. Raises UsageProblem where the port cannot be opened."""
    addresses = options.addresses or EVERYWHERE
    try:
        asyncio.run(_serve(addresses, options.port))
    except OSError as error:
        raise UsageProblem(
            f"cannot serve on port {options.port}: {error.strerror or error}; see --port and --address"
        ) from None
    return Exit.CONFORMANT


async def _serve(addresses: Sequence[str], port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    serving = asyncio.ensure_future(serve(addresses, port, lambda: _greet(addresses, port)))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, serving.cancel)
    with suppress(asyncio.CancelledError):
        await serving


def _greet(addresses: Sequence[str], port: int) -> None:
    print(f"Serving on {', '.join(addresses)}, port {port}: gman run --outside http://ADDRESS:{port}/", flush=True)
