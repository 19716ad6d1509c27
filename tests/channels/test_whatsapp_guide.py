"""docs/channels/whatsapp.md says what the code does: settings, codes, limits, the stand-in's defaults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.channels.meta_api import GRAPH_URL
from server.channels.whatsapp import WhatsApp
from server.channels.whatsapp_errors import CODES, classify
from server.channels.whatsapp_send import CAPABILITIES
from server.facts import REASONS
from server.sandbox.graph import Settings

GUIDE = (Path(__file__).resolve().parents[2] / "docs/channels/whatsapp.md").read_text()

_ROW = re.compile(r"^\| ([^|]+) \| `(\w+)` \|", re.MULTILINE)


def _codes(cell: str) -> list[int]:
    """The codes a cell of the table names; of a range its ends."""
    return [int(code) for code in re.findall(r"\d+", re.sub(r" with .*", "", cell))]


ROWS = [(cell, reason) for cell, reason in _ROW.findall(GUIDE) if cell[0].isdigit() and reason in REASONS]


def test_the_table_names_every_code() -> None:
    assert len(ROWS) > 15
    named = {code for cell, _ in ROWS for code in _codes(cell)}
    missing = {code for code in CODES if code not in named and classify(code, "") != ("permission", False)}
    assert not missing - {133016}


@pytest.mark.parametrize(("cell", "reason"), ROWS)
def test_codes_mean_here_what_the_guide_says(cell: str, reason: str) -> None:
    detail = "must be at most 4096 characters long" if "characters" in cell else ""
    subcode = 33 if "does not exist" in cell else None
    for code in _codes(cell):
        known = classify(code, detail, subcode)
        assert (known[0] if known else "other") == reason, code


def test_settings_and_limits() -> None:
    for option in WhatsApp.options:
        assert f"| `{option.name}` |" in GUIDE
        assert f"--set {option.name}=" in GUIDE or not option.required
    assert GRAPH_URL in GUIDE
    assert f"texts {CAPABILITIES.text_limit:,}" in GUIDE
    assert f"hold {CAPABILITIES.caption_limit:,} characters" in GUIDE
    megabyte = 1024 * 1024
    assert f"photo {CAPABILITIES.media['image'] // megabyte} MB" in GUIDE
    assert f"document {CAPABILITIES.media['document'] // megabyte} MB" in GUIDE


def test_the_stand_ins_defaults() -> None:
    settings = Settings()
    for value in (settings.phone_number_id, settings.access_token, settings.app_secret, settings.verify_token):
        assert value in GUIDE
