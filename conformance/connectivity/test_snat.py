"""A topology whose router does not translate addresses (SNAT off): what servers notice of that."""

import pytest

from conformance.guests.judgements import Judgement
from conformance.guests.scene import Scenes
from conformance.run.context import RunContext


@pytest.mark.requirement("D-OUT-003")
@pytest.mark.usefixtures("outside")
def test_without_snat_nothing_is_translated(context: RunContext, judgement: Judgement, scenes: Scenes) -> None:
    context.applicability.require(["admin"])
    [scene] = scenes("snat-off")
    scene.get_topology()
    scene.turn_off_snat()
    judgement.judge(scene.boot("untranslated"))
