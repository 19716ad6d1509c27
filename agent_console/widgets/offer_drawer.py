"""What could be meant by what is being typed, above the text: an emoji, a link. The keys stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.segment import Segment

from agent_console.i18n import _
from agent_console.presentation import drawers
from agent_console.safetext import cells, cut, fit
from agent_console.widgets.drawers import Drawer


class Offer(NamedTuple):
    """One of them: what is put in the text's place, how it is shown, what is said of it on the right."""

    text: str
    shown: str
    right: str = ""


class OfferDrawer(Drawer):
    """Shows `offers`, one of them chosen. `floor_of` answers the line it stands on."""

    def __init__(self, title: str, widest: int, floor_of: Callable[[], int], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title, self.widest = title, widest
        self._floor_of = floor_of
        self.offers: Sequence[Offer] = ()
        self.chosen = 0

    def floor(self, screen_height: int) -> int:
        """Above the text."""
        return max(4, self._floor_of())

    def show(self, offers: Sequence[Offer]) -> None:
        """Offer these, the first of them chosen."""
        self.offers, self.chosen = offers, 0
        self.display = True
        self.settle()

    def move(self, step: int) -> None:
        """Choose another one."""
        self.chosen = (self.chosen + step) % len(self.offers)
        self.settle()

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """A line for each."""
        look, room = self.look, width - 5
        body = []
        for n, offer in enumerate(self.offers):
            mine = n == self.chosen
            right = cut(offer.right, room // 2)
            left = room - (cells(right) + 2 if right else 0)
            line = [
                Segment("▌" if mine else " ", look.accent),
                Segment(fit(offer.shown, left), look.strong if mine else look.text),
            ]
            body.append([*line, Segment(f"  {right}", look.faint)] if right else line)
        return drawers.framed(self._title, body, look, width, _("Tab inserts"))
