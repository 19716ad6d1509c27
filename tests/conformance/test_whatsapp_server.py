"""Every WhatsApp document, signed and posted to a real server: a 200 each time, and all of it stored exactly once."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from server.wire import NewChannel
from tests.conformance.whatsapp_documents import documents, expected
from tests.real_server import RealServer, _json

DOCUMENTS = documents()
SECRET = "the app's secret"
#: kinds that are kept, but shown on the message they speak of instead of as lines of their own
SHOWN_ELSEWHERE = ("reaction", "edit", "revoke")
#: nobody listens there: files in the documents cannot be fetched, and nothing leaves this machine
NOWHERE = "http://127.0.0.1:9/v26.0"


class Posted(NamedTuple):
    """A server to which every document was posted twice, each to a channel of its own (they share message ids)."""

    server: RealServer
    answers: dict[Path, list[int]]

    def database(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.server.data / 'agent-console.db'}?mode=ro", uri=True)

    def stored(self, path: Path, sql: str) -> list[Any]:
        """Rows of `sql` with the document's channel as its parameter."""
        with closing(self.database()) as database:
            return database.execute(sql, (_channel(path),)).fetchall()


def _channel(path: Path) -> str:
    return f"wa-{DOCUMENTS.index(path)}"


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory, shared_dir: Path) -> Iterator[Posted]:
    with RealServer(tmp_path_factory.mktemp("conformance")) as server:
        server.init().start()
        server.sign_in_all()
        answers: dict[Path, list[int]] = {}
        with server.client("admin") as admin, httpx.Client(trust_env=False, timeout=30) as provider:
            for n, path in enumerate(DOCUMENTS):
                settings = {
                    "phone_number_id": f"90000{n:04}",
                    "access_token": "token",
                    "app_secret": SECRET,
                    "verify_token": "verify",
                    "graph_url": NOWHERE,
                }
                channel = NewChannel(kind="whatsapp", name=_channel(path), settings=settings)
                made = admin.post("/channels", content=_json(channel))
                assert made.is_success, made.text
                body = path.read_bytes()
                digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
                headers = {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}
                hook = f"{server.url}/hooks/{channel.name}"
                answers[path] = [provider.post(hook, content=body, headers=headers).status_code for _ in range(2)]
        yield Posted(server, answers)


def _shown(posted: Posted, path: Path) -> list[dict[str, Any]]:
    """The messages of a document's channel, through the API."""
    with posted.server.client("supervisor") as api:
        found: list[dict[str, Any]] = []
        rows = api.get("/conversations", params={"view": "all", "channel": _channel(path), "limit": 200}).json()
        for row in rows["items"]:
            page = api.get(f"/conversations/{row['id']}/messages", params={"limit": 200}).json()
            found += page["items"]
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_taken_both_times(posted: Posted, path: Path) -> None:
    assert posted.answers[path] == [200, 200]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_message_is_there_once(posted: Posted, path: Path) -> None:
    wanted = expected(path).messages
    rows = posted.stored(
        path, "SELECT external_id FROM messages WHERE channel_id = (SELECT id FROM channels WHERE name = ?)"
    )
    assert Counter(id for (id,) in rows) == dict.fromkeys({item.id for item in wanted}, 1)
    shown = {message["external_id"]: message for message in _shown(posted, path)}
    for item in wanted:
        if item.type in SHOWN_ELSEWHERE:
            continue
        assert item.id in shown
        assert shown[item.id]["direction"] == "in"
    texts = {message["text"] for message in shown.values()}
    first_of_each = {item.id: item.text for item in reversed(wanted) if item.text}
    assert set(first_of_each.values()) <= texts


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_status_is_there_once(posted: Posted, path: Path) -> None:
    rows = posted.stored(
        path, "SELECT external_id, status FROM receipts WHERE channel_id = (SELECT id FROM channels WHERE name = ?)"
    )
    assert Counter(rows) == dict.fromkeys({(item.id, item.type) for item in expected(path).statuses}, 1)


def test_nothing_needs_a_replay(posted: Posted) -> None:
    with posted.server.client("admin") as api:
        for state in ("failed", "partial"):
            assert api.get("/deliveries", params={"state": state}).json()["items"] == []
