"""Emoji by their names while one writes: `:gracias:` becomes 🙏, `:gra` shows what there is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent_console.i18n import _
from agent_console.presentation import emoji
from agent_console.safetext import fit
from agent_console.screens.offering import Offering
from agent_console.widgets.offer_drawer import Offer, OfferDrawer

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox

_TYPED = re.compile(r"(?:^|(?<=[\s(¡¿])):([^\W\d][\w+-]{1,24})(:?)$")


class EmojiEntry(Offering):
    """The emoji of an inbox's answers."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox, OfferDrawer(_("Emoji"), 44, lambda: inbox.composer.region.y, id="emoji"))

    def typed(self, before: str) -> None:
        """A whole name becomes its emoji; the beginning of one shows what there is."""
        match = _TYPED.search(before)
        if match is None or not match[2] or not self._inbox.composer.writing:
            super().typed(before)
            return
        self.hide()
        if sign := emoji.exact(match[1]):
            self._inbox.composer.prepare().swap(match[0], sign)

    def begun(self, before: str) -> str:
        """A colon and the beginning of a name."""
        match = _TYPED.search(before)
        return match[0] if match is not None else ""

    def fitting(self, word: str) -> Sequence[Offer]:
        """The emoji that have it in a name."""
        return [Offer(sign, f"{fit(sign, 3)}{names}") for sign, names in emoji.find(word[1:])]
