"""A cloud with IPv6 alone, as any cloud is while it has no default IPv4 subnet pool."""

import pytest

from conformance.guests.judgements import Judgement
from conformance.guests.scene import Scenes
from conformance.projects.cloud_defaults import list_candidates
from conformance.projects.inventory import POOLS
from conformance.run.context import RunContext
from conformance.target.capabilities import Capabilities


@pytest.fixture(scope="module")
def ipv6_alone(context: RunContext, cloud: Capabilities) -> object:
    """A cloud without a default IPv4 pool: a pool that is the default is no default while the module runs."""
    context.applicability.require(["ipv6"])
    if 4 not in cloud.default_pools:
        yield
        return
    context.applicability.require(["admin", "disruptive"])
    with context.kept_defaults():
        for pool in list_candidates(context.admin, POOLS):
            if pool.get("is_default") and str(pool.get("ip_version")) == "4":
                url = f"{context.admin.endpoints.network}/v2.0/subnetpools/{pool['id']}"
                context.admin.call("PUT", url, {"subnetpool": {"is_default": False}})
        yield


@pytest.mark.requirement("D-V6-001")
@pytest.mark.usefixtures("outside", "ipv6_alone")
def test_ipv6_alone_is_enough(judgement: Judgement, scenes: Scenes) -> None:
    [scene] = scenes("ipv6-alone")
    scene.template = scene.template.of_versions(6)
    judgement.judge(scene.boot("first"))
