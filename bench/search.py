"""Searching a large store as the server answers over HTTP: words of messages, phrases, fields, and both at once.

Beside what `pages` measures, the store has tags, regions and clocks that fields can ask for. Every message holds the
same polite words, one of fourteen subjects and a number of its own: a frequent word is in all of them, a rare one in
one. The bars are 10 ms for a page and a thread and 50 ms for a search, at p99.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench.figures import machine, rss_mb, spread
from bench.pages import ListCursors, large_server

ROUNDS = 100
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
    "tag:, 1 of 50": "tag:mora",
    "tag:, 1 of 1,000": "tag:vip",
    "from: a name": "from:maria",
    "from: a number": "from:{phone}",
    "region:": "region:morazan",
    "sla<": "sla<10m",
    "unassigned": "-assigned",
    "all of it": "channel:whatsapp sla<10m -assigned region:morazan tag:tarjeta",
    "word and tag": "tarjeta tag:mora",
    "word and unassigned": "consulta -assigned",
    "word, region and tag": "tarjeta region:morazan tag:vip",
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


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    messages = options.messages or options.conversations
    with large_server(options, dress) as server, server.client("supervisor") as api:

        def get(path: str, **params: Any) -> dict[str, Any]:
            answer = api.get(path, params=params)
            assert answer.status_code == 200, answer.text
            body: dict[str, Any] = answer.json()
            return body

        def search(query: str) -> dict[str, Any]:
            n = chance.randint(1, messages)
            phone = 503_60_000_000 + n % options.conversations
            return get("/conversations", q=query.format(n=n, phone=phone), view="all", limit=50)

        deep = ListCursors(get)
        asks: dict[str, Callable[[], dict[str, Any]]] = {
            "nothing (floor of HTTP)": lambda: get("/me"),
            "inbox first page": lambda: get("/conversations", view="open", limit=50),
            "inbox page at depth": lambda: get("/conversations", view="open", limit=50, after=deep.pick(chance)),
            "thread": lambda: get(f"/conversations/{chance.randint(1, options.conversations)}/messages"),
        }
        asks |= {name: lambda query=query: search(query) for name, query in QUERIES.items()}  # type: ignore[misc]
        assert server.process is not None
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
                "bar_p99_ms": bar,
                "met": figures["p99_ms"] <= bar,
                "conversations": options.conversations,
                "messages": messages,
                "server_rss_mb": rss_mb(server.process.pid),
                "machine": machine(),
            }
