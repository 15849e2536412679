"""How the suite looks for an image and for a pool's quota."""

from pathlib import Path

import pytest

from conformance.target.capabilities import observe, share
from conformance.target.cloud import Cloud
from conformance.tests.tiny_cloud import UUID, running, write_clouds


def test_an_image_is_looked_for_beyond_the_first_page(tmp_path: Path) -> None:
    with running("many-images") as tiny:
        capabilities = observe(Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", tiny.url))).account)
    assert capabilities.image_id == UUID


@pytest.mark.parametrize(
    ("version", "length", "quota", "prefixes"),
    [
        (4, "26", 64, 1),
        (4, 26, 191, 2),
        (6, "64", 1, 1),
        (6, "72", 1, 256),
        (6, "60", 32, 2),
        (4, "26", None, 0),
        (4, "26", 0, 0),
        (4, None, 64, 0),
    ],
)
def test_the_quota_of_a_pool_counts_addresses_or_64s(
    version: int, length: object, quota: object, prefixes: int
) -> None:
    assert share({"ip_version": version, "default_prefixlen": length, "default_quota": quota}) == prefixes
