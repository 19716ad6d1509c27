"""Texts as people type them: for the full-text search (each word quoted, so that none is an operator), and compared."""

from __future__ import annotations

import re

from server.desk.words import plain

__all__ = ["match_of", "plain", "quoted"]

_WORDS = re.compile(r"\w+", re.UNICODE)


def quoted(text: str) -> list[str]:
    """The words people typed, as FTS5 strings."""
    return [f'"{word}"' for word in _WORDS.findall(text)[:12]]


def match_of(text: str, phrase: bool = False) -> str:
    """A text as a full-text expression: its words, in this order if it is a phrase; empty if it has none."""
    words = _WORDS.findall(text)[:12]
    if phrase:
        return f'"{" ".join(words)}"' if words else ""
    return " ".join(quoted(text))
