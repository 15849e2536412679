"""The beginning of tests of ports: a network of two subnets with a port, and objects of other projects."""

from dataclasses import dataclass

import pytest

from reference.tests.clouds import Cloud
from reference.tests.networking import listed, make

NOTHING = "00000000-0000-4000-8000-000000000000"
MAC = "fa:16:3e:00:00:01"


@dataclass
class World:
    """Objects for tests of ports: name, as `filled` uses it, -> id."""

    known: dict[str, str]


@pytest.fixture(name="world")
def make_world(cloud: Cloud) -> World:
    known = {"nothing": NOTHING, "external": listed(cloud.demo, "networks", "?is_default=true")[0]["id"]}
    known["net"] = make(cloud.demo, "network")["id"]
    known["v4"] = make(cloud.demo, "subnet", network_id=known["net"], ip_version=4, cidr="10.200.0.0/24")["id"]
    known["v6"] = make(cloud.demo, "subnet", network_id=known["net"], ip_version=6, cidr="fd00:200::/64")["id"]
    taken = [{"ip_address": "10.200.0.9"}]
    port = make(cloud.demo, "port", network_id=known["net"], mac_address=MAC, fixed_ips=taken, name="first")
    known["port"] = port["id"]
    known["foreign"] = make(cloud.alt, "router")["id"]
    known["router"] = make(cloud.demo, "router")["id"]
    known["hidden"] = make(cloud.alt, "network")["id"]
    known["group"] = make(cloud.alt, "security_group", name="g")["id"]
    return World(known)
