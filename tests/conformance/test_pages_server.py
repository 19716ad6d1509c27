"""Every document of a Page or an Instagram account, signed and posted to a real server: a 200, and stored once."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from server.wire import NewChannel
from tests.conformance.pages_documents import documents, fate
from tests.real_server import RealServer, _json

DOCUMENTS = documents()
SECRET = "the app's secret"
#: nobody listens there: files in the documents cannot be fetched, and nothing leaves this machine
NOWHERE = "http://127.0.0.1:9/v26.0"
_STORED = ("MessageFact", "ReactionFact")


class Posted(NamedTuple):
    """A server to which every document was posted twice, each to a channel of its own (they share ids)."""

    server: RealServer
    answers: dict[Path, list[int]]

    def rows(self, path: Path, sql: str) -> list[Any]:
        """Rows of `sql` with the document's channel as its parameter."""
        url = f"file:{self.server.data / 'agent-console.db'}?mode=ro"
        with closing(sqlite3.connect(url, uri=True)) as database:
            return database.execute(sql, (_channel(path),)).fetchall()


def _channel(path: Path) -> str:
    return f"fb-{DOCUMENTS.index(path)}"


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory, shared_dir: Path) -> Iterator[Posted]:
    with RealServer(tmp_path_factory.mktemp("conformance")) as server:
        server.init().start()
        server.sign_in_all()
        answers: dict[Path, list[int]] = {}
        with server.client("admin") as admin, httpx.Client(trust_env=False, timeout=30) as provider:
            for n, path in enumerate(DOCUMENTS):
                settings = {
                    "page_id": f"90000{n:04}",
                    "access_token": "token",
                    "app_secret": SECRET,
                    "verify_token": "verify",
                    "graph_url": NOWHERE,
                }
                channel = NewChannel(kind="messenger", name=_channel(path), settings=settings)
                made = admin.post("/channels", content=_json(channel))
                assert made.is_success, made.text
                body = path.read_bytes()
                digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
                headers = {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}
                hook = f"{server.url}/hooks/{channel.name}"
                answers[path] = [provider.post(hook, content=body, headers=headers).status_code for _ in range(2)]
        yield Posted(server, answers)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_taken_both_times(posted: Posted, path: Path) -> None:
    assert posted.answers[path] == [200, 200]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_stored_once(posted: Posted, path: Path) -> None:
    """Messages as messages, words about messages we never saw in the conversation of whoever said them (or, if that is
    nobody, as a notice), news as notices; the raw call in any case."""
    wanted = fate(path).facts
    (kept,) = posted.rows(
        path, "SELECT count(*) FROM deliveries WHERE channel_id = (SELECT id FROM channels WHERE name = ?)"
    )
    assert kept == (1,)
    rows = posted.rows(
        path, "SELECT kind, text, direction FROM messages WHERE channel_id = (SELECT id FROM channels WHERE name = ?)"
    )
    notices = posted.rows(
        path,
        "SELECT data FROM events WHERE kind = 'channel.notice' AND json_extract(data, '$.channel') = ?",
    )
    assert len(rows) >= sum(name in _STORED for name in wanted)
    about = sum(name in ("EditFact", "RevokeFact", "HideFact", "NoticeFact") for name in wanted)
    assert len(rows) + len(notices) == sum(name in _STORED for name in wanted) + about
    _, kind, text = fate(path).message
    if kind:
        assert rows == [(kind, text, "in")]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_public_and_direct_are_kept_apart(posted: Posted, path: Path) -> None:
    rows = posted.rows(
        path,
        "SELECT surface, thread FROM conversations WHERE channel_id = (SELECT id FROM channels WHERE name = ?)",
    )
    for surface, thread in rows:
        assert (surface == "comment") == thread.startswith(("post:", "ratings:")), thread
        assert (surface == "comment") != path.stem.startswith("messaging")


def test_the_ad_they_came_from_is_kept(posted: Posted) -> None:
    path = next(path for path in DOCUMENTS if path.stem == "messaging-postback-referral")
    ((campaign,),) = posted.rows(
        path, "SELECT campaign FROM conversations WHERE channel_id = (SELECT id FROM channels WHERE name = ?)"
    )
    assert json.loads(campaign)["ref"] == "ref_data_in_m_dot_me_param"


def test_nothing_needs_a_replay(posted: Posted) -> None:
    with posted.server.client("admin") as api:
        for state in ("failed", "partial"):
            assert api.get("/deliveries", params={"state": state}).json()["items"] == []
