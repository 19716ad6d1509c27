"""Every document of a Page or an Instagram account, signed and posted to a real server: a 200, and stored once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.pages_documents import documents, fate
from tests.conformance.posting import Posted, post_all
from tests.real_server import RealServer

#: they share a server that takes seconds to fill
pytestmark = pytest.mark.xdist_group("page documents")

DOCUMENTS = documents()
_STORED = ("MessageFact", "ReactionFact")


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory, shared_dir: Path) -> Iterator[Posted]:
    with RealServer(tmp_path_factory.mktemp("conformance")) as server:
        yield post_all(server, "messenger", "page_id", DOCUMENTS)


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
