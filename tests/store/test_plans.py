"""What waits to be done is found by an index: no list of it reads through what is over, however much that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server import query
from server.store import (
    alerts,
    automation,
    availability,
    filters,
    joined,
    lists,
    outbox,
    reminders,
    reviews,
    sla,
    transfers,
    wallboard,
)
from server.store.store import Snapshot, Store, Tx

Ask = Callable[[Snapshot], Any]


def search(text: str, **more: Any) -> Ask:
    """A page of what a query finds."""
    context = filters.Context(me=1, now=0, day_start=lambda day: 0)
    return lambda read: lists.listing(read, lists.Filter(tree=query.parse(text), context=context, **more))


Do = Callable[[Tx], Any]

#: tables that keep what is over
GROWING = {"conversations", "messages", "events", "alerts", "transfers", "reminders", "reviews", "sla_clocks"}
GROWING |= {"last_seen", "outbox"}
ASKED: dict[str, Ask] = {
    "open alerts": lambda read: alerts.listing(read, 1, ["supervisor", "admin"], 50),
    "my alerts": lambda read: alerts.listing(read, 1, [], 50),
    "alerts of a kind": lambda read: alerts.abouts(read, "help"),
    "alerts that go on": lambda read: alerts.due(read, 50),
    "transfers that wait for me": lambda read: transfers.listing(read, transfers.Filter(waiting=True, me=1)),
    "transfers that come back": lambda read: transfers.due(read, 50),
    "my reminders": lambda read: reminders.listing(read, 1, "mine", "open", None, 50),
    "everybody's reminders": lambda read: reminders.listing(read, 1, "all", "open", None, 50),
    "reminders whose time has come": lambda read: reminders.untold(read, 50),
    "late reminders": lambda read: reminders.unlate(read, 1, 50),
    "answers to review": lambda read: reviews.pending(read, None, 50),
    "answers to review for teams": lambda read: reviews.pending(read, [1, 2], 50),
    "late reviews": lambda read: reviews.late(read, 50),
    "answers to review in one": lambda read: reviews.waiting_in(read, 1),
    "clocks": lambda read: sla.due(read, 50),
    "the next clock": sla.next_due,
    "what is not resolved": lambda read: sla.unresolved(read, 0, 50),
    "the head of a queue": lambda read: availability.head(read, 1, ""),
    "what a queue needs": lambda read: availability.needs(read, 1),
    "a queue": lambda read: availability.queued(read, 1, "", 50),
    "what is in no team": lambda read: availability.queued(read, 0, "", 50),
    "what somebody has in hand": lambda read: availability.in_hand(read, 1, [1, 2], 50),
    "the wallboard": wallboard.open_work,
    "a search by words": search("tarjeta retenida"),
    "a search by words, further back": search("tarjeta", after=lists.Cursor(0, 0, filters.Part(9, 9))),
    "a search by words, going back": search("tarjeta", before=lists.Cursor(0, 0, filters.Part(9, 9))),
    "a search by a field": search("tag:mora"),
    "a search by who it is": search("from:maria region:oriente"),
    "a search by an address": search("from:50370001234"),
    "a search by what is few": search("is:flagged OR is:snoozed OR is:offered OR is:mentioned OR has:draft"),
    "a search by flags": search("is:reviewing OR contact:3"),
    "attempts that did not end": lambda read: outbox.leased(read, 1),
    "messages of channels that let nothing through": lambda read: outbox.stuck(read, 1, 50),
    "what was handed to and fro": lambda read: transfers.to_and_fro(read, 1_800_000_000_000, 50),
}
DONE: dict[str, Do] = {
    "who has read what is now one": lambda tx: joined.join_seen(tx, 1, 2),
    "who has read what is now two": lambda tx: joined.part_seen(tx, 1, 2, 3, 4),
    "who waits, when rules begin to ask": automation.fill_waits,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    directory: Path = tmp_path_factory.mktemp("store")
    opened = Store(directory)
    yield opened
    opened.close()


def plan(read: Snapshot, ask: Callable[[Any], Any]) -> list[str]:
    """The steps of every statement that a question asks, or an act does."""
    said: list[str] = []
    read.conn.set_trace_callback(said.append)
    ask(read)
    read.conn.set_trace_callback(None)
    assert said, "it asks something"
    return [
        step["detail"] for sql in said if not sql.startswith("--") for step in read.all(f"EXPLAIN QUERY PLAN {sql}")
    ]


def whole(read: Snapshot, steps: list[str]) -> list[str]:
    """Those that read a table from end to end which keeps what is over: all of it, or all of an index that is not only
    about what goes on."""
    aliases = {table[0]: table for table in GROWING}
    parts = {
        row["name"] for row in read.all("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'")
    }
    scans = [step.split() for step in steps if step.startswith("SCAN ")]
    whole = [scan for scan in scans if not parts & set(scan)]
    return [" ".join(scan) for scan in whole if aliases.get(scan[1], scan[1]) in GROWING]


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("-assigned", "conversations_assignee (assignee_id=?"),
        ("assignee:luis", "conversations_assignee (assignee_id=?"),
        ("is:mine subject:pago", "conversations_assignee (assignee_id=?"),
        ("sla<10m", "conversations_sort (sort_key<?"),
        ("is:resolved", "conversations_sort (sort_key>?"),
        ("is:waiting", "conversations_waiting"),
        ("subject:pago -tarjeta", "conversations_sort"),
    ],
)
def test_a_list_is_followed_by_an_index_in_its_order(store: Store, text: str, index: str) -> None:
    steps = store.read_now(lambda read: plan(read, search(text)))
    followed = [at for at, step in enumerate(steps) if step.split()[:2] in (["SEARCH", "c"], ["SCAN", "c"])]
    assert index in steps[followed[0]], steps
    assert "TEMP B-TREE" not in steps[followed[0] + 1], steps


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_over_is_not_read(store: Store, asked: str) -> None:
    assert not store.read_now(lambda read: whole(read, plan(read, ASKED[asked])))


@pytest.mark.parametrize("done", DONE)
def test_what_is_over_is_not_touched(store: Store, done: str) -> None:
    assert not store.write_now("system", lambda tx: whole(tx, plan(tx, DONE[done])))
