"""Replies that nobody here wrote, with the text that is expected of each: how many come out exactly."""

from __future__ import annotations

from pathlib import Path

from bench.folding import FOLDER, score
from server.channels.email_fold import fold


def test_the_score(shared_dir: Path) -> None:
    result = score(shared_dir / FOLDER)
    assert result["cases"] >= 64
    assert result["exact"] / result["cases"] > 0.95, result


def test_nothing_is_lost(shared_dir: Path) -> None:
    for case in sorted((shared_dir / FOLDER / "emails").glob("*.txt")):
        text = case.read_bytes().decode()
        visible, folded = fold(text)
        assert sorted("".join((visible + folded).split())) == sorted("".join(text.split())), case.name


def test_what_is_elided_is_folded(shared_dir: Path) -> None:
    """Of the expected rest, every line with words is in the folded part, as far as it is a line of the mail."""
    for case in sorted((shared_dir / FOLDER / "elided").glob("*.txt")):
        text = (shared_dir / FOLDER / "emails" / case.name).read_text()
        _, folded = fold(text)
        rows = {row.strip() for row in folded.split("\n")}
        wanted = {row.strip() for row in case.read_text().split("\n")} & {row.strip() for row in text.split("\n")}
        assert {row for row in wanted - rows if any(char.isalnum() for char in row)} == set(), case.name
