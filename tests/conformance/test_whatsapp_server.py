"""Every WhatsApp document, signed and posted to a real server: a 200 each time, and all of it stored exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.posting import Posted, post_all
from tests.conformance.whatsapp_documents import documents, expected
from tests.real_server import RealServer

#: they share a server that takes seconds to fill
pytestmark = pytest.mark.xdist_group("whatsapp documents")

DOCUMENTS = documents()
#: kinds that are kept, but shown on the message they speak of instead of as lines of their own
SHOWN_ELSEWHERE = ("reaction", "edit", "revoke")


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory, shared_dir: Path) -> Iterator[Posted]:
    with RealServer(tmp_path_factory.mktemp("conformance")) as server:
        yield post_all(server, "whatsapp", "phone_number_id", DOCUMENTS)


def _shown(posted: Posted, path: Path) -> list[dict[str, Any]]:
    """The messages of a document's channel, through the API."""
    with posted.server.client("supervisor") as api:
        found: list[dict[str, Any]] = []
        rows = api.get("/conversations", params={"view": "all", "channel": posted.channel(path), "limit": 200}).json()
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
    rows = posted.rows(
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
    rows = posted.rows(
        path, "SELECT external_id, status FROM receipts WHERE channel_id = (SELECT id FROM channels WHERE name = ?)"
    )
    assert Counter(rows) == dict.fromkeys({(item.id, item.type) for item in expected(path).statuses}, 1)


def test_nothing_needs_a_replay(posted: Posted) -> None:
    with posted.server.client("admin") as api:
        for state in ("failed", "partial"):
            assert api.get("/deliveries", params={"state": state}).json()["items"] == []
