"""Every recorded Telegram update is read whole: a message, a word about one, or a notice, and nothing unreadable."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from server.channels.base import TryAgain
from server.channels.telegram_errors import send_error
from server.facts import EditFact, MessageFact, NoticeFact, RevokeFact, Unreadable
from tests.channels.telegram_updates import NOW, adapter
from tests.conformance.telegram_documents import answers, documents, expected, kind_of, text_of, updates


def test_there_are_documents(shared_dir: Path) -> None:
    assert len(updates()) > 40
    assert len(updates()) + len(answers()) == len(documents())


@pytest.mark.parametrize("path", updates(), ids=lambda path: path.stem)
def test_read_whole(path: Path) -> None:
    facts = adapter().parse(path.read_bytes(), NOW)
    assert [fact for fact in facts if isinstance(fact, Unreadable)] == []
    told = [fact for fact in facts if isinstance(fact, (MessageFact, EditFact, RevokeFact))]
    assert [fact.external_id for fact in told] == expected(path)
    if not expected(path):
        (notice,) = facts
        assert isinstance(notice, NoticeFact)
        assert notice.kind == kind_of(path)
        assert notice.data
    for fact in told:
        assert fact.party.addresses
        if text_of(path) and not isinstance(fact, RevokeFact):
            assert fact.text == text_of(path)


@pytest.mark.parametrize("path", answers(), ids=lambda path: path.stem)
def test_answers_are_understood(path: Path) -> None:
    """The one answer there is: too many requests, with how long to wait."""
    answer = httpx.Response(429, content=path.read_bytes())
    error = send_error(answer, repeatable=False)
    assert isinstance(error, TryAgain)
    assert (error.failure.reason, error.after_ms) == ("rate", 14_000)
