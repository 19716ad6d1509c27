"""Fixed choices and bounds of options in the reader's language: help says what each choice means, and a choice may be
written as it is called there (`alta` for high). What programs write, the English words, always works."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, Final

from agent_console import words
from agent_console.i18n import _

#: what the choices of a parameter are called, by what they are
_CALLED: Final[dict[frozenset[str], Callable[[str], str]]] = {
    frozenset(choices.split()): called
    for choices, called in (
        ("low normal high urgent", words.priority),
        ("simple medium complex", words.complexity),
        ("welcome diagnosis resolution follow_up", words.stage),
        ("bot queued open waiting snoozed resolved", words.state),
        ("online busy away offline", words.availability),
        ("advisor supervisor admin", words.role),
        ("mine unassigned open waiting resolved all", words.view),
        ("pull automatic", words.assignment),
        ("keep queue colleague", words.on_leave),
    )
}
#: takes a value away; it stays as it is in every language
_NONE: Final = "none"


def translate(command: Any) -> None:
    """Let a command, or a group's commands, speak the reader's language in their choices and bounds."""
    for verb in getattr(command, "commands", {}).values():
        translate(verb)
    for parameter in command.params:
        kind = parameter.type
        if hasattr(kind, "min") and hasattr(kind, "max"):
            kind._describe_range = _bounded(kind.min, kind.max)
        elif meanings := dict(_meanings(kind)):
            parameter.help = _explained(parameter.help or "", kind.choices, meanings)
            kind.convert = _understanding(kind.convert, meanings)


def bounds(low: int | None, high: int | None) -> str:
    """What a number may be, in words; empty if anything."""
    if low is None:
        return "" if high is None else _("at most {high}").format(high=high)
    return _("{low} or more").format(low=low) if high is None else _("{low} to {high}").format(low=low, high=high)


def explained(kind: Any) -> str:
    """The choices of a parameter with what they mean: `low (baja), normal`."""
    meanings = dict(_meanings(kind))
    return ", ".join(f"{each} ({meanings[each]})" if each in meanings else str(each) for each in kind.choices)


def _bounded(low: int | None, high: int | None) -> Callable[[], str]:
    return lambda: bounds(low, high)


def _meanings(kind: Any) -> Iterator[tuple[str, str]]:
    """Choices that are called something else in the reader's language."""
    choices = [str(each) for each in getattr(kind, "choices", ())]
    called = _CALLED.get(frozenset(choices) - {_NONE})
    for choice in choices if called is not None else ():
        if called is not None and choice != _NONE and (said := called(choice)) != choice:
            yield choice, said


def _explained(help: str, choices: Any, meanings: dict[str, str]) -> str:
    if all(said in help for said in meanings.values()):
        return help
    listed = "; ".join(f"{each}: {meanings[each]}" for each in choices if each in meanings)
    return f"{help} {listed}".strip()


def _understanding(convert: Callable[..., Any], meanings: dict[str, str]) -> Callable[..., Any]:
    codes = {_flat(said): choice for choice, said in meanings.items()}

    def understand(value: Any, param: Any, ctx: Any) -> Any:
        return convert(codes.get(_flat(value), value) if isinstance(value, str) else value, param, ctx)

    return understand


def _flat(word: str) -> str:
    """A word as it is compared: without capitals, accents, and what stands between its parts."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in apart if char.isalnum())
