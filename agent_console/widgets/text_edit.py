"""Several lines of text being typed inside a drawer: where the cursor is, what keys do to it, how it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment

from agent_console.presentation.look import Look
from agent_console.safetext import block, cells

if TYPE_CHECKING:
    from textual import events

#: characters taken
MOST = 4_000


class TextEdit:
    """`text` and `cursor`, a position in it. Lines are wrapped at the width painted last."""

    def __init__(self, text: str = "") -> None:
        self._width = 60
        self._first = 0
        self.set(text)

    def set(self, text: str) -> None:
        """Another text, made safe, the cursor at its end."""
        self.text = str(block(text[:MOST])).rstrip("\n")
        self.cursor = len(self.text)

    def insert(self, text: str) -> None:
        """Type or paste at the cursor."""
        text = "".join(char for char in text if char.isprintable() or char == "\n")[: MOST - len(self.text)]
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def press(self, event: events.Key) -> bool:
        """What a key does; False if it does nothing here (up in the first line, down in the last)."""
        match event.key:
            case "left":
                self.cursor = max(0, self.cursor - 1)
            case "right":
                self.cursor = min(len(self.text), self.cursor + 1)
            case "up" | "down":
                return self._move(-1 if event.key == "up" else 1)
            case "home" | "end" | "ctrl+a" | "ctrl+e":
                start, end = self._rows()[self._row()]
                self.cursor = start if event.key in ("home", "ctrl+a") else end
            case "enter":
                self.insert("\n")
            case "backspace" if self.cursor:
                self._drop(self.cursor - 1, self.cursor)
            case "delete" if self.cursor < len(self.text):
                self._drop(self.cursor, self.cursor + 1)
            case "ctrl+w":
                kept = self.text[: self.cursor].rstrip()
                self._drop(max(kept.rfind(" "), kept.rfind("\n")) + 1, self.cursor)
            case "ctrl+u":
                self._drop(self._rows()[self._row()][0], self.cursor)
            case _:
                if not event.is_printable or not event.character:
                    return event.key in ("backspace", "delete")
                self.insert(event.character)
        return True

    def paint(self, look: Look, width: int, most: int, active: bool) -> list[list[Segment]]:
        """At most `most` lines of `width` cells, those around the cursor."""
        self._width = max(8, width - 1)
        rows = self._rows()
        at = self._row()
        self._first = max(0, min(self._first, at, len(rows) - most)) if at < self._first + most else at - most + 1
        style = look.strong if active else look.text
        painted: list[list[Segment]] = []
        for number in range(self._first, min(self._first + most, len(rows))):
            start, end = rows[number]
            if active and number == at:
                before, after = self.text[start : self.cursor], self.text[self.cursor : end]
                painted.append([Segment(before, style), Segment("▏", look.accent), Segment(after, style)])
            else:
                painted.append([Segment(self.text[start:end], style)])
        return painted

    # ------------------------------------------------------------ inside

    def _drop(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self.cursor = start

    def _row(self) -> int:
        """The line the cursor stands in."""
        rows = self._rows()
        return max(n for n, (start, _end) in enumerate(rows) if start <= self.cursor)

    def _move(self, step: int) -> bool:
        rows, at = self._rows(), self._row()
        if not 0 <= at + step < len(rows):
            return False
        column = self.cursor - rows[at][0]
        start, end = rows[at + step]
        self.cursor = min(start + column, end)
        return True

    def _rows(self) -> list[tuple[int, int]]:
        """Start and end of each line as it is wrapped."""
        found: list[tuple[int, int]] = []
        begin = 0
        for paragraph in self.text.split("\n"):
            end = begin + len(paragraph)
            at = begin
            while True:
                stop = self._fits(at, end)
                found.append((at, stop))
                at = stop
                if at >= end:
                    break
            begin = end + 1
        return found

    def _fits(self, start: int, end: int) -> int:
        """Where a line that begins at `start` has to end: behind a blank, if it has one."""
        used, blank = 0, start
        for at in range(start, end):
            used += cells(self.text[at])
            if used > self._width:
                return blank if blank > start else max(at, start + 1)
            if self.text[at] == " ":
                blank = at + 1
        return end
