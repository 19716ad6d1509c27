"""The registry: no key does two things, none is in the way of typing, every action can be found and done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent_console import actions
from agent_console.actions import ACTIONS, BY_ID, GROUPS, PLACES, Place, State
from tests.console.desk import console

ROOT = Path(__file__).resolve().parent.parent.parent


def test_no_key_means_two_things_in_one_place() -> None:
    for place in PLACES:
        keys = [key for action in ACTIONS if place in action.where for key in action.keys]
        assert len(keys) == len(set(keys)), place


def test_no_key_is_alt_and_a_letter() -> None:
    for action in ACTIONS:
        for key in action.keys:
            assert not (key.startswith("alt+") and len(key) == 5), action.id


def test_in_the_composer_no_key_that_types_does_anything() -> None:
    for (place, key), action in actions.BY_KEY.items():
        if place == "composer":
            assert len(key) > 1 and key not in ("space", "enter"), action.id
    for character in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:;.,?¿!ñáéíóúü@ł":
        assert actions.find("composer", character, character) is None


def test_destructive_actions_are_not_in_the_composer() -> None:
    for id in ("resolve", "resolve_next", "reopen", "claim", "quit", "undo", "retry"):
        assert "composer" not in BY_ID[id].where


@pytest.mark.parametrize(
    ("place", "key", "character", "action"),
    [
        ("list", "c", "c", "claim"),
        ("list", "r", "r", "reply"),
        ("list", "i", "i", "note"),
        ("list", "e", "e", "resolve"),
        ("list", "E", "E", "resolve_next"),
        ("thread", "n", "n", "next"),
        ("thread", "N", "N", "previous"),
        ("list", "z", "z", "undo"),
        ("list", "R", "R", "retry"),
        ("list", "full_stop", ".", "show_new"),
        ("list", "question_mark", "?", "help"),
        ("list", "1", "1", "view_mine"),
        ("list", "5", "5", "view_resolved"),
        ("composer", "ctrl+s", None, "send"),
        ("composer", "alt+enter", None, "send"),
        ("composer", "tab", "\t", "toggle_note"),
        ("composer", "ctrl+p", None, "palette"),
        ("list", "ctrl+r", None, "refresh"),
        ("thread", "u", "u", "settle"),
        ("list", "q", "q", "quit"),
    ],
)
def test_the_keys(place: Place, key: str, character: str | None, action: str) -> None:
    found = actions.find(place, key, character)
    assert found is not None and found.id == action


async def test_every_action_is_told_of_and_done() -> None:
    grouped = [id for _title, ids in GROUPS for id in ids]
    assert sorted(grouped) == sorted(BY_ID)
    moving = [
        "up",
        "down",
        "page_up",
        "page_down",
        "half_up",
        "half_down",
        "top",
        "end",
        "mark_up",
        "mark_down",
        "read_on",
    ]
    async with console() as desk:
        desk.inbox.acts.prepare()
        for action in ACTIONS:
            done = any(hasattr(part, f"do_{action.id}") for part in desk.inbox.acts._parts)
            done = done or action.id.startswith("view_") or action.id in moving
            assert done, action.id


def test_a_disabled_action_says_why() -> None:
    nothing = State()
    for id in ("open", "claim", "reply", "note", "resolve", "reopen", "retry", "settle", "undo", "show_new"):
        assert BY_ID[id].enabled(nothing), id
    mine = State(conversation=True, mine=True)
    assert BY_ID["claim"].enabled(mine) == "It is yours already."
    assert BY_ID["resolve"].enabled(mine) is None
    resolved = State(conversation=True, state="resolved")
    assert "reopens" in (BY_ID["resolve"].enabled(resolved) or "")
    assert BY_ID["reopen"].enabled(resolved) is None


def test_the_palette_finds_by_words_and_puts_the_possible_first() -> None:
    state = State(conversation=True, mine=True)
    assert [action.id for action, _why in actions.choices(state, "reply customer")] == ["reply"]
    found = actions.choices(state)
    reasons = [why is not None for _action, why in found]
    assert reasons == sorted(reasons)
    assert actions.choices(state, "nothing is called so") == []


def test_the_key_table_prints() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "agent_console.key_table"], capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout
    kept = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert shown == kept, "python -m agent_console.key_table > docs/keys.md"
    for action in ACTIONS:
        assert action.help in shown
    assert "| `E` | Resolve and open the next one that waits | list, conversation |" in shown
