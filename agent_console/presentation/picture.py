"""A picture as lines that a terminal shows: kitty's placeholders, sixel over blank cells, or half blocks.

The kitty protocol (sw.kovidgoyal.net/kitty/graphics-protocol, "Unicode placeholders"): the picture is sent once under
a number, then any cell with U+10EEEE in the colour of that number shows its part of it; a mark on the first cell of a
line says which line. Cells are ordinary text, so whatever is painted over them is in front, and tmux moves them along.
"""

from __future__ import annotations

import base64
import json
from typing import NamedTuple

from rich.color import Color
from rich.segment import ControlType, Segment
from rich.style import Style

from agent_console.presentation.graphics import Graphics

#: the picture's number at the terminal: always the same, so that a new one takes the place of the one before
NUMBER = 0x00AC01
_CHUNK = 4096
_PLACE = "\U0010eeee"
#: marks that stand for line 0, 1, 2 … (the first of kitty's table)
_LINES = [
    chr(code)
    for first, last in (
        (0x305, 0x305), (0x30D, 0x30E), (0x310, 0x310), (0x312, 0x312), (0x33D, 0x33F), (0x346, 0x346), (0x34A, 0x34C),
        (0x350, 0x352), (0x357, 0x357), (0x35B, 0x35B), (0x363, 0x36F), (0x483, 0x487), (0x592, 0x595), (0x597, 0x599),
        (0x59C, 0x5A1), (0x5A8, 0x5A9), (0x5AB, 0x5AC), (0x5AF, 0x5AF), (0x5C4, 0x5C4), (0x610, 0x617), (0x657, 0x65B),
    )
    for code in range(first, last + 1)
]  # fmt: skip
#: lines of cells a picture may take
TALLEST = len(_LINES)

#: makes a segment that takes no cells
_NO_CELLS = [(ControlType.CURSOR_FORWARD, 0)]


class Picture(NamedTuple):
    """`lines` of segments, each `columns` cells wide; `width` and `height` of the original in pixels."""

    lines: list[list[Segment]]
    columns: int
    width: int
    height: int


def read(output: bytes, graphics: Graphics) -> Picture:
    """What the picture process wrote. Raises ValueError if it is not what it should be."""
    first, _newline, payload = output.partition(b"\n")
    header = json.loads(first)
    columns, rows = int(header["columns"]), int(header["rows"])
    width, height = int(header["width"]), int(header["height"])
    paint = {"kitty": _kitty, "sixel": _sixel}.get(graphics.way, _blocks)
    return Picture(paint(payload, columns, min(rows, TALLEST), graphics.passthrough), columns, width, height)


def _kitty(payload: bytes, columns: int, rows: int, passthrough: bool) -> list[list[Segment]]:
    text = base64.b64encode(payload).decode()
    sent: list[str] = []
    for start in range(0, len(text), _CHUNK):
        more = int(start + _CHUNK < len(text))
        keys = f"m={more}" if start else f"a=T,U=1,q=2,f=100,i={NUMBER},c={columns},r={rows},m={more}"
        sent.append(_wrapped(f"\x1b_G{keys};{text[start : start + _CHUNK]}\x1b\\", passthrough))
    style = Style(color=Color.from_rgb(NUMBER >> 16, NUMBER >> 8 & 255, NUMBER & 255))
    lines = [[Segment(_PLACE + _LINES[y] + _LINES[0] + _PLACE * (columns - 1), style)] for y in range(rows)]
    lines[0].insert(0, Segment("".join(sent), None, _NO_CELLS))
    return lines


def _wrapped(sequence: str, passthrough: bool) -> str:
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\" if passthrough else sequence


def _sixel(payload: bytes, columns: int, rows: int, passthrough: bool) -> list[list[Segment]]:
    """Blank cells; behind the last of them, the picture is put over all of them, and the cursor where it was."""
    up = f"\x1b[{rows - 1}A" if rows > 1 else ""
    over = f"\x1b7{up}\x1b[{columns}D{payload.decode('ascii')}\x1b8"
    lines = [[Segment(" " * columns)] for _ in range(rows)]
    lines[-1].append(Segment(over, None, _NO_CELLS))
    return lines


def _blocks(payload: bytes, columns: int, rows: int, passthrough: bool) -> list[list[Segment]]:
    if len(payload) != columns * rows * 6:
        raise ValueError("not the colours that were announced")
    lines: list[list[Segment]] = []
    for y in range(rows):
        upper = payload[y * 6 * columns : (y * 6 + 3) * columns]
        lower = payload[(y * 6 + 3) * columns : (y + 1) * 6 * columns]
        cells = zip(zip(*[iter(upper)] * 3, strict=True), zip(*[iter(lower)] * 3, strict=True), strict=True)
        lines.append([Segment("▀", Style(color=_colour(*top), bgcolor=_colour(*bottom))) for top, bottom in cells])
    return lines


def _colour(red: int, green: int, blue: int) -> Color:
    return Color.from_rgb(red, green, blue)
