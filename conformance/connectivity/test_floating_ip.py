"""A floating IP, which nobody has until it is asked for, leads to the server that it is associated with."""

from collections.abc import Callable

import pytest

from conformance.guests.judgements import Judgement
from conformance.guests.scene import Scene


@pytest.mark.requirement("D-IN-002")
@pytest.mark.usefixtures("outside")
def test_a_floating_ip_leads_in(judgement: Judgement, scenes: Callable[[str], list[Scene]]) -> None:
    [scene] = scenes("floating-ip")
    judgement.judge(scene.boot_with_floating_ip("floating"))
