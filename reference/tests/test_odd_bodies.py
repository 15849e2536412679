"""Bodies and queries that once ended in a 500: each is refused, or done, and nothing is left half done."""

from __future__ import annotations

from typing import Any

import pytest

from reference.tests.conftest import Cloud


def refused(answer: Any) -> tuple[int, str]:
    """Status and type of Networking's refusal."""
    return answer.status_code, answer.json()["NeutronError"]["type"]


@pytest.mark.parametrize("text", ["maybe", "", "2"])
def test_a_page_reverse_that_is_no_boolean_is_none(cloud: Cloud, text: str) -> None:
    assert cloud.demo.network("GET", f"/ports?page_reverse={text}").status_code == 200
