"""One line of text being typed: where the cursor is, what keys do to it, how it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment

from agent_console.presentation.look import Look
from agent_console.safetext import cells, cut, line

if TYPE_CHECKING:
    from textual import events

#: characters taken
MOST = 4_000


class LineEdit:
    """`text` and `cursor`, a position in it."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.cursor = len(text)

    def set(self, text: str) -> None:
        """Another text, the cursor at its end."""
        self.text, self.cursor = text[:MOST], len(text[:MOST])

    def insert(self, text: str) -> None:
        """Type or paste at the cursor."""
        text = "".join(char for char in text if char.isprintable())[: MOST - len(self.text)]
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def press(self, event: events.Key) -> bool:
        """What a key does; False if it does nothing here."""
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        match event.key:
            case "left":
                self.cursor = max(0, self.cursor - 1)
            case "right":
                self.cursor = min(len(self.text), self.cursor + 1)
            case "home" | "ctrl+a":
                self.cursor = 0
            case "end" | "ctrl+e":
                self.cursor = len(self.text)
            case "backspace":
                self.text, self.cursor = before[:-1] + after, max(0, self.cursor - 1)
            case "delete":
                self.text = before + after[1:]
            case "ctrl+u":
                self.text, self.cursor = after, 0
            case "ctrl+w":
                kept = before.rstrip()
                kept = kept[: max(kept.rfind(" "), kept.rstrip("/").rfind("/")) + 1]
                self.text, self.cursor = kept + after, len(kept)
            case _:
                if not event.is_printable or not event.character:
                    return False
                self.insert(event.character)
        return True

    def paint(self, look: Look, room: int, active: bool = True) -> list[Segment]:
        """The line in at most `room` cells, the cursor in sight."""
        before, after = self._shown(self.text[: self.cursor]), self._shown(self.text[self.cursor :])
        if not active:
            return [Segment(cut(before + after, room), look.text)]
        while cells(before) > room - 2:
            before = before[max(1, (cells(before) - room + 2) // 2) :]
        rest = cut(after, max(0, room - cells(before) - 1))
        return [Segment(before, look.strong), Segment("▏", look.accent), Segment(rest, look.strong)]

    @staticmethod
    def _shown(text: str) -> str:
        """Safe to paint; blanks at the ends stay, so that the cursor stands where it is."""
        bare = text.strip(" ")
        lead, trail = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
        return " " * lead + line(bare, MOST) + (" " * trail if bare else "")
