"""A floating IP, which a project has to request first, leads to the server that it is associated with."""

import pytest

from conformance.guests.judgements import Judgement
from conformance.guests.scene import Scenes


@pytest.mark.requirement("D-IN-002")
@pytest.mark.usefixtures("outside")
def test_a_floating_ip_leads_in(judgement: Judgement, scenes: Scenes) -> None:
    [scene] = scenes("floating-ip")
    judgement.judge(scene.boot_with_floating_ip("floating"))
