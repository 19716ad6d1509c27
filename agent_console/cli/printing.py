"""Printing data: tables for people, JSON and CSV for programs, ids for `xargs`.

Everything foreign passes `agent_console.safetext` on its way to a terminal. Where stdout is no terminal, text is
printed whole, without colours or cut columns.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from agent_console import safetext
from agent_console.cli.grammar import Format

T = TypeVar("T")

#: The fewest cells a column is cut down to.
LEAST = 6


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column: `name` is what CSV calls it (never translated), `title` what a person reads above it.

    `text` makes the cell for people; `plain` the value for CSV, the same unless given. `right` aligns numbers;
    `grow` is the column that gives way when the terminal is narrow.
    """

    name: str
    title: str
    text: Callable[[T], object]
    plain: Callable[[T], object] | None = None
    right: bool = False
    grow: bool = False


def out(text: str) -> None:
    """One line (or several) on stdout."""
    sys.stdout.write(text + "\n")


def safe(text: str) -> str:
    """One harmless line."""
    return safetext.line(text, 4000)


def rows(
    items: Sequence[T],
    columns: Sequence[Column[T]],
    form: Format,
    *,
    empty: str,
    ids: Callable[[T], object] | None = None,
) -> None:
    """Print a list. With `ids`, only those. `empty` goes to stderr when a person asked and there is nothing."""
    if ids is not None:
        for item in items:
            out(str(ids(item)))
    elif form is Format.json:
        out(to_json(items))
    elif form is Format.csv:
        sys.stdout.write(to_csv(items, columns))
    elif not items:
        sys.stderr.write(empty + "\n")
    elif sys.stdout.isatty():
        _rich_table(items, columns)
    else:
        sys.stdout.write(plain_table(items, columns))


def one(item: Any, pairs: Sequence[tuple[str, str, object]], form: Format) -> None:
    """Print one thing. `pairs`: (CSV's name, title, value)."""
    if form is Format.json:
        out(to_json(item))
    elif form is Format.csv:
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(name for name, _, _ in pairs)
        writer.writerow(csv_cell(value) for _, _, value in pairs)
        sys.stdout.write(table.getvalue())
    else:
        shown = [(title, value) for _, title, value in pairs if value not in (None, "")]
        width = max((safetext.cells(title) for title, _ in shown), default=0)
        for title, value in shown:
            out(f"{safetext.fit(title, width)}  {safetext.line(str(value), 4000)}")


def to_json(value: Any) -> str:
    """JSON, indented, lossless, and harmless to a terminal: what could act on one is written as `\\uXXXX`."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return _ACTIVE.sub(lambda match: "".join(f"\\u{unit:04x}" for unit in _utf16(match[0])), text)


def json_line(value: Any) -> str:
    """JSON in one line, likewise."""
    text = msgspec.json.encode(value).decode()
    return _ACTIVE.sub(lambda match: "".join(f"\\u{unit:04x}" for unit in _utf16(match[0])), text)


#: DEL and C1 controls, and characters that show nothing or turn the line around; JSON itself escapes C0.
_ACTIVE = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def _utf16(char: str) -> Iterable[int]:
    data = char.encode("utf-16-be")
    return (int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))


def to_csv(items: Sequence[T], columns: Sequence[Column[T]]) -> str:
    """CSV with a header of stable names."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(column.name for column in columns)
    for item in items:
        writer.writerow(csv_cell((column.plain or column.text)(item)) for column in columns)
    return table.getvalue()


def csv_cell(value: object) -> str:
    """A value for a CSV file, harmless to a terminal and to a spreadsheet.

    A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = safetext.block(str(value), sys.maxsize)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def plain_table(items: Sequence[T], columns: Sequence[Column[T]]) -> str:
    """The list in aligned columns, nothing cut."""
    table = [[safetext.line(column.title) for column in columns]]
    table += [[_cell(column, item) for column in columns] for item in items]
    widths = [max(safetext.cells(row[index]) for row in table) for index in range(len(columns))]
    lines = []
    for row in table:
        cells = []
        for cell, column, width in zip(row, columns, widths, strict=True):
            space = " " * (width - safetext.cells(cell))
            cells.append(space + cell if column.right else cell + space)
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)


def _cell(column: Column[T], item: T) -> safetext.SafeText:
    value = column.text(item)
    return safetext.line("" if value is None else str(value), 4000)


def widths(natural: Sequence[int], grow: int | None, total: int) -> list[int]:
    """How wide the columns may be so that they fit into `total` cells with two spaces between them.

    The column `grow` gives way first, then the widest ones; the first column never does: what a thing is called by is
    what one types next.
    """
    found = list(natural)
    excess = sum(found) + 2 * (len(found) - 1) - total
    while excess > 0:
        others = [index for index in range(1, len(found)) if found[index] > LEAST]
        if not others:
            break
        wide = grow if grow in others else max(others, key=lambda index: found[index])
        found[wide] -= 1
        excess -= 1
    return found


def _rich_table(items: Sequence[T], columns: Sequence[Column[T]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False)
    cells = [[_cell(column, item) for column in columns] for item in items]
    natural = [
        max(safetext.cells(cell) for cell in (safetext.line(column.title), *(row[index] for row in cells)))
        for index, column in enumerate(columns)
    ]
    grow = next((index for index, column in enumerate(columns) if column.grow), None)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column, width in zip(columns, widths(natural, grow, console.width), strict=True):
        table.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            width=width,
            no_wrap=True,
            overflow="ellipsis",
        )
    for row in cells:
        # Text, not str: what customers write is no markup.
        table.add_row(*map(Text, row))
    console.print(table)
