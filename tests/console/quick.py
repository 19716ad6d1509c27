"""Which pictures of a screen are looked at with every change; the others are left to the slow part."""

from __future__ import annotations

from typing import Any

import pytest

#: the smallest size in Spanish, a large one in English
QUICK = {((80, 24), "es"), ((120, 40), "en"), ((160, 45), "en")}


def case(name: str, size: tuple[int, int], lang: str) -> Any:
    """A parameter of `name, size, lang`."""
    return pytest.param(name, size, lang, id=f"{name}-{size[0]}x{size[1]}-{lang}", marks=_marks(size, lang))


def sized(size: tuple[int, int], lang: str) -> Any:
    """A parameter of `size, lang`."""
    return pytest.param(size, lang, id=f"{size[0]}x{size[1]}-{lang}", marks=_marks(size, lang))


def _marks(size: tuple[int, int], lang: str) -> Any:
    return () if (size, lang) in QUICK else (pytest.mark.slow,)
