"""What is kept in memory is never older than the store: after a change, a change undone, and in a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server import wire
from server.store import campaigns, people, routes, service, topics
from server.store.kept import Kept
from server.store.store import Snapshot, Store, Tx

CAMPAIGN = {
    "title": "Feria",
    "active": 1,
    "sources": "[]",
    "refs": "[]",
    "words": "[]",
    "channel": "",
    "starts_at": None,
    "ends_at": None,
    "team_id": 1,
    "skills": "",
    "priority": "",
    "greeting": "{}",
    "policy": "",
}
ROUTE = {
    "name": "r",
    "place": 1,
    "conditions": "{}",
    "team_id": 1,
    "skills": "",
    "priority": "",
    "tags": "[]",
    "language": "",
    "active": 1,
}


def _everything(read: Snapshot) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = [(service.settings(read).capacity,)]
    found += [(row["name"], row["content"], row["team"]) for row in topics.listing(read)]
    found += [(row["name"], row["team"]) for row in campaigns.running(read)]
    return found + [(route.name, route.team_id) for route in routes.active(read)]


kept = Kept(_everything)
Change = Callable[[Tx], object]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path, clock=lambda: 5_000)
    store.write_now("x", lambda tx: people.create_team(tx, "Servicio"))
    yield store
    store.close()


def _made(tx: Tx) -> None:
    topics.create(tx, "clave", "{}", 1)
    routes.create(tx, ROUTE)
    campaigns.create(tx, "feria", CAMPAIGN)
    service.put(tx, wire.ServiceSettings(capacity=9))


def test_every_change_is_seen_at_once_by_the_writer_and_by_readers(store: Store) -> None:
    changes: list[Change] = [
        lambda tx: topics.create(tx, "clave", "{}", 1),
        lambda tx: topics.update(tx, 1, '{"es":["pin"]}', None),
        lambda tx: topics.update(tx, 1, '{"es":["pin"]}', 1),
        lambda tx: people.rename_team(tx, 1, "Atención"),
        lambda tx: topics.remove(tx, 1),
        lambda tx: routes.create(tx, ROUTE),
        lambda tx: routes.update(tx, 1, ROUTE | {"name": "other"}),
        lambda tx: routes.remove_all(tx),
        lambda tx: campaigns.create(tx, "feria", CAMPAIGN),
        lambda tx: campaigns.update(tx, 1, CAMPAIGN | {"team_id": None}),
        lambda tx: campaigns.remove(tx, 1),
        lambda tx: service.put(tx, wire.ServiceSettings(capacity=9)),
        lambda tx: service.put(tx, wire.ServiceSettings(capacity=8)),
    ]
    before = store.read_now(kept)
    for number, change in enumerate(changes):

        def work(tx: Tx, change: Change = change) -> None:
            kept(tx)
            change(tx)
            assert kept(tx) == _everything(tx)

        store.write_now("x", work)
        after = store.read_now(kept)
        assert after == store.read_now(_everything), number
        assert after != before, number
        before = after


def test_a_change_that_is_undone_leaves_nothing_behind(store: Store) -> None:
    before = store.read_now(kept)

    def undone(tx: Tx) -> None:
        _made(tx)
        assert kept(tx) != before
        raise ValueError

    with pytest.raises(ValueError):
        store.write_now("x", undone)
    assert store.write_now("x", kept) == before
    assert store.read_now(kept) == before


def test_a_snapshot_stays_as_it_was(store: Store) -> None:
    def look(read: Snapshot) -> None:
        before = kept(read)
        store.write_now("x", _made)
        assert kept(read) == before == _everything(read)

    store.read_now(look)
    assert store.read_now(kept) == store.read_now(_everything)


def test_what_does_not_matter_reads_nothing_anew(store: Store) -> None:
    store.write_now("x", _made)
    loads: list[int] = []
    counted = Kept(lambda read: loads.append(read.now))
    works: list[Change] = [lambda tx: topics.used(tx, 1), lambda tx: people.set_members(tx, 1, [])]
    for work in works:
        store.read_now(counted)
        store.write_now("x", work)
    store.read_now(counted)
    assert len(loads) == 1
