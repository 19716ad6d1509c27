"""An edited message is found by the words it has now, also by those it had before, and not by those it lost."""

from __future__ import annotations

from pathlib import Path

from server.commands.inbox import ListConversations
from server.facts import EditFact
from tests.commands.office import MORNING, Office, person, says


def test_an_edited_message_is_found_by_the_words_it_has(tmp_path: Path) -> None:
    office = Office(tmp_path)
    try:
        office.take_in(says("w1", "la cuota vence mañana"))
        edit = {"external_id": "w2", "party": person(), "at": MORNING + 1, "target": "w1"}
        office.take_in(EditFact(text="la cuota vence hoy", **edit))  # type: ignore[arg-type]

        def found(words: str) -> int:
            return len(office.ask(office.ana, ListConversations(q=words)).items)

        assert [found(words) for words in ("cuota", "vence", "hoy", "mañana")] == [1, 1, 1, 0]
    finally:
        office.close()
