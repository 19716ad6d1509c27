"""Keys: what they are called, which of them each action has now, and which of them can be had at all.

Knows no action: `agent_console.actions` asks here which keys are in force, `agent_console.keymap` decides on them.
A key is named as Textual names it (`enter`, `ctrl+s`, `shift+tab`) or by the character it types (`e`, `E`, `?`); two
of them with a space between are pressed one after the other (`g g`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from agent_console.i18n import N_, _

_NAMES: Final[Mapping[str, str]] = {
    "enter": N_("Enter"),
    "escape": N_("Esc"),
    "tab": N_("Tab"),
    "space": N_("space"),
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": N_("PgUp"),
    "pagedown": N_("PgDn"),
    "home": N_("Home"),
    "end": N_("End"),
    "insert": N_("Ins"),
    "delete": N_("Del"),
    "backspace": N_("Backspace"),
}
_FUNCTION: Final = re.compile("f([1-9]|1[0-2])")
_MODIFIERS: Final = ("ctrl+", "alt+", "shift+")
#: other names that people know keys by
_ALIASES: Final[Mapping[str, str]] = {
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "del": "delete",
    "ins": "insert",
    " ": "space",
}
#: what a terminal cannot tell from another key, or keeps for itself
_TAKEN: Final[Mapping[str, str]] = {
    "ctrl+m": N_("a terminal cannot tell it from Enter"),
    "ctrl+i": N_("a terminal cannot tell it from Tab"),
    "ctrl+h": N_("a terminal cannot tell it from Backspace"),
    "ctrl+c": N_("it is what stops programs"),
    "ctrl+z": N_("it is what puts programs aside"),
}
#: keys that edit the text that is being written
_EDITING: Final = frozenset(
    (
        *("enter", "space", "backspace", "delete", "up", "down", "left", "right", "home", "end"),
        *(f"shift+{key}" for key in ("left", "right", "up", "down", "home", "end")),
        *("ctrl+left", "ctrl+right", *(f"ctrl+{letter}" for letter in "xvakuwy")),
    )
)

#: the keys of each action, by its id; `agent_console.actions.use` fills it
_in_force: dict[str, tuple[str, ...]] = {}


def of(action: str) -> tuple[str, ...]:
    """The keys that an action has now."""
    return _in_force.get(action, ())


def put(keys: Mapping[str, Sequence[str]]) -> None:
    """These are the keys from now on, by the ids of actions."""
    _in_force.clear()
    _in_force.update({action: tuple(each) for action, each in keys.items()})


def first(action: str) -> str:
    """What to press for an action, in words; where it has no key, the way to the commands."""
    found = of(action) or of("palette")
    return key_name(found[0]) if found else "?"


def key_name(key: str) -> str:
    """What is printed on the key, or on what people call it."""
    if " " in key:
        return " ".join(key_name(each) for each in key.split(" "))
    modifier, plus, last = key.rpartition("+")
    if key in _NAMES or not plus or not last:
        return _(_NAMES[key]) if key in _NAMES else key
    return f"{modifier}+{_(_NAMES[last]) if last in _NAMES else last}"


def read(text: str) -> tuple[str, str]:
    """A key as a person writes it, as we name it, and what is wrong with it (empty if nothing is)."""
    if " " in text.strip() and text.strip():
        parts = text.split()
        if len(parts) > 2:
            return text, _("more than two keys one after the other")
        named = [_read_one(part) for part in parts]
        return " ".join(name for name, _why in named), next((why for _name, why in named if why), "")
    return _read_one(text if text == " " else text.strip())


def _read_one(text: str) -> tuple[str, str]:
    if len(text) == 1 and text != " ":
        return text, "" if text.isprintable() else _("there is no such key")
    lowered = text.lower()
    modifiers = ""
    while (modifier := next((each for each in _MODIFIERS if lowered.startswith(each)), "")) and len(lowered) > len(
        modifier
    ):
        modifiers += modifier
        lowered = lowered[len(modifier) :]
    last = _ALIASES.get(lowered, lowered)
    if modifiers == "shift+" and len(last) == 1 and last.isalpha():
        return last.upper(), ""
    key = modifiers + last
    if key in _TAKEN:
        return key, _(_TAKEN[key])
    if "alt+" in modifiers and len(last) == 1:
        return key, _("alt and a letter is a letter of its own on many keyboards")
    if len(last) == 1 and modifiers == "ctrl+" and last.isascii():
        return key, ""
    if last in _NAMES or _FUNCTION.fullmatch(last):
        return key, ""
    return key, _("there is no such key")


def types(key: str) -> bool:
    """Whether a key types or edits while one writes, so that it can mean nothing else there."""
    return " " in key or len(key) == 1 or key in _EDITING
