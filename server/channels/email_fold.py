"""Folding."""

from __future__ import annotations


def fold(text: str) -> tuple[str, str]:
    return text.strip(), ""
