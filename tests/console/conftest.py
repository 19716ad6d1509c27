"""Every console test runs in San Salvador's time and speaks the language it asks for."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from agent_console import i18n


@pytest.fixture(autouse=True)
def san_salvador(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown in the computer's zone: make it the same everywhere. English unless a test says otherwise."""
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "America/El_Salvador")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    i18n.set_zone("")
    i18n.set_language("en")
    yield
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    time.tzset()
    i18n.set_language(None)
