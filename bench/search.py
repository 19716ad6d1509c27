"""Searching a large store as the server answers over HTTP: words of messages, phrases, fields, and both at once.

Beside what `pages` measures, the store has tags, regions and clocks that fields can ask for. Every message holds the
same polite words, one of fourteen subjects and a number of its own: a frequent word is in all of them, a rare one in
one. The bars are 10 ms for a page and a thread and 50 ms for a search, at p99.

Each is timed over HTTP and, beside it, inside a store opened here for reading (`inside_…`, with `cpu_p50_ms`), where
nothing waits for the load of the machine but the question itself. A page may be empty and lead on: `pages` says how
many it takes to fill one, and `whole_ms` how long that takes.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.figures import machine, rss_mb, spread
from bench.pages import ListCursors, large_server
from server import wire
from server.commands.door import Actor
from server.commands.inbox import ListConversations
from server.store.engine import open_reader
from server.store.secrets import SecretBox
from server.store.store import Snapshot, now_ms

ROUNDS = 100
#: rows of a page, and pages followed at most for a full one
PAGE, MOST_PAGES = 50, 1_000
#: one conversation in so many has the tag, lives in the other region, has a clock
TAGS = {"mora": 50, "vip": 1_000, "tarjeta": 10}
ELSEWHERE, CLOCKED = 10, 100
#: what is asked for, and each bar (p99, ms); `{n}` is another number each time
QUERIES = {
    "word in every message": "consulta",
    "word in 1 of 14": "tarjeta",
    "word in one message": "{n}",
    "word in none": "zapatos",
    "two words": "tarjeta favor",
    "frequent word and a rare one": "consulta {n}",
    "phrase": '"sobre tarjeta"',
    "phrase in none": '"tarjeta sobre"',
    "beginning of a word": "tarj",
    "beginning of a word in every message": "consu",
    "name": "maria ramos",
    "tag:, 1 of 50": "tag:mora",
    "tag:, 1 of 1,000": "tag:vip",
    "from: a name": "from:maria",
    "from: the beginning of a name": "from:mar",
    "from: a number": "from:{phone}",
    "region:": "region:morazan",
    "sla<": "sla<10m",
    "unassigned": "-assigned",
    "all of it": "channel:whatsapp sla<10m -assigned region:morazan tag:tarjeta",
    "word and tag": "tarjeta tag:mora",
    "word and unassigned": "consulta -assigned",
    "word, region and tag": "tarjeta region:morazan tag:vip",
    "word or tag": "zapatos OR tag:vip",
    "subject of none": "subject:nada",
}
BARS = {"inbox first page": 10.0, "inbox page at depth": 10.0, "thread": 10.0}


def dress(conn: sqlite3.Connection) -> None:
    """Give the filled store what fields ask for."""
    now = time.time_ns() // 1_000_000
    for tag, (name, each) in enumerate(TAGS.items(), 1):
        conn.execute("INSERT INTO tags (id, name, created_at) VALUES (?, ?, ?)", (tag, name, now))
        conn.execute("INSERT INTO conversation_tags SELECT id, ? FROM conversations WHERE id % ? = 1", (tag, each))
    conn.execute("INSERT OR REPLACE INTO counters (name, value) VALUES ('tag', ?)", (len(TAGS),))
    conn.execute("UPDATE contacts SET region = 'Morazán' WHERE id % ? = 1", (ELSEWHERE,))
    conn.execute(
        "UPDATE conversations SET sla_target = 'first_response', sla_started_at = :now, sla_warn_at = :now + id * 7,"
        " sla_due_at = :now + id * 10, sort_key = :now + id * 10 WHERE id % :each = 1",
        {"now": now, "each": CLOCKED},
    )


class Inside:
    """The same questions asked of the store itself, in this process."""

    def __init__(self, path: Path) -> None:
        self._conn = open_reader(path)
        self._secrets = SecretBox.load(path.parent / "secret.key")
        (id,) = self._conn.execute("SELECT id FROM users WHERE role = 'supervisor'").fetchone()
        self._who = Actor("user", id, "supervisor", "supervisor")

    def ask(self, query: str, filled: Callable[[str], str]) -> dict[str, Any]:
        """How long a page takes, and a full one."""
        took, cpu = [], []
        for _ in range(ROUNDS):
            began, worked = time.perf_counter(), time.process_time()
            self._page(filled(query), None)
            took.append(time.perf_counter() - began)
            cpu.append(time.process_time() - worked)
        figures = {f"inside_{name}": value for name, value in spread(took).items()}
        text, after, pages, found = filled(query), None, 0, 0
        began = time.perf_counter()
        while pages == 0 or (after is not None and found < PAGE and pages < MOST_PAGES):
            page = self._page(text, after)
            pages, found, after = pages + 1, found + len(page.items), page.next
        whole = round((time.perf_counter() - began) * 1000, 1)
        return {**figures, "cpu_p50_ms": spread(cpu)["p50_ms"], "pages": pages, "in_all": found, "whole_ms": whole}

    def _page(self, query: str, after: str | None) -> wire.Page[wire.ConversationRow]:
        self._conn.execute("BEGIN")
        try:
            read = Snapshot(self._conn, now_ms(), self._secrets)
            return ListConversations(q=query, view="all", limit=PAGE, after=after).run(read, self._who)
        finally:
            self._conn.execute("ROLLBACK")


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    messages = options.messages or options.conversations
    with large_server(options, dress) as server, server.client("supervisor") as api:

        def get(path: str, **params: Any) -> dict[str, Any]:
            answer = api.get(path, params=params)
            assert answer.status_code == 200, answer.text
            body: dict[str, Any] = answer.json()
            return body

        def filled(query: str) -> str:
            n = chance.randint(1, messages)
            return query.format(n=n, phone=503_60_000_000 + n % options.conversations)

        def search(query: str) -> dict[str, Any]:
            return get("/conversations", q=filled(query), view="all", limit=PAGE)

        deep = ListCursors(get)
        asks: dict[str, Callable[[], dict[str, Any]]] = {
            "nothing (floor of HTTP)": lambda: get("/me"),
            "inbox first page": lambda: get("/conversations", view="open", limit=50),
            "inbox page at depth": lambda: get("/conversations", view="open", limit=50, after=deep.pick(chance)),
            "thread": lambda: get(f"/conversations/{chance.randint(1, options.conversations)}/messages"),
        }
        asks |= {name: lambda query=query: search(query) for name, query in QUERIES.items()}  # type: ignore[misc]
        assert server.process is not None
        inside = Inside(server.data / "agent-console.db")
        for name, ask in asks.items():
            found = len(ask().get("items", ()))
            took = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                ask()
                took.append(time.perf_counter() - began)
            figures = spread(took)
            bar = BARS.get(name, 50.0)
            yield {
                "what": name,
                "query": QUERIES.get(name, ""),
                "found": found,
                **figures,
                **(inside.ask(QUERIES[name], filled) if name in QUERIES else {}),
                "bar_p99_ms": bar,
                "met": figures["p99_ms"] <= bar,
                "conversations": options.conversations,
                "messages": messages,
                "server_rss_mb": rss_mb(server.process.pid),
                "machine": machine(),
            }
