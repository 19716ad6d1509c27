"""Every action of the console, once: its name, its keys, its help, where it works and when it can be done.

Footer, `?`, palette, `:` line and the key table of the documentation are made from this table, and every key press is
looked up in it. Its keys are those of the preset `default`; `use` puts others in force (`agent_console.keymap`).

Two rules keep keys out of the way of typing: in the composer only keys that type nothing do something, and no key is
alt and a letter (those are letters on many keyboards).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from agent_console import keys
from agent_console.action_base import BROWSE, PLACES, Action, Enabled, Place, State
from agent_console.action_service import SERVICE, SERVICE_GROUPS
from agent_console.action_table import INBOX, INBOX_GROUPS
from agent_console.i18n import N_, _

__all__ = ["ACTIONS", "BROWSE", "GROUPS", "PLACES", "Action", "Enabled", "Place", "State"]

ACTIONS: Final[tuple[Action, ...]] = (*INBOX, *SERVICE)

BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}

#: what each key does in each place, and which keys begin a pair; `use` fills them
BY_KEY: Final[dict[tuple[Place, str], Action]] = {}
_BEGINS: Final[set[tuple[Place, str]]] = set()
#: for how long (s) the first key of a pair waits for the second
PATIENCE: Final = 2.0
_begun: tuple[Place, str, float] | None = None
_heard: Callable[[Action], None] | None = None


def works(place: Place, key: str) -> bool:
    """Whether a key can do anything in a place: where one writes, what types or edits does only that."""
    return place != "composer" or not keys.types(key)


def use(keymap: Mapping[str, Sequence[str]] | None = None) -> None:
    """These keys are in force from now on, by the ids of actions; the keys of the table for those not named."""
    chosen = {action.id: tuple((keymap or {}).get(action.id, action.keys)) for action in ACTIONS}
    keys.put(chosen)
    BY_KEY.clear()
    _BEGINS.clear()
    for action in ACTIONS:
        for place in action.where:
            for key in chosen[action.id]:
                if works(place, key):
                    BY_KEY[place, key] = action
                    if " " in key:
                        _BEGINS.add((place, key.partition(" ")[0]))


use()

_PLACE_NAMES: Final[Mapping[Place, str]] = {
    "list": N_("list"),
    "thread": N_("conversation"),
    "composer": N_("writing"),
}

#: how the help and the documentation group the actions
GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (INBOX_GROUPS[0], *SERVICE_GROUPS, *INBOX_GROUPS[1:])


def find(place: Place, key: str, character: str | None = None) -> Action | None:
    """The action of a key press, by the name of the key or the character it types; None, too, for the first key of a
    pair, which is kept until the second comes (`begun`)."""
    action = _second(place, key, character) if _begun is not None else _first(place, key, character)
    if action is not None and _heard is not None:
        _heard(action)
    return action


def _first(place: Place, key: str, character: str | None) -> Action | None:
    global _begun
    action = BY_KEY.get((place, key))
    if place == "composer":
        return action
    if action is None and character is not None:
        action = BY_KEY.get((place, character))
    if action is None:
        found = next((each for each in (key, character) if (place, each) in _BEGINS), None)
        _begun = (place, found, time.monotonic()) if found is not None else None
    return action


def _second(place: Place, key: str, character: str | None) -> Action | None:
    """What two keys mean together; the second is not what it is alone. After a while, or elsewhere, it is a first."""
    global _begun
    where, before, at = _begun or (place, "", 0.0)
    _begun = None
    if where != place or time.monotonic() - at >= PATIENCE:
        return _first(place, key, character)
    return BY_KEY.get((place, f"{before} {character}")) or BY_KEY.get((place, f"{before} {key}"))


def listen(heard: Callable[[Action], None] | None) -> None:
    """Who hears of every key press that means an action (a macro that is being recorded); None: nobody."""
    global _heard
    _heard = heard


def begun() -> str:
    """The first key of a pair whose second has not come yet; empty if there is none."""
    return _begun[1] if _begun is not None and time.monotonic() - _begun[2] < PATIENCE else ""


def place_name(place: Place) -> str:
    """What the help calls a place."""
    return _(_PLACE_NAMES[place])


#: how to find everything else: always at the footer's end
_LAST: Final = frozenset(("palette", "help"))
#: actions that the footer shows only where there is something for them
_WHERE_OF_USE: Final = frozenset(("view", "attach", "audience", "undo", "answer_transfer"))


def footer_of(place: Place, state: State | None = None) -> list[Action]:
    """The actions that the footer of a place shows, most useful first; without those that `state` has no use for.
    What can be taken back comes before everything else, where all keys are found at the end."""
    shown = [action for action in ACTIONS if place in action.footer]
    if state is not None:
        shown = [action for action in shown if action.id not in _WHERE_OF_USE or action.enabled(state) is None]
    return sorted(shown, key=lambda action: (state is None or action.id != "undo", action.id in _LAST))


def choices(state: State, words: str = "") -> list[tuple[Action, str | None]]:
    """Actions for the palette whose help has all of `words` in it, each with the reason why it can't be done now."""
    wanted = words.casefold().split()
    found: list[tuple[Action, str | None]] = []
    for action in ACTIONS:
        if state.place not in action.where or action.quiet:
            continue
        text = f"{_(action.help)} {_(action.label)}".casefold()
        if all(word in text for word in wanted):
            found.append((action, action.enabled(state)))
    return sorted(found, key=lambda choice: choice[1] is not None)
