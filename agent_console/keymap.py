"""Which keys are in force: a preset, with what the person changed on top, and what is wrong with either.

A preset names the keys of some actions; the others keep those of the registry (`agent_console.actions`). What a person
sets for an action takes the place of all its keys. Where two actions want the same key in the same place, the person's
wish goes before the preset, the first wish before the second; whoever loses the key is told of. Nothing here stops a
start: what can't be had is left out and said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from agent_console import actions, keys
from agent_console.actions import ACTIONS, BY_ID, Place
from agent_console.i18n import _

Keys = Mapping[str, Sequence[str]]

#: as in Gmail and Superhuman: o opens, u goes back, p and n go from message to message, g and a letter goes to a view
_GMAIL: Final[Keys] = MappingProxyType(
    {
        "open": ("enter", "o"),
        "back": ("escape", "u"),
        "mark_up": ("p",),
        "mark_down": ("n",),
        "next": ("J",),
        "previous": ("K",),
        "top": ("home", "g g"),
        "reopen": ("O",),
        "settle": ("=",),
        "customer": ("h",),
        "observe": ("Z",),
        "view_mine": ("g i", "1"),
        "view_unassigned": ("g u", "2"),
        "view_open": ("g a", "3"),
        "view_waiting": ("g w", "4"),
        "view_resolved": ("g r", "5"),
        "palette": ("ctrl+k", "ctrl+p"),
        "send": ("ctrl+enter", "ctrl+s", "alt+enter"),
    }
)
#: as in vim: i writes, u takes back, g g and G go to the ends, q records and Z Z leaves
_VIM: Final[Keys] = MappingProxyType(
    {
        "reply": ("i", "r"),
        "note": ("I",),
        "whisper": ("&",),
        "undo": ("u",),
        "settle": ("=",),
        "top": ("g g", "home"),
        "switch": ("tab", "ctrl+w"),
        "record": ("q",),
        "quit": ("Z Z", "ctrl+q"),
    }
)
PRESETS: Final[Mapping[str, Keys]] = MappingProxyType({"default": {}, "gmail": _GMAIL, "vim": _VIM})


class Keymap(NamedTuple):
    """The keys of every action by its id, and what could not be had, in words."""

    keys: Mapping[str, tuple[str, ...]]
    problems: Sequence[str] = ()


def build(preset: str = "default", own: Mapping[str, object] | None = None) -> Keymap:
    """The keys of a preset with `own` on top: ids of actions to a key, or a list of them (empty: none)."""
    problems: list[str] = []
    if preset not in PRESETS:
        said = _("There is no preset {name}; there are {names}.")
        problems.append(said.format(name=repr(preset), names=", ".join(PRESETS)))
        preset = "default"
    wishes = {id: found for id, value in (own or {}).items() if (found := _wish(id, value, problems)) is not None}
    wanted = {action.id: tuple(PRESETS[preset].get(action.id, action.keys)) for action in ACTIONS} | wishes
    return Keymap(_without_conflicts(wanted, wishes, problems), tuple(problems))


def _wish(id: str, value: object, problems: list[str]) -> tuple[str, ...] | None:
    """What a person wants an action's keys to be; None if it can't be read."""
    if id not in BY_ID:
        from difflib import get_close_matches

        close = get_close_matches(id, list(BY_ID), 1)
        text = _("There is no action {name}.").format(name=repr(id))
        problems.append(f"{text} {_('Did you mean {close}?').format(close=close[0])}" if close else text)
        return None
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) and each for each in listed):
        problems.append(_("{action}: a key is a text, several are a list of texts.").format(action=id))
        return None
    found: list[str] = []
    for text in listed:
        key, why = keys.read(text)
        if not why and not any(actions.works(place, key) for place in BY_ID[id].where):
            why = _("it types or edits, and this is done while writing")
        if why:
            problems.append(_("{action}: {key} can't be used: {why}.").format(action=id, key=repr(text), why=why))
        elif key not in found:
            found.append(key)
    # All of it wrong is a slip of the hand, not a wish for no key.
    return tuple(found) if found or not listed else None


def _without_conflicts(
    wanted: Mapping[str, tuple[str, ...]], wishes: Mapping[str, object], problems: list[str]
) -> dict[str, tuple[str, ...]]:
    """Each key once in each place. A key that begins a pair can't do anything by itself."""
    taken: dict[tuple[Place, str], str] = {}
    kept: dict[str, tuple[str, ...]] = {}
    for id in [*wishes, *(id for id in wanted if id not in wishes)]:
        mine: list[str] = []
        for key in wanted[id]:
            places = [place for place in BY_ID[id].where if actions.works(place, key)]
            rival = next((found for place in places if (found := _rival(taken, place, key))), None)
            if rival is None:
                mine.append(key)
                taken.update({(place, key): id for place in places})
            elif id in wishes or rival in wishes:
                said = _("{key} is for {winner}; {loser} goes without it.")
                problems.append(said.format(key=keys.key_name(key), winner=rival, loser=id))
        kept[id] = tuple(mine)
    return {action.id: kept[action.id] for action in ACTIONS}


def _rival(taken: Mapping[tuple[Place, str], str], place: Place, key: str) -> str | None:
    """Which action has that key, a key that begins it, or a pair that begins with it."""
    if (place, key) in taken:
        return taken[place, key]
    first = key.partition(" ")[0]
    for (where, other), id in taken.items():
        if where == place and (other == first if " " in key else other.startswith(f"{key} ")):
            return id
    return None
