"""Documents of Meta's products, signed and posted to a real server, each to a channel of its own (they share ids)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from server.sandbox.graph_hooks import sign
from server.wire import NewChannel
from tests.real_server import RealServer, _json

SECRET = "the app's secret"
#: nobody listens there: files in the documents cannot be fetched, and nothing leaves this machine
NOWHERE = "http://127.0.0.1:9/v26.0"


class Posted(NamedTuple):
    """A server to which every document was posted twice; what it answered both times."""

    server: RealServer
    documents: Sequence[Path]
    answers: dict[Path, list[int]]

    def channel(self, path: Path) -> str:
        """The name of a document's channel."""
        return _channel(self.documents.index(path))

    def rows(self, path: Path, sql: str) -> list[Any]:
        """Rows of `sql` with the name of the document's channel as its parameter."""
        url = f"file:{self.server.data / 'agent-console.db'}?mode=ro"
        with closing(sqlite3.connect(url, uri=True)) as database:
            return database.execute(sql, (self.channel(path),)).fetchall()


def post_all(server: RealServer, kind: str, account: str, documents: Sequence[Path]) -> Posted:
    """Post them to a server that is not started yet. `account`: the setting that has the account's id."""
    server.init().start()
    server.sign_in_all()
    answers: dict[Path, list[int]] = {}
    with server.client("admin") as admin, httpx.Client(trust_env=False, timeout=30) as provider:
        for n, path in enumerate(documents):
            settings = {
                account: f"90000{n:04}",
                "access_token": "token",
                "app_secret": SECRET,
                "verify_token": "verify",
                "graph_url": NOWHERE,
            }
            channel = NewChannel(kind=kind, name=_channel(n), settings=settings)
            made = admin.post("/channels", content=_json(channel))
            assert made.is_success, made.text
            body = path.read_bytes()
            headers = {"X-Hub-Signature-256": sign(SECRET, body), "Content-Type": "application/json"}
            hook = f"{server.url}/hooks/{channel.name}"
            answers[path] = [provider.post(hook, content=body, headers=headers).status_code for _ in range(2)]
    return Posted(server, documents, answers)


def _channel(n: int) -> str:
    return f"of-{n}"
