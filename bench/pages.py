"""Inbox pages, threads, search and opening a conversation on a large store, as the server answers them over HTTP."""

from __future__ import annotations

import argparse
import contextlib
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import hooks
from bench.figures import machine, rss_mb, spread
from bench.fill import VERSION, fill
from server.store.engine import open_writer
from tests.real_server import RealServer

ROUNDS = 300


@contextlib.contextmanager
def large_server(
    options: argparse.Namespace, dress: Callable[[sqlite3.Connection], None] | None = None
) -> Iterator[RealServer]:
    """A running server with `--conversations` in its store; built anew unless `--store` has it. `dress` adds to it."""
    with contextlib.ExitStack() as stack:
        kept = Path(options.store) if options.store else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kept.mkdir(parents=True, exist_ok=True)
        server = stack.enter_context(RealServer(kept))
        filled = kept / f"filled-{VERSION}-{options.conversations}-{options.messages}"
        if not filled.exists():
            server.init().start().sign_in_all()
            with server.client("admin") as admin:
                made = admin.post("/channels", json={"kind": "whatsapp", "name": "wa", "settings": hooks.SETTINGS})
                assert made.is_success, made.text
            server.stop()
            fill(
                server.data, options.conversations, options.messages or options.conversations, server.people["advisor"]
            )
            filled.touch()
        dressed = kept / f"dressed-{dress.__module__}" if dress is not None else None
        if dress is not None and dressed is not None and not dressed.exists():
            with contextlib.closing(open_writer(server.data / "agent-console.db")) as conn:
                conn.execute("BEGIN")
                dress(conn)
                conn.execute("COMMIT")
            dressed.touch()
        server.start()
        server.tokens = {role: server.sign_in(name) for role, name in server.people.items()}
        yield server


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    with large_server(options) as server, server.client("advisor") as api:

        def get(path: str, **params: Any) -> dict[str, Any]:
            answer = api.get(path, params=params)
            assert answer.status_code == 200, answer.text
            body: dict[str, Any] = answer.json()
            return body

        deep = ListCursors(get)
        words = ("tarjeta", "credito cuota", "remesa", "consulta 4711", "prestamo saldo", "boleta")
        kinds: dict[str, Callable[[], Any]] = {
            "inbox first page": lambda: get("/conversations", view="open", limit=50),
            "inbox page at depth": lambda: get("/conversations", view="open", limit=50, after=deep.pick(chance)),
            "inbox last page": lambda: get("/conversations", view="resolved", limit=50, before="end"),
            "thread": lambda: get(f"/conversations/{chance.randint(1, options.conversations)}/messages"),
            "open": lambda: get(f"/conversations/{chance.randint(1, options.conversations)}"),
            "search": lambda: get("/conversations", q=chance.choice(words)),
            "counts": lambda: get("/conversations/counts"),
            "nothing (floor of HTTP)": lambda: get("/me"),
        }
        assert server.process is not None
        for name, ask in kinds.items():
            ask()
            took = []
            for _ in range(ROUNDS):
                started = time.perf_counter()
                ask()
                took.append(time.perf_counter() - started)
            yield {
                "what": name,
                "conversations": options.conversations,
                "messages": options.messages or options.conversations,
                **spread(took),
                "server_rss_mb": rss_mb(server.process.pid),
                "machine": machine(),
            }


class ListCursors:
    """Cursors at random depths of the open view: the form is ours to know here (sort key and id)."""

    def __init__(self, get: Callable[..., dict[str, Any]]) -> None:
        first = get("/conversations", view="open", limit=1)["items"][0]
        last = get("/conversations", view="open", limit=1, before="end")["items"][0]
        self.low, self.high = first["sort_key"], last["sort_key"]

    def pick(self, chance: random.Random) -> str:
        return f"{chance.randint(self.low, self.high)}-0"
