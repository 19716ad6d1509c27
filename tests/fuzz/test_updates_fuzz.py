"""A hundred thousand spoiled Telegram updates, and as many webhook calls: none is too much for parser or server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from server.sandbox.webhook import Settings, sign
from tests.channels import test_telegram_total, test_webhook_channel
from tests.channels.telegram_updates import RICH, TOKEN
from tests.conformance.telegram_documents import updates
from tests.fuzz.mutations import spoiled
from tests.fuzz.run import DOCUMENTS, Calls, dice, read_many, take_and_keep

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SHARES = 4
POSTED = 3_000
#: bytes of a call: the server takes 5 MB
LARGEST = 4 * 1024 * 1024
SECRET_TOKEN = "our-word"
SECRET = Settings().secret


def _telegram() -> list[str]:
    return [json.dumps(update) for update in RICH] + [path.read_text() for path in updates()]


def _webhook() -> list[str]:
    return [json.dumps(call) for call in test_webhook_channel.RICH] + [
        json.dumps(item) for call in test_webhook_channel.RICH if isinstance(call, list) for item in call
    ]


class Kind(NamedTuple):
    """An adapter to fuzz: documents to spoil, what must hold of each, a channel, and how calls are known."""

    name: str
    good: Callable[[], list[str]]
    check: Callable[[bytes], None]
    settings: dict[str, str]
    headers: Callable[[bytes, int], dict[str, str]]
    #: whether the same bytes are the same call
    by_body: bool


def _sign(body: bytes, n: int) -> dict[str, str]:
    now = int(time.time())
    signature = sign(SECRET, f"m{n}", now, body)
    return {"webhook-id": f"m{n}", "webhook-timestamp": str(now), "webhook-signature": signature}


KINDS = (
    Kind(
        "telegram",
        _telegram,
        test_telegram_total.check,
        {"token": TOKEN, "mode": "webhook", "secret_token": SECRET_TOKEN, "api_url": "http://127.0.0.1:9"},
        lambda body, n: {"X-Telegram-Bot-Api-Secret-Token": SECRET_TOKEN},
        True,
    ),
    Kind("webhook", _webhook, test_webhook_channel.check, {"secret": SECRET}, _sign, False),
)


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_nothing_is_too_much_for_the_parser(kind: Kind, share: int, say: Callable[[str], None]) -> None:
    good, luck = kind.good(), dice(share)
    read_many(DOCUMENTS // SHARES, luck, lambda chance: spoiled(chance.choice(good), chance), kind.check)
    if share == 0:
        say(f"{DOCUMENTS} spoiled {kind.name} documents read, seed {luck.seed}")


def _own_ids(document: str, n: int) -> str:
    """The same with another message in it: one that was taken before is no test."""
    head = n + 1
    return document.replace('"update_id": ', f'"update_id": {head}').replace('"message_id": ', f'"message_id": {head}')


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_server_takes_and_keeps_them(kind: Kind, tmp_path: Path, say: Callable[[str], None]) -> None:
    seed, chance = dice(-1)
    good = kind.good()
    made_up = (spoiled(_own_ids(chance.choice(good), n), chance) for n in range(POSTED))
    bodies = [body for body in made_up if 0 < len(body) < LARGEST]
    calls = Calls(kind.name, kind.settings, bodies, kind.headers, by_body=kind.by_body)
    say(await take_and_keep(tmp_path, calls, seed))
