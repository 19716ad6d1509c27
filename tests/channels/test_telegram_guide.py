"""docs/channels/telegram.md says what the code does: settings, refusals, limits, the stand-in's defaults."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from server.channels.telegram import API_URL, Telegram
from server.channels.telegram_content import LARGEST_FILE
from server.channels.telegram_errors import send_error
from server.channels.telegram_send import CAPABILITIES
from server.facts import REASONS
from server.sandbox.telegram import BotApi, Settings, serve

GUIDE = (Path(__file__).resolve().parents[2] / "docs/channels/telegram.md").read_text()
ROWS = [row for row in re.findall(r"^\| (\d[^|]+) \| `(\w+)` \|", GUIDE, re.MULTILINE) if row[1] in REASONS]


def _cases() -> list[tuple[int, str, str]]:
    """(status, words, reason) for each thing that a row of the table names."""
    found = []
    for cell, reason in ROWS:
        status = 0
        for part in re.split(r"[,;] ", cell):
            number, _, words = part.partition(" ")
            status, words = (int(number), words) if number.isdigit() else (status, part)
            found.append((status, words.removeprefix("with "), reason))
    return found


def test_the_table_is_there() -> None:
    assert len(ROWS) > 9 and len(_cases()) > 14


@pytest.mark.parametrize(("status", "words", "reason"), _cases())
def test_refusals_mean_here_what_the_guide_says(status: int, words: str, reason: str) -> None:
    said = f'{{"ok": false, "error_code": {status}, "description": "Bad Request: {words}"}}'
    assert send_error(httpx.Response(status, content=said.encode()), repeatable=False).failure.reason == reason


def test_settings_and_limits() -> None:
    for option in Telegram.options:
        assert f"| `{option.name}` |" in GUIDE
        assert f"--set {option.name}=" in GUIDE
    assert API_URL in GUIDE
    assert f"texts {CAPABILITIES.text_limit:,}" in GUIDE
    assert f"hold {CAPABILITIES.caption_limit:,}" in " ".join(GUIDE.split())
    megabyte = 1024 * 1024
    assert f"photo {CAPABILITIES.media['image'] // megabyte} MB" in GUIDE
    assert f"video, audio and documents {CAPABILITIES.media['document'] // megabyte} MB" in GUIDE
    assert f"stickers {CAPABILITIES.media['sticker'] // 1024} KB" in GUIDE
    assert f"files of up to {LARGEST_FILE // megabyte} MB" in GUIDE
    assert (CAPABILITIES.pair_interval_ms, 1000 // CAPABILITIES.account_interval_ms) == (1000, 29)


async def test_the_stand_in_as_the_guide_uses_it(http: httpx.AsyncClient) -> None:
    assert Settings().token in GUIDE
    bot = BotApi()
    async with serve(bot) as url:
        asked = re.search(r"/_control/inbound -d '(.*)'", GUIDE)
        assert asked is not None
        answer = await http.post(f"{url}/_control/inbound", content=asked[1].encode())
        assert answer.is_success, answer.text
        assert bot.state.chats[5037001].first_name == "María"
        assert (await http.get(f"{url}/_control/chats/5037001/messages")).json() == {"items": []}
