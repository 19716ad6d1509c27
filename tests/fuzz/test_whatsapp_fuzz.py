"""A hundred thousand spoiled WhatsApp documents: none is too much for the parser, none is too much for a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from server.sandbox.graph_hooks import sign
from tests.channels.documents import SECRET, SETTINGS
from tests.channels.test_whatsapp_total import RICH, check
from tests.conformance.whatsapp_documents import documents
from tests.fuzz.mutations import spoiled
from tests.fuzz.run import DOCUMENTS, Calls, dice, read_many, take_and_keep

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SHARES = 8
POSTED = 4_000


def _good() -> list[str]:
    """Documents to spoil: our own, and those that nobody here wrote if they are there."""
    own = [json.dumps(RICH)]
    for change in RICH["entry"][0]["changes"]:
        own.append(json.dumps({"object": RICH["object"], "entry": [{"id": "1", "changes": [change]}]}))
        for message in change["value"].get("messages", ()):
            value = {**change["value"], "messages": [message], "statuses": []}
            small = {"id": "1", "changes": [{"field": "messages", "value": value}]}
            own.append(json.dumps({"object": RICH["object"], "entry": [small]}))
    return own + [path.read_text() for path in documents()]


def _own_ids(document: str, n: int) -> str:
    """The same with other messages in it: one that was taken before is no test."""
    return document.replace("wamid.", f"wamid.{n}.")


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_unreadable_to_the_parser(share: int, say: Callable[[str], None]) -> None:
    good, luck = _good(), dice(share)
    read_many(DOCUMENTS // SHARES, luck, lambda chance: spoiled(chance.choice(good), chance), check)
    if share == 0:
        say(f"{DOCUMENTS} spoiled documents read, seed {luck.seed}")


async def test_a_server_takes_and_keeps_them(tmp_path: Path, say: Callable[[str], None]) -> None:
    seed, chance = dice(-1)
    good = _good()
    bodies = [body for n in range(POSTED) if (body := spoiled(_own_ids(chance.choice(good), n), chance))]
    settings = {**SETTINGS, "graph_url": "http://127.0.0.1:9/v26.0"}
    calls = Calls("whatsapp", settings, bodies, lambda body, n: {"X-Hub-Signature-256": sign(SECRET, body)})
    say(await take_and_keep(tmp_path, calls, seed))
