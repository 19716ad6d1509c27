"""Which pictures of a scene are kept as pictures: its smallest screen in Spanish, a large one in English.

`test_looks` holds every scene at every size, in both languages and all themes, as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

SIZES: tuple[tuple[tuple[int, int], str], ...] = (((80, 24), "es"), ((160, 45), "en"))


def cases(names: Iterable[str], sizes: Sequence[tuple[tuple[int, int], str]] = SIZES) -> list[Any]:
    """Parameters of `name, size, lang`."""
    return [
        pytest.param(name, size, lang, id=f"{name}-{size[0]}x{size[1]}-{lang}")
        for name in names
        for size, lang in sizes
    ]


def alone() -> list[Any]:
    """Parameters of `size, lang`, for what has no name."""
    return [pytest.param(size, lang, id=f"{size[0]}x{size[1]}-{lang}") for size, lang in SIZES]
