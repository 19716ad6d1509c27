"""Presets and one's own keys: whatever is written, the console starts, and says in words what it could not do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console import actions, keymap, keys, settings
from agent_console.actions import ACTIONS, BY_ID, PLACES
from agent_console.i18n import set_language
from agent_console.keymap import PRESETS, build

#: typed with AltGr or as a dead key on one of the Spanish layouts
HARD_TO_TYPE = "@#~^`´¨[]{}\\|€¬"


@pytest.fixture(autouse=True)
def _the_keys_of_the_table() -> Iterator[None]:
    yield
    actions.use()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_no_conflict(preset: str) -> None:
    found = build(preset)
    assert found.problems == ()
    for action in ACTIONS:
        wanted = PRESETS[preset].get(action.id, action.keys)
        assert found.keys[action.id] == tuple(wanted), action.id


@pytest.mark.parametrize("preset", PRESETS)
def test_no_key_of_a_preset_is_hard_to_type_or_a_letter_elsewhere(preset: str) -> None:
    assert set(PRESETS[preset]) <= set(BY_ID)
    for id, found in build(preset).keys.items():
        for key in found:
            assert not any(char in HARD_TO_TYPE for char in key), (id, key)
            assert keys.read(key) == (key, ""), (id, key)
            assert not ("alt+" in key and len(key.rpartition("+")[2]) == 1), (id, key)


@pytest.mark.parametrize("preset", PRESETS)
def test_while_writing_nothing_that_types_does_anything(preset: str) -> None:
    actions.use(build(preset).keys)
    for place, key in actions.BY_KEY:
        assert place != "composer" or not keys.types(key)
    for character in "abcdefghijklmnopqrstuvwxyzZQ0123456789:;.,?¿!ñáéíóúü@":
        assert actions.find("composer", character, character) is None
        assert not actions.begun()


def test_every_key_of_the_table_works_somewhere() -> None:
    for action in ACTIONS:
        for key in action.keys:
            assert any(actions.works(place, key) for place in action.where), (action.id, key)


def test_a_pair_of_keys_is_pressed_one_after_the_other() -> None:
    actions.use(build("gmail").keys)
    assert actions.find("list", "g", "g") is None and actions.begun() == "g"
    found = actions.find("list", "i", "i")
    assert found is not None and found.id == "view_mine" and not actions.begun()
    assert actions.find("list", "g", "g") is None
    assert actions.find("list", "e", "e") is None, "the second key is not what it is alone"
    alone = actions.find("list", "e", "e")
    assert alone is not None and alone.id == "resolve"


def test_a_pair_is_forgotten_elsewhere_and_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    actions.use(build("gmail").keys)
    actions.find("list", "g", "g")
    found = actions.find("thread", "e", "e")
    assert found is not None and found.id == "resolve"
    actions.find("list", "g", "g")
    later = time.monotonic() + actions.PATIENCE + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not actions.begun()
    found = actions.find("list", "e", "e")
    assert found is not None and found.id == "resolve"


def test_ones_own_keys_go_before_the_presets() -> None:
    found = build("vim", {"resolve": "r", "send": ["F5", "Ctrl+S"], "refresh": []})
    assert found.keys["resolve"] == ("r",)
    assert found.keys["reply"] == ("i",)
    assert found.keys["send"] == ("f5", "ctrl+s")
    assert found.keys["refresh"] == ()
    assert list(found.problems) == ["r is for resolve; reply goes without it."]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"resolv": "x"}, "There is no action 'resolv'. Did you mean resolve?"),
        ({"resolve": 7}, "resolve: a key is a text, several are a list of texts."),
        ({"resolve": ["e", ""]}, "resolve: a key is a text, several are a list of texts."),
        ({"quit": "alt+q"}, "quit: 'alt+q' can't be used: alt and a letter is a letter of its own on many keyboards."),
        ({"quit": "ctrl+alt+q"}, "quit: 'ctrl+alt+q' can't be used: alt and a letter is a letter"),
        ({"send": "enter"}, "send: 'enter' can't be used: it types or edits, and this is done while writing."),
        ({"send": "s"}, "send: 's' can't be used: it types or edits"),
        ({"quit": "ctrl+m"}, "quit: 'ctrl+m' can't be used: a terminal cannot tell it from Enter."),
        ({"quit": "ctrl+c"}, "quit: 'ctrl+c' can't be used: it is what stops programs."),
        ({"quit": "hyper+q"}, "quit: 'hyper+q' can't be used: there is no such key."),
        ({"quit": "a b c"}, "quit: 'a b c' can't be used: more than two keys one after the other."),
        ({"view_mine": "g m", "top": "g"}, "g is for view_mine; top goes without it."),
        ({"claim": "%", "reply": "%"}, "% is for claim; reply goes without it."),
    ],
)
def test_what_cannot_be_is_said(own: dict[str, object], said: str) -> None:
    problems = build("default", own).problems
    assert len(problems) == 1 and (problems[0] == said or problems[0].startswith(said)), problems


def test_what_is_wrong_leaves_the_rest_as_it_is() -> None:
    found = build("default", {"quit": "alt+q", "resolve": "f9"})
    assert found.keys["quit"] == BY_ID["quit"].keys
    assert found.keys["resolve"] == ("f9",)


def test_an_unknown_preset_is_the_default_one() -> None:
    found = build("emacs")
    assert found.keys == build().keys
    assert list(found.problems) == ["There is no preset 'emacs'; there are default, gmail, vim."]


written = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["e", "g g", "ctrl+s", "alt+x", "esc", "F3", "shift+a", "ñ", "space", "ctrl+"]),
)


@given(
    own=st.dictionaries(
        st.one_of(st.sampled_from(sorted(BY_ID)), st.text(max_size=8)),
        st.one_of(written, st.lists(written, max_size=3), st.integers(), st.none()),
        max_size=8,
    ),
    preset=st.sampled_from([*PRESETS, "?"]),
)
def test_whatever_is_written_each_key_means_one_thing(own: dict[str, object], preset: str) -> None:
    found = build(preset, own)
    assert set(found.keys) == set(BY_ID)
    for place in PLACES:
        taken = [
            key
            for action in ACTIONS
            if place in action.where
            for key in found.keys[action.id]
            if actions.works(place, key)
        ]
        assert len(taken) == len(set(taken))
        firsts = {key.partition(" ")[0] for key in taken if " " in key}
        assert not firsts & set(taken), "a key that begins a pair does nothing alone"
    assert all(found.problems)


# ---------------------------------------------------------------- the file


def test_the_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('preset = "gmail"\n[keys]\nresolve = "f9"\n[notify]\nbell = true\n', encoding="utf-8")
    found = settings.load(file)
    assert found.problems == ()
    assert found.keymap is not None and found.keymap.keys["resolve"] == ("f9",)
    assert found.keymap.keys["open"] == ("enter", "o")
    assert found.notify is not None and found.notify.bell


@pytest.mark.parametrize(
    "text", ["[[", "preset = 3", "keys = 1", "\x00", "a" * 300_000, "\ufeff[keys]\nresolve='f9'", "é=1"]
)
def test_a_file_that_is_wrong_is_no_reason_not_to_start(text: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(text.encode("utf-8"))
    found = settings.load(file)
    assert found.keymap is not None and set(found.keymap.keys) == set(BY_ID)
    assert bool(found.problems) != text.startswith("\ufeff")


def test_without_a_file_nothing_is_read_or_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings.load() == settings.Settings()
    with pytest.raises(OSError, match="nowhere"):
        settings.load(tmp_path / "nowhere.toml")


def test_what_is_remembered_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    first = settings.remembered()
    assert (first.theme, first.toured, first.macros) == ("", [], {})
    first.theme, first.macros = "light", {"mora": ["claim", ":tag mora"]}
    assert first.keep() == ""
    again = settings.remembered()
    assert again.theme == "light" and again.macros == {"mora": ["claim", ":tag mora"]}
    Path(str(again.path)).write_bytes(b'{"theme": 3')
    assert settings.remembered().theme == ""


def test_a_place_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert settings.Remembered(path=str(tmp_path / "file" / "remembered.json")).keep()
    assert settings.Remembered().keep() == "", "where nothing is remembered nothing fails"


def test_keys_are_named_in_the_readers_language() -> None:
    assert keys.key_name("ctrl+pageup") == "ctrl+PgUp"
    assert keys.key_name("g g") == "g g"
    set_language("es")
    assert keys.key_name("space") == "espacio"
    assert keymap.build("emacs").problems[0] != "There is no preset 'emacs'; there are default, gmail, vim."
