"""Every published or recorded WhatsApp document is read whole: each message and status a fact, nothing unreadable."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from server.channels.whatsapp_parse import parse
from server.facts import (
    AddressChangeFact,
    EditFact,
    MessageFact,
    NoticeFact,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
)
from tests.conformance.whatsapp_documents import documents, expected

DOCUMENTS = documents()
NOW = int(time.time() * 1000)

OF_A_MESSAGE = (MessageFact, ReactionFact, EditFact, RevokeFact)

#: which fact a message of this type becomes; all others become a MessageFact
SPECIAL: dict[str, type] = {"reaction": ReactionFact, "edit": EditFact, "revoke": RevokeFact}


def test_there_are_documents(shared_dir: Path) -> None:
    assert len(DOCUMENTS) > 50


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_read_whole(path: Path) -> None:
    facts = parse(path.read_bytes(), NOW)
    wanted = expected(path)

    assert [fact for fact in facts if isinstance(fact, Unreadable)] == []

    of_messages = [fact for fact in facts if isinstance(fact, OF_A_MESSAGE)]
    assert [fact.external_id for fact in of_messages] == [item.id for item in wanted.messages]
    for fact, item in zip(of_messages, wanted.messages, strict=True):
        assert fact.account == item.account
        assert fact.party.addresses
        assert isinstance(fact, SPECIAL.get(item.type, MessageFact))
        if item.text:
            assert getattr(fact, "text", "") == item.text

    statuses = [fact for fact in facts if isinstance(fact, StatusFact)]
    assert [(fact.external_id, fact.status) for fact in statuses] == [(i.id, i.type) for i in wanted.statuses]

    # Every change says something: what holds no message and no status is a notice or a changed address.
    others = [fact for fact in facts if isinstance(fact, (NoticeFact, AddressChangeFact))]
    if wanted.changes and not of_messages and not statuses:
        assert len(others) >= wanted.changes
    assert sum(isinstance(fact, AddressChangeFact) for fact in others) >= wanted.updates


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_files_and_failures(path: Path) -> None:
    for fact in parse(path.read_bytes(), NOW):
        if isinstance(fact, MessageFact) and fact.kind in ("image", "audio", "video", "document", "sticker"):
            (file,) = fact.media
            assert file.provider_id
            assert file.mime and "\\" not in file.mime
            assert file.sha256 == "" or len(bytes.fromhex(file.sha256)) == 32
        if isinstance(fact, StatusFact) and fact.status == "failed":
            assert fact.failure is not None
            assert fact.failure.code
