"""Accessibility of a page: the part of WCAG 2.2 that can be checked in its text alone."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {
    "br",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "rect",
}  # elements without an end tag, as this page writes them
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LANDMARKS = {"header", "main", "nav", "footer"}
SCROLLING = {"pre", "figure"}  # these, and elements of class "wide", have to be reachable by keyboard
ENOUGH = 4.5  # contrast of text, WCAG 1.4.3
DECORATION = {"--line"}  # variables that colour no text
NO_COLOUR = re.compile(r"var\(--[a-z]+\)|inherit|currentColor|light dark")
PAIR = re.compile(r"(--[a-z]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)")


@dataclass
class Element:
    """A start tag with its attributes, the elements around it, and the text that is in it."""

    tag: str
    attributes: dict[str, str]
    around: tuple["Element", ...] = ()
    text: str = ""

    @property
    def named(self) -> bool:
        """Whether it has a name of its own for a screen reader."""
        return any(self.attributes.get(name) for name in ("aria-label", "aria-labelledby"))


@dataclass
class Page(HTMLParser):
    """The elements of a page in their order."""

    source: str
    elements: list[Element] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)  # text outside of every landmark

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.source)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attributes}, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            closed = self._open.pop()
            assert closed.tag == tag, f"<{closed.tag}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data
        tags = {element.tag for element in self._open}
        if data.strip() and "body" in tags and not tags & LANDMARKS:
            self.stray.append(data.strip())

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]


def complaints(source: str) -> list[str]:
    """What is wrong with a page, a line each."""
    page = Page(source)
    return [line for check in (_outline, _landmarks, _tables, _pictures, _links, _contrast) for line in check(page)]


def _outline(page: Page) -> Iterator[str]:
    if not page.all("html")[0].attributes.get("lang"):
        yield "the page does not say its language"
    if not any(title.text.strip() for title in page.all("title")):
        yield "the page has no title"
    before = 0
    for heading in page.all(*HEADINGS):
        level = int(heading.tag[1])
        if level > before + 1:
            yield f"h{level} {heading.text!r} follows h{before}"
        before = level
    if len(page.all("h1")) != 1:
        yield f"{len(page.all('h1'))} headings of the first level"


def _landmarks(page: Page) -> Iterator[str]:
    for tag in ("header", "main"):
        if len(page.all(tag)) != 1:
            yield f"{len(page.all(tag))} of {tag}"
    yield from ("a nav without a name" for nav in page.all("nav") if not nav.named)
    yield from (f"outside of every landmark: {text!r}" for text in page.stray)


def _tables(page: Page) -> Iterator[str]:
    captioned = {id(caption.around[-1]) for caption in page.all("caption")}
    headed = {id(element.around[-2]) for element in page.all("th")}
    for table in page.all("table"):
        if not table.named and id(table) not in captioned:
            yield "a table without a name"
        if id(table) not in headed:
            yield "a table without a header"
    for cell in page.all("th"):
        if cell.attributes.get("scope") not in {"col", "row"}:
            yield f"th {cell.text!r} does not say what it heads"
        if not cell.text.strip():
            yield "a th without a text"


def _pictures(page: Page) -> Iterator[str]:
    for picture in page.all("svg", "img"):
        if not picture.named and not picture.attributes.get("alt"):
            yield f"{picture.tag} without a name"
    for box in page.elements:
        wide = "wide" in box.attributes.get("class", "").split()
        if (box.tag in SCROLLING or wide) and box.attributes.get("tabindex") != "0":
            yield f"{box.tag} scrolls, and the keyboard does not reach it"
        if box.attributes.get("role") in {"region", "group"} and not box.named:
            yield f"{box.tag} of role {box.attributes['role']} without a name"


def _links(page: Page) -> Iterator[str]:
    ids = Counter(element.attributes["id"] for element in page.elements if "id" in element.attributes)
    yield from (f"the id {id_!r} is there {count} times" for id_, count in ids.items() if count > 1)
    for element in page.elements:
        target = element.attributes.get("href", "").removeprefix("#") or element.attributes.get("aria-labelledby")
        if target and target not in ids:
            yield f"{element.tag} leads to {target!r}, which is not there"
    yield from ("a link without a text" for link in page.all("a") if not link.text.strip())


def _contrast(page: Page) -> Iterator[str]:
    style = "".join(element.text for element in page.all("style"))
    pairs = {name: (light, dark) for name, light, dark in PAIR.findall(style)}
    if "--page" not in pairs:
        yield "the page does not say what its ground is"
        return
    for name, colours in pairs.items():
        for theme, colour, ground in zip(("light", "dark"), colours, pairs["--page"], strict=True):
            if name != "--page" and contrast(colour, ground) < ENOUGH:
                yield f"{name} {colour} on {ground} in the {theme} theme: {contrast(colour, ground):.1f}, not {ENOUGH}"
    for name, value in re.findall(r"(--[a-z]+): ([^;]+);", style):
        if name not in pairs and name not in DECORATION:
            yield f"{name} is {value}, which cannot be judged in both themes"
    for value in re.findall(r"(?<![a-z-])(?:color|background|color-scheme): ([^;}]+)", style):
        if not NO_COLOUR.fullmatch(value.strip()):
            yield f"the colour {value} is none of the page's variables"


def contrast(one: str, other: str) -> float:
    """The ratio of two colours (#rgb or #rrggbb), from 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    pairs = [digit * 2 for digit in digits] if len(digits) == 3 else [digits[at : at + 2] for at in (0, 2, 4)]
    red, green, blue = (_linear(int(pair, 16) / 255) for pair in pairs)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
