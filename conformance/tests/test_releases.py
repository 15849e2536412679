"""Requirements that came with a later release do not apply to an earlier one."""

import pytest

from conformance.target.releases import newer_than_cloud, numbers


@pytest.mark.parametrize(
    ("since", "service", "microversion", "release", "requested"),
    [
        ("", "network", "2.90", "", True),
        ("2.90", "compute", "2.60", "", True),  # a microversion, which another module checks
        ("25.0.0", "compute", "2.90", "", False),  # which Xena has, too
        ("25.0.0", "compute", "2.93", "", True),
        ("21.0.0", "compute", "2.79", "", False),
        ("21.0.0", "compute", "2.87", "", True),
        ("21.0.0", "compute", "2.30", "", False),
        ("27.0.0", "network", "2.96", "", False),
        ("27.0.0", "network", "2.100", "", False),  # which 2025.1 has, too
        ("26.0.0", "network", "2.100", "", True),
        ("27.0.0", "network", "2.101", "", True),
        ("27.0.0", "network", "", "", True),  # without an answer of Compute, requirements are not reduced
        ("27.0.0", "network", "2.96", "27", True),
        ("27.0.2", "network", "2.96", "27", True),
        ("27.0.2", "network", "2.100", "27.0.1", False),
        ("8.0.0", "network", "2.100", "7.2", False),
        ("25.0.0", "compute", "2.93", "1.0.0", True),  # a release of Networking does not affect Compute
    ],
)
def test_newer_requirements_do_not_apply(
    since: str, service: str, microversion: str, release: str, requested: bool
) -> None:
    assert (newer_than_cloud(since, service, microversion, release) == "") is requested


def test_the_reason_names_the_option() -> None:
    reason = newer_than_cloud("27.0.0", "network", "2.96", "")
    assert "2.96" in reason
    assert "--networking-release" in reason
    assert newer_than_cloud("27.0.0", "network", "2.96", "26.1") == "Networking 26.1 is older than 27.0.0"


def test_other_texts_have_no_numbers() -> None:
    assert [numbers(text) for text in ("27.0.1", "27", "", "2025.2rc1", "27.")] == [(27, 0, 1), (27,), (), (), ()]
