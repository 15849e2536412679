"""`gman demo`: what a user had to do before get-me-a-network, call by call, and what is left of it."""

import argparse
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.deadlines import Deadlines, attempts
from conformance.guests.boots import Template
from conformance.guests.checks.outside import seen_from_outside
from conformance.guests.records import GuestLog
from conformance.guests.scene import Scene
from conformance.projects.inventory import NOTHING, remove_new
from conformance.run.embedded import CLOUD, OUTSIDE, Embedded
from conformance.settings import UsageProblem
from conformance.target.capabilities import Capabilities, observe
from conformance.target.cloud import Account, ApiError, Cloud
from conformance.verdict.states import Exit

BATCH = 3
BEFORE, SINCE = "compute 2.36", "compute 2.37"
EXAMPLES = """\
gman demo
gman demo --keep demo                        # keep the reference's database and log in ./demo
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", metavar="DIR", type=Path, help="keep the reference's data and log there")


def main(options: argparse.Namespace) -> int:
    """Show the demo on a reference started for it. Raises UsageProblem where that does not start."""
    folder = options.keep or Path(tempfile.mkdtemp(prefix="gman-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _tell_on(folder, guests=True)
        except CannotRun as reason:
            _tell_on(folder, guests=False, why=str(reason))
    except OSError as error:
        raise UsageProblem(f"cannot write to {folder}: {error.strerror}: name another with --keep DIR") from None
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return Exit.CONFORMANT


class CannotRun(Exception):
    """The reference's servers cannot run on this machine; the text says why."""


def _tell_on(folder: Path, *, guests: bool, why: str = "") -> None:
    """Show the demo on a reference with its data in `folder`. Raises CannotRun where `guests` cannot run."""
    with Embedded(folder, folder / "serve.log", Deadlines(), guests=guests) as reference:
        try:
            reference.wait()
        except UsageProblem as problem:
            if guests:
                raise CannotRun(str(problem)) from None
            raise
        cloud = Cloud(CLOUD, str(reference.clouds_file))
        try:
            tell(cloud.account, guests=guests)
        finally:
            cloud.close()
    if why:
        print(f"Servers that run could have had the last word: {why}")


@dataclass
class Teller:
    """Makes calls in the user's name, prints each of them, and counts them."""

    account: Account
    calls: int = 0

    def call(self, what: str, method: str, url: str, body: Any = None, version: str = "") -> Any:
        """The answer to the call, which is printed. Raises UsageProblem where it is refused, which ends the story."""
        self.calls += 1
        print(f"  {self.calls}. {method:4} {self._path(url):42} {what}")
        try:
            return self.account.call(method, url, body, {"OpenStack-API-Version": version} if version else None)
        except ApiError as error:
            raise UsageProblem(f"the story ends here: {error}") from None

    def _path(self, url: str) -> str:
        """The path below the service's endpoint, with {id} for each id that the demo created."""
        endpoints = self.account.endpoints
        path = url.removeprefix(endpoints.network).removeprefix(endpoints.compute).partition("?")[0]
        return re.sub(r"[0-9a-f-]{36}", "{id}", path)


def tell(account: Account, *, guests: bool = False) -> None:
    """Show the feature in three parts, in an empty project, which is empty again afterwards. With `guests` the servers
    run, and one of them reports at the end.
    """
    capabilities = observe(account)
    print("Told by calls to a reference that was started for this, and is gone afterwards.")
    print("\nA user wants a server that can reach the Internet. Before, with compute 2.36, that took:\n")
    before = _before(account, capabilities)
    remove_new(account, NOTHING)
    print("\nNow, with compute 2.37, in a project that has no network at all:\n")
    now = _now(account, capabilities)
    print(f"\n{before} calls and an idea of networking before, {now} call now.")
    remove_new(account, NOTHING)
    if guests:
        _let_a_server_tell(account, capabilities)
    print("\nNext: gman serve (a cloud to try it on), gman run (is a cloud right about it)")


def _before(account: Account, capabilities: Capabilities) -> int:
    network, teller = f"{account.endpoints.network}/v2.0", Teller(account)
    outside = teller.call("which network leads out?", "GET", f"{network}/networks?router:external=true")["networks"][0]
    own = teller.call("a network of one's own", "POST", f"{network}/networks", {"network": {"name": "mine"}})["network"]
    subnet = {"network_id": own["id"], "ip_version": 4, "cidr": "10.1.0.0/24"}
    inside = teller.call("addresses for it", "POST", f"{network}/subnets", {"subnet": subnet})["subnet"]
    uplink = {"router": {"name": "mine", "external_gateway_info": {"network_id": outside["id"]}}}
    router = teller.call("a router with its uplink", "POST", f"{network}/routers", uplink)["router"]
    plug = f"{network}/routers/{router['id']}/add_router_interface"
    teller.call("its downlink", "PUT", plug, {"subnet_id": inside["id"]})
    body = {"server": {**_server(capabilities), "networks": [{"uuid": own["id"]}]}}
    teller.call("and the server", "POST", f"{account.endpoints.compute}/servers", body, BEFORE)
    _show(account)
    return teller.calls


def _now(account: Account, capabilities: Capabilities) -> int:
    teller = Teller(account)
    body = {"server": {**_server(capabilities), "networks": "auto", "min_count": BATCH}}
    teller.call(f"{BATCH} servers, networks: auto", "POST", f"{account.endpoints.compute}/servers", body, SINCE)
    _show(account)
    _show_topology(account)
    return teller.calls


def _let_a_server_tell(account: Account, capabilities: Capabilities) -> None:
    """Boot a server that reports how it is connected, and print what it says."""
    template = Template.of(capabilities, OUTSIDE[:1], "demo")
    with tempfile.TemporaryDirectory(prefix="gman-demo-") as folder:
        scene = Scene("demo", account, template.of_versions(4), GuestLog(Path(folder), "demo", "demo"))
        [guest] = scene.boot("demo")
    remove_new(account, NOTHING)
    print("\nAnd a server that was booted so says itself, on its console:\n")
    if guest.words is None:
        print(f"     nothing: {guest.silence}")
        return
    print(f"     I have {', '.join(guest.words.addresses)}, and my way out is by {', '.join(guest.words.routers)}.")
    address = seen_from_outside(guest)
    print(f"     The Internet {f'answers me, and sees me as {address}' if address else 'does not answer me'}.")
    print(f"     That took {guest.seconds:.1f} s from the request.")


def _server(capabilities: Capabilities) -> dict[str, str]:
    return {"name": "web", "imageRef": capabilities.image_id, "flavorRef": capabilities.flavor_id}


def _show(account: Account) -> None:
    """The servers as they are when their builds are over."""
    servers: list[dict[str, Any]] = []
    for _ in attempts(account.deadlines.server_build):
        servers = account.call("GET", f"{account.endpoints.compute}/servers/detail")["servers"]
        if all(server["status"] != "BUILD" for server in servers):
            break
    for server in sorted(servers, key=lambda server: str(server["name"])):
        where = "; ".join(
            f"{network}: {', '.join(address['addr'] for address in addresses)}"
            for network, addresses in server["addresses"].items()
        )
        print(f"     {server['name']:8} {server['status']:8} {where}")


def _show_topology(account: Account) -> None:
    """Print what the project has without a request for it."""
    names = []
    for kind, field in (("network", "name"), ("subnet", "cidr"), ("router", "name")):
        listed = account.call("GET", f"{account.endpoints.network}/v2.0/{kind}s?project_id={account.project_id}")
        names += [f"{kind} {item[field]}" for item in listed[f"{kind}s"]]
    print(f"     built for them: {', '.join(sorted(names))}")
