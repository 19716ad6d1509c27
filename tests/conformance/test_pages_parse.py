"""Every recorded document of a Page or an Instagram account is read whole, and becomes what was decided for it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from server.channels.meta_parse import parse
from server.facts import MessageFact
from tests.conformance.pages_documents import documents, fate

DOCUMENTS = documents()
NOW = int(time.time() * 1000)


def test_there_are_documents(shared_dir: Path) -> None:
    assert len(DOCUMENTS) > 70


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_read_whole(path: Path) -> None:
    facts = parse(path.read_bytes(), NOW)
    wanted = fate(path)
    assert tuple(type(fact).__name__ for fact in facts) == wanted.facts
    (entry, *_) = json.loads(path.read_bytes())["entry"]
    for fact in facts:
        assert getattr(fact, "account", None) == str(entry["id"])
        if isinstance(fact, MessageFact) and wanted.message[1]:
            assert (fact.kind, fact.text) == wanted.message[1:]
            assert wanted.message[0] in ("*", fact.external_id)


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if path.stem.startswith("messaging-message-nlp")], ids=lambda path: path.stem
)
def test_texts_are_what_was_written(path: Path) -> None:
    (fact,) = parse(path.read_bytes(), NOW)
    assert isinstance(fact, MessageFact)
    item: dict[str, Any] = json.loads(path.read_bytes())["entry"][0]["messaging"][0]
    assert (fact.external_id, fact.text, fact.at) == (
        item["message"]["mid"],
        item["message"]["text"],
        item["timestamp"],
    )
    assert [address.value for address in fact.party.addresses] == [str(item["sender"]["id"])]
