"""How a screen looks, as text: its characters at each size, a fingerprint of its colours in each theme, and what has to
be true of every screen whatever it shows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.color import Color, ColorType
from rich.style import Style
from textual.strip import Strip

from agent_console.presentation import palette
from agent_console.safetext import cells
from tests.console import hostile
from tests.console.test_palette import contrast

SIZES = ((80, 24), (120, 40), (200, 50))
THEMES = ("dark", "light", "contrast", "none")
LANGUAGES = ("es", "en")

#: what is read, and what is only seen: signs and bars beside the words. Lines between panes may be fainter still.
LEAST_READ, LEAST_SEEN = 4.5, 3.0
#: looks, one after the other, between which nothing changes, before a picture is taken
STILL = 3
_READ = re.compile(r"\w")
_LINES = re.compile(r"^[\s\u2500-\u257f]*$")


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters of one style. Colours as `#rrggbb`, a name of the terminal's, or empty."""

    text: str
    ink: str
    ground: str
    weight: str


class Picture:
    """One screen at one size in one theme."""

    def __init__(self, strips: Sequence[Strip], size: tuple[int, int], theme: str) -> None:
        self.size, self.theme = size, theme
        self.lines = ["".join(segment.text for segment in strip) for strip in strips]
        self.runs = [list(_runs(strip)) for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def fingerprint(self) -> str:
        """Changes with any colour or attribute of any character."""
        told = "\n".join("|".join(f"{r.text}\t{r.ink}\t{r.ground}\t{r.weight}" for r in runs) for runs in self.runs)
        return hashlib.sha256(told.encode()).hexdigest()[:10]

    def faults(self) -> list[str]:
        """What must not be so on any screen."""
        columns, rows = self.size
        where = f"{columns}x{rows} {self.theme}"
        found = [] if len(self.lines) == rows else [f"{where}: {len(self.lines)} lines"]
        for y, (line, runs) in enumerate(zip(self.lines, self.runs, strict=True)):
            here = f"{where} line {y}"
            if cells(line) != columns:
                found.append(f"{here}: {cells(line)} cells wide")
            found += [f"{here}: {char!r} must not reach a terminal" for char in line if ord(char) in hostile.FORBIDDEN]
            found += [f"{here}: {fault}" for run in runs if (fault := self._unreadable(run))]
        return found

    def _unreadable(self, run: Run) -> str:
        if self.theme == "none":
            return f"{run} has a colour" if run.ink or run.ground else ""
        if _LINES.match(run.text):
            return ""
        if not (run.ink.startswith("#") and run.ground.startswith("#")):
            return f"{run} has colours that are none of the theme's"
        least = LEAST_READ if _READ.search(run.text) else LEAST_SEEN
        ratio = contrast(run.ink, run.ground)
        return f"{run} has a contrast of {ratio:.1f}, less than {least}" if ratio < least else ""


def _runs(strip: Strip) -> Iterator[Run]:
    text, last = "", None
    for segment in strip:
        style = _style(segment.style)
        if style != last and last is not None:
            yield Run(text, *last)
            text = ""
        text, last = text + segment.text, style
    if last is not None:
        yield Run(text, *last)


def _style(style: Style | None) -> tuple[str, str, str]:
    if style is None:
        return "", "", ""
    ink, ground = style.color, style.bgcolor
    if style.reverse:
        ink, ground = ground, ink
    names = ("bold", "dim", "italic", "underline", "strike", "reverse")
    return _colour(ink), _colour(ground), " ".join(name for name in names if getattr(style, name))


def _colour(colour: Color | None) -> str:
    if colour is None or colour.type is ColorType.DEFAULT:
        return ""
    return colour.triplet.hex if colour.triplet is not None else colour.name


async def look_at(pilot: Any) -> tuple[str, list[str]]:
    """The screen that stands now at each size in each theme: as text to be kept, and what is wrong with it."""
    kept: list[str] = []
    faults: list[str] = []
    pilot.app.theme = palette.NAMES[THEMES[-1]]  # nothing that was painted before is of use
    for size in SIZES:
        await pilot.resize_terminal(*size)
        await _settle(pilot)
        pictures: list[Picture] = []
        for theme in THEMES:
            pilot.app.theme = palette.NAMES[theme]
            await _settle(pilot)
            pictures.append(Picture(_strips(pilot), size, theme))
        first = pictures[0]
        for picture in pictures:
            faults += picture.faults()
            faults += [
                f"{size[0]}x{size[1]}: {picture.theme} says {theirs!r}, {first.theme} {ours!r}"
                for ours, theirs in zip(first.lines, picture.lines, strict=True)
                if ours != theirs
            ]
        told = " ".join(f"{picture.theme} {picture.fingerprint}" for picture in pictures)
        kept.append(f"=== {size[0]}x{size[1]} · {told}\n{first.text}\n")
    return "".join(kept), faults


async def _settle(pilot: Any) -> None:
    """Wait until nothing changes on the screen any more."""
    before: object = None
    same = 0
    while same < STILL:
        await pilot.pause(0.01)
        now = [[(segment.text, segment.style) for segment in strip] for strip in _strips(pilot)]
        same = same + 1 if now == before else 0
        before = now


def _strips(pilot: Any) -> list[Strip]:
    strips: list[Strip] = pilot.app.screen._compositor.render_strips()
    return strips
