"""What a thread shows of a notice: the person blocked us, the group moved …"""

from __future__ import annotations

from agent_console import i18n, word_tables
from agent_console.presentation.media import describe


def test_a_notice_says_what_happened() -> None:
    before = i18n.language()
    try:
        i18n.set_language("en")
        assert describe("system", {"event": "blocked"}, ()) == [
            "· notice · this person blocked us: answers do not arrive"
        ]
        assert describe("system", {"event": "of tomorrow"}, ()) == ["· notice · of tomorrow"]
        assert describe("system", {}, ()) == ["· notice"]
        for code, said in word_tables.NOTICES.items():
            assert describe("system", {"event": code}, ()) == [f"· notice · {said}"]
    finally:
        i18n.set_language(before)
