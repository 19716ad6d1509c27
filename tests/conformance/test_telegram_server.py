"""Every Telegram update, fetched by a real server and posted to it: all of it stored once, or kept as a notice."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from server.sandbox.telegram import BotApi, Settings, serve
from server.sandbox.telegram_state import Held
from tests.conformance.telegram_documents import expected, kind_of, read, updates
from tests.faults.office import until
from tests.real_server import RealServer

#: they share a server that takes seconds to fill
pytestmark = pytest.mark.xdist_group("telegram documents")

UPDATES = updates()
SECRET = "a-word-of-ours"
WAYS = ("poll", "hook")


class Played(NamedTuple):
    """What is in the store. `answers`: what the posted documents got, each posted twice."""

    messages: Counter[tuple[str, str]]
    notices: Counter[tuple[str, str]]
    states: Counter[str]
    answers: dict[Path, list[int]]


def _channel(way: str, path: Path) -> str:
    return f"{way}-{UPDATES.index(path)}"


def _token(path: Path) -> str:
    return f"{7000 + UPDATES.index(path)}:sandbox-bot-token-0123456789abcdef"


async def _play(home: Path) -> Played:
    """Each document comes to two channels of its own (documents share ids): one fetches it, one is posted it."""
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(RealServer(home))
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        admin = stack.enter_context(server.client("admin"))
        provider = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))
        bots: list[BotApi] = []
        answers: dict[Path, list[int]] = {}
        for path in UPDATES:
            bot = BotApi(Settings(token=_token(path)))
            document = read(path)
            held = Held(
                id=document["update_id"], at=bot.state.clock(), kind=kind_of(path), body=path.read_bytes(), again=1
            )
            bot.state.updates.append(held)
            bots.append(bot)
            url = await stack.enter_async_context(serve(bot))
            polled = {"token": _token(path), "api_url": url}
            posted = {"token": _token(path), "mode": "webhook", "secret_token": SECRET, "api_url": "http://127.0.0.1:9"}
            for way, given in (("poll", polled), ("hook", posted)):
                body = {"kind": "telegram", "name": _channel(way, path), "settings": given}
                made = await asyncio.to_thread(admin.post, "/channels", json=body)
                assert made.is_success, made.text
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            hook = f"{server.url}/hooks/{_channel('hook', path)}"
            answers[path] = [
                (await provider.post(hook, content=path.read_bytes(), headers=headers)).status_code for _ in range(2)
            ]

        async def fetched() -> bool:
            """Each was offered, confirmed, offered once more and confirmed again."""
            return all(not bot.state.updates for bot in bots)

        await until(fetched, "all updates fetched")
        assert await asyncio.to_thread(server.stop) == 0
        path = (server.data / "agent-console.db").resolve()
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as store:
            return Played(
                Counter(
                    _rows(store, "SELECT c.name, m.external_id FROM messages m JOIN channels c ON c.id = m.channel_id")
                ),
                Counter(
                    _rows(
                        store,
                        "SELECT json_extract(data, '$.channel'), json_extract(data, '$.notice') FROM events"
                        " WHERE kind = 'channel.notice'",
                    )
                ),
                Counter(state for (state,) in _rows(store, "SELECT state FROM deliveries")),
                answers,
            )


def _rows(store: sqlite3.Connection, sql: str) -> list[Any]:
    return store.execute(sql).fetchall()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, shared_dir: Path) -> Played:
    return asyncio.run(_play(tmp_path_factory.mktemp("telegram")))


@pytest.mark.parametrize("path", UPDATES, ids=lambda path: path.stem)
def test_posted_twice_taken_twice(played: Played, path: Path) -> None:
    assert played.answers[path] == [200, 200]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", UPDATES, ids=lambda path: path.stem)
def test_stored_once_or_a_notice(played: Played, path: Path, way: str) -> None:
    channel = _channel(way, path)
    assert {id: n for (name, id), n in played.messages.items() if name == channel} == dict.fromkeys(expected(path), 1)
    notices = {kind: n for (name, kind), n in played.notices.items() if name == channel}
    assert notices == ({} if expected(path) else {kind_of(path): 1})


def test_nothing_needs_a_replay(played: Played) -> None:
    assert played.states == {"done": 2 * len(UPDATES)}
