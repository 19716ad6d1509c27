"""Tables, JSON and CSV: whole, aligned, and harmless to terminals and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import select
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.cli import printing
from agent_console.cli.grammar import Format
from agent_console.cli.printing import Column

COLUMNS: list[Column[dict[str, object]]] = [
    Column("id", "#", lambda item: item["id"], right=True),
    Column("name", "Nombre", lambda item: item["name"], grow=True),
]
NASTY = "[red]x[/] \x1b[31m\x9b2J\u202eevil\u200b\x07"
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069]")


@given(st.text())
def test_json_loses_nothing_and_shows_no_control_character(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()  # JSON has no lone surrogates
    for printed in (printing.to_json({"text": text}), printing.json_line({"text": text})):
        assert json.loads(printed) == {"text": text}
        assert not CONTROLS.search(printed)


@pytest.mark.parametrize("text", ["=1+1", "+503 7000", "-2", "@SUM(A1)", "=\x1b[1m1"])
def test_csv_keeps_a_formula_from_being_one(text: str) -> None:
    assert printing.csv_cell(text).startswith("'" + text[0])


@pytest.mark.parametrize(
    ("value", "cell"),
    [(-5, "-5"), (1.5, "1.5"), (True, "true"), (None, ""), ("a,b", "a,b"), ("dos\nlíneas", "dos\nlíneas")],
)
def test_csv_leaves_everything_else_alone(value: object, cell: str) -> None:
    assert printing.csv_cell(value) == cell


@given(st.lists(st.tuples(st.integers(), st.text())))
def test_csv_has_one_row_for_each_thing_and_no_control_character(things: list[tuple[int, str]]) -> None:
    items: list[dict[str, object]] = [{"id": id, "name": name} for id, name in things]
    printed = printing.to_csv(items, COLUMNS)
    rows = list(csv.reader(io.StringIO(printed)))
    assert rows[0] == ["id", "name"]
    assert [row[0] for row in rows[1:]] == [str(id) for id, _ in things]
    assert not CONTROLS.search(printed.replace("\t", ""))


def test_a_plain_table_is_aligned_by_what_is_seen_and_cuts_nothing() -> None:
    long = "muy " * 100
    names = ["José", "漢字", long.strip(), NASTY]
    items: list[dict[str, object]] = [{"id": 10**index, "name": name} for index, name in enumerate(names)]
    lines = printing.plain_table(items, COLUMNS).splitlines()
    assert lines[0] == "   #  Nombre"
    assert lines[1] == "   1  José"
    assert lines[2] == "  10  漢字"
    assert lines[3].endswith(long.strip())
    assert not any(CONTROLS.search(line) for line in lines)
    assert "[red]x[/]" in lines[4]


def test_ids_only(capsys: pytest.CaptureFixture[str]) -> None:
    items: list[dict[str, object]] = [{"id": 3}, {"id": 4}]
    printing.rows(items, COLUMNS, Format.text, empty="none", ids=lambda item: item["id"])
    assert capsys.readouterr().out == "3\n4\n"


def test_one_thing_leaves_out_what_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    printing.one({}, [("a", "Uno", 1), ("b", "Vacío", ""), ("c", "Largo título", NASTY)], Format.text)
    printed = capsys.readouterr().out
    assert printed.splitlines()[0] == "Uno           1"
    assert "Vacío" not in printed
    assert not CONTROLS.search(printed)
    printing.one({}, [("a", "Uno", 1), ("b", "Vacío", "")], Format.csv)
    assert capsys.readouterr().out == "a,b\n1,\n"


def test_on_a_terminal_the_table_fits_and_markup_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = pty.openpty()
    try:
        with os.fdopen(slave, "w", encoding="utf-8") as terminal:
            monkeypatch.setattr(sys, "stdout", terminal)
            monkeypatch.setenv("COLUMNS", "40")
            monkeypatch.setenv("TERM", "xterm")
            items: list[dict[str, object]] = [{"id": 1, "name": NASTY + " y " + "más " * 40}]
            printing.rows(items, COLUMNS, Format.text, empty="")
            terminal.flush()
            monkeypatch.undo()
            printed = b""
            while select.select([master], [], [], 0.2)[0]:
                printed += os.read(master, 65536)
    finally:
        os.close(master)
    text = re.sub(r"\x1b\[[0-9;]*m", "", printed.decode())  # our own bold
    lines = text.splitlines()
    assert len(lines) == 2
    assert all(len(line) <= 40 for line in lines)
    assert "[red]x[/]" in lines[1]
    assert lines[1].rstrip().endswith("…")
    assert not CONTROLS.search(text.replace("\r\n", ""))


@pytest.mark.parametrize(
    ("natural", "grow", "total", "fitted"),
    [
        ([4, 10, 50], 2, 80, [4, 10, 50]),
        ([4, 10, 50], 2, 40, [4, 10, 22]),
        ([4, 10, 50], 1, 60, [4, 6, 46]),
        ([20, 30, 30], None, 60, [20, 18, 18]),
        ([20, 30, 30], 2, 10, [20, 6, 6]),
        ([5], None, 3, [5]),
    ],
)
def test_columns_give_way_in_a_certain_order(
    natural: list[int], grow: int | None, total: int, fitted: list[int]
) -> None:
    assert printing.widths(natural, grow, total) == fitted
