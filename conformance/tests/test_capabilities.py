"""What a cloud shows of itself, as far as a test depends on how it was looked for."""

from pathlib import Path

from conformance.capabilities import observe
from conformance.cloud import Cloud
from conformance.tests.tiny_cloud import UUID, running, write_clouds


def test_an_image_is_looked_for_beyond_the_first_page(tmp_path: Path) -> None:
    with running("many-images") as tiny:
        seen = observe(Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", tiny.url))).account)
    assert seen.image_id == UUID
