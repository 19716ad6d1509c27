"""A hundred thousand spoiled documents each of Messenger and Instagram: none is too much for parser or server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.sandbox.graph_hooks import sign
from tests.channels.pages import ACCOUNTS, SECRET
from tests.channels.test_pages_total import RICH, check
from tests.conformance.pages_documents import documents
from tests.fuzz.mutations import spoiled
from tests.fuzz.run import DOCUMENTS, Calls, dice, read_many, take_and_keep

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

KINDS = ("messenger", "instagram")
SHARES = 8
POSTED = 3_000
ID = {"messenger": "page_id", "instagram": "account_id"}


def _good(kind: str) -> list[str]:
    """Documents to spoil: our own, and those that nobody here wrote if they are there."""
    rich: dict[str, Any] = RICH[KINDS.index(kind)]
    own: list[str] = []
    for entry in rich["entry"]:
        for key in ("messaging", "standby", "changes"):
            for each in entry.get(key, ()):
                small = {"id": entry["id"], "time": entry["time"], key: [each]}
                own.append(json.dumps({"object": rich["object"], "entry": [small]}))
    others = [path for path in documents() if path.parent.name == kind]
    return [*own, json.dumps(rich), *(path.read_text() for path in others)]


def _own_ids(document: str, n: int) -> str:
    """The same with other messages in it: one that was taken before is no test."""
    return document.replace('"m_', f'"m_{n}.').replace('"1_', f'"{n}_').replace('"179"', f'"179{n}"')


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_unreadable_to_the_parser(kind: str, share: int, say: Callable[[str], None]) -> None:
    good, luck = _good(kind), dice(kind, share)
    read_many(DOCUMENTS // SHARES, luck, lambda chance: spoiled(chance.choice(good), chance), check)
    if share == 0:
        say(f"{DOCUMENTS} spoiled {kind} documents read, seed {luck.seed}")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_takes_and_keeps_them(tmp_path: Path, kind: str, say: Callable[[str], None]) -> None:
    seed, chance = dice(kind, -1)
    good = _good(kind)
    bodies = [body for n in range(POSTED) if (body := spoiled(_own_ids(chance.choice(good), n), chance))]
    settings = {"access_token": "t", "app_secret": SECRET, "verify_token": "v", ID[kind]: ACCOUNTS[kind]}
    settings["graph_url"] = "http://127.0.0.1:9/v26.0"
    calls = Calls(kind, settings, bodies, lambda body, n: {"X-Hub-Signature-256": sign(SECRET, body)})
    say(await take_and_keep(tmp_path, calls, seed))
