"""What a person gives: values that need not stand on the command line, texts from stdin."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from agent_console.cli import asking
from agent_console.cli.errors import Failure, WrongUsage


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Bytes to be read from stdin: write them, it is rewound by itself."""
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(raw, encoding="utf-8"))
    return raw


def put(stdin: io.BytesIO, data: bytes) -> None:
    stdin.write(data)
    stdin.seek(0)


def test_settings_come_from_the_line_files_and_stdin(tmp_path: Path, stdin: io.BytesIO) -> None:
    put(stdin, b"on stdin\n")
    (tmp_path / "secret").write_text("in a file\n")
    pairs = ["a=plain", f"b=@{tmp_path / 'secret'}", "c=-", "d=@@at", "e=x=y", "f="]
    assert asking.settings(pairs) == {
        "a": "plain",
        "b": "in a file",
        "c": "on stdin",
        "d": "@at",
        "e": "x=y",
        "f": "",
    }


@pytest.mark.parametrize("pairs", [["nokey"], ["=value"], ["a=-", "b=-"]])
def test_settings_that_make_no_sense(pairs: list[str]) -> None:
    with pytest.raises(WrongUsage):
        asking.settings(pairs)


def test_a_text_from_stdin_loses_only_its_last_line_end(stdin: io.BytesIO) -> None:
    put(stdin, "  dos\nlíneas  \r\n".encode())
    assert asking.text("-") == "  dos\nlíneas  "
    assert asking.text("as given\n") == "as given\n"
    assert asking.text(None) == ""


def test_bytes_that_are_no_text(stdin: io.BytesIO) -> None:
    put(stdin, b"\xff\xfe")
    with pytest.raises(Failure):
        asking.text("-")


def test_a_password_is_the_first_line_spaces_and_all(stdin: io.BytesIO) -> None:
    put(stdin, b" pass word \r\nsecond line\n")
    assert asking.password(True) == " pass word "


def test_an_empty_password_is_refused(stdin: io.BytesIO) -> None:
    put(stdin, b"\n")
    with pytest.raises(Failure):
        asking.password(True)


def test_without_a_terminal_nothing_is_asked(stdin: io.BytesIO) -> None:
    asking.sure("really?", yes=False)
    with pytest.raises(WrongUsage):
        asking.password(False)
