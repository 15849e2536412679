"""The verdict of a report as a badge, an SVG image for a README or a page of a product."""

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.report.files import rendered
from conformance.report.model import Report
from conformance.verdict.states import Verdict

LABEL = "get me a network"
GROUND = "#555"
# White text on each has the contrast that WCAG asks of text
COLOURS: Mapping[Verdict, str] = {
    Verdict.CONFORMANT: "#1a7f37",
    Verdict.PARTIAL: "#8a5d00",
    Verdict.INCONCLUSIVE: "#8a5d00",
    Verdict.FAILED: "#c5202c",
    Verdict.ERROR: "#c5202c",
}
MARGIN = 6  # pixels at both sides of a text
WIDTHS = {**dict.fromkeys("ijl", 3.1), **dict.fromkeys("frt .", 4.3)}  # pixels of letters that are narrower than most


@dataclass(frozen=True)
class Box:
    """A text on its ground; `x` and `width` are pixels."""

    text: str
    colour: str
    x: int = 0
    margin: int = MARGIN

    @property
    def width(self) -> int:
        """What the text takes in a font of 11 pixels, about, and its margins."""
        return 2 * self.margin + round(sum(WIDTHS.get(letter, 6.8) for letter in self.text))


def badge(report: Report) -> str:
    """The image, which shows the verdict; its title, which is read out, also names the cloud and claimed profiles."""
    profiles = ", ".join(f"{name} {profile.state}" for name, profile in report.profiles.items() if profile.claimed)
    label = Box(LABEL, GROUND)
    verdict = Box(report.verdict, COLOURS.get(report.verdict, GROUND), label.width)
    title = f"Get me a network, on {report.target['cloud']}: {report.verdict} ({profiles})"
    return rendered("badge.svg.j2", title=title, left=label, right=verdict)
