"""docs/channels/messenger.md and instagram.md say what the code does: settings, codes, limits, defaults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.channels.instagram import TEXT_BYTES, Instagram
from server.channels.messenger import FIELDS, Messenger
from server.channels.meta_api import GRAPH_URL
from server.channels.meta_codes import CODES, SUBCODES, classify
from server.channels.meta_messaging import MEGABYTE, MetaMessaging
from server.facts import REASONS
from server.sandbox.graph_pages import Settings

_DOCS = Path(__file__).resolve().parents[2] / "docs/channels"
GUIDES = {"messenger": (_DOCS / "messenger.md").read_text(), "instagram": (_DOCS / "instagram.md").read_text()}
ADAPTERS: dict[str, type[MetaMessaging]] = {"messenger": Messenger, "instagram": Instagram}

_ROW = re.compile(r"^\| ([^|]+) \| `(\w+)` \|", re.MULTILINE)
ROWS = [(cell, reason) for cell, reason in _ROW.findall(GUIDES["messenger"]) if cell[0].isdigit() and reason in REASONS]


def _codes(cell: str) -> list[int]:
    """The codes a cell of the table names; of a range its ends."""
    return [int(code) for code in re.findall(r"\d+", re.sub(r" with .*", "", cell))]


def test_the_table_names_every_code() -> None:
    named = {code for cell, _ in ROWS for code in _codes(cell)}
    assert set(CODES) | set(SUBCODES) <= named


@pytest.mark.parametrize(("cell", "reason"), ROWS)
def test_codes_mean_here_what_the_guide_says(cell: str, reason: str) -> None:
    detail = "Length of param must be less than or equal to 2000" if "length" in cell else ""
    for code in _codes(cell):
        known = classify(100, detail, code) if code in SUBCODES else classify(code, detail)
        assert (known[0] if known else "other") == reason, code


@pytest.mark.parametrize("kind", ADAPTERS)
def test_settings(kind: str) -> None:
    guide = GUIDES[kind]
    assert f"agent-console channel add {kind} " in guide
    for option in ADAPTERS[kind].options:
        assert f"| `{option.name}` |" in guide
        assert f"--set {option.name}=" in guide or not option.required
    assert GRAPH_URL in guide
    assert "--set human_agent=yes" in guide


def test_limits() -> None:
    messenger, instagram = (GUIDES[kind].replace("\n", " ") for kind in ADAPTERS)
    assert f"hold {Messenger.capabilities.text_limit:,} characters" in messenger
    assert Messenger.public is not None and Instagram.public is not None
    assert f"public answers {Messenger.public.text_limit:,}" in messenger
    assert f"{Messenger.capabilities.media['image'] // MEGABYTE} MB, without a caption" in messenger
    assert f"photo of up to {Messenger.public.media['image'] // MEGABYTE} MB" in messenger
    assert f"{TEXT_BYTES:,} bytes" in instagram
    assert f"hold {Instagram.public.text_limit} characters" in instagram
    assert f"photo {Instagram.capabilities.media['image'] // MEGABYTE} MB" in instagram
    for can in (Messenger.capabilities, Instagram.capabilities):
        assert can.window_ms == 24 * 3_600_000
        assert can.late_ms == 7 * 24 * 3_600_000
    for public in (Messenger.public, Instagram.public):
        assert public.private_once_ms == 7 * 24 * 3_600_000
        assert public.public and public.moderation and public.window_ms is None


def test_the_fields_to_subscribe() -> None:
    (listed,) = re.findall(r"subscribed_fields=([a-z_,]+)'", GUIDES["messenger"])
    assert {*FIELDS, "feed"} <= set(listed.split(","))


@pytest.mark.parametrize("kind", ADAPTERS)
def test_the_stand_ins_defaults(kind: str) -> None:
    settings = Settings()
    for value in (settings.access_token, settings.app_secret, settings.verify_token):
        assert value in GUIDES[kind]
    assert settings.account_id in GUIDES["messenger"]
