"""A link leads to the endpoint that is known, whatever host it names."""

import pytest

from conformance.target.links import to_known_endpoint

HERE = {
    "GMAN_NETWORK_URL": "https://cloud.example/network",
    "GMAN_COMPUTE_ROOT": "https://cloud.example:8774",
    "GMAN_COMPUTE_URL": "https://cloud.example:8774/v2.1/p1",
    "GMAN_IMAGE_URL": "https://cloud.example/image",
    "HOME": "http://inner:8774",
}


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        (
            "http://inner:9696/v2.0/networks?limit=2&marker=m",
            "https://cloud.example/network/v2.0/networks?limit=2&marker=m",
        ),
        ("http://cloud.example/network/v2.0/networks", "https://cloud.example/network/v2.0/networks"),
        ("http://inner:8774/v2.1/p1/servers/s", "https://cloud.example:8774/v2.1/p1/servers/s"),
        ("https://inner/compute/v2.1/servers?marker=m", "https://cloud.example:8774/v2.1/servers?marker=m"),
        ("http://inner:8774/v2.1/", "https://cloud.example:8774/v2.1/"),
        ("http://inner:8774/v2.1", "https://cloud.example:8774/v2.1"),
    ],
)
def test_a_link_to_elsewhere_is_followed_here(link: str, followed: str) -> None:
    assert to_known_endpoint(link, HERE) == followed


@pytest.mark.parametrize(
    "url",
    [
        "https://cloud.example/network/v2.0/networks?name=/v2.1/",
        "https://cloud.example:8774/v2.1/p1/servers",
        "https://cloud.example/image/v2/images",
        "http://inner/v2/images",
        "http://inner/nothing",
    ],
)
def test_any_other_url_stays_as_it_is(url: str) -> None:
    assert to_known_endpoint(url, HERE) == url
    assert to_known_endpoint(url, {}) == url
