"""Stores that are set up once in a process and copied for each test: making the tables takes longer than most tests."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_MADE: dict[str, tuple[Path, object]] = {}


def prepared(name: str, make: Callable[[Path], T], folder: Path) -> T:
    """Fill `folder` with what `make` leaves in one (closed again), and answer what it answered the first time."""
    if name not in _MADE:
        kept = Path(tempfile.mkdtemp(prefix="prepared-"))
        atexit.register(shutil.rmtree, kept, ignore_errors=True)
        _MADE[name] = (kept, make(kept))
    kept, answer = _MADE[name]
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    return answer  # type: ignore[return-value]
