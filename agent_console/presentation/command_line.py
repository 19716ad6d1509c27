"""The `:` line: what can be typed, how it is completed, what it means. Pure; `screens.commanding` carries it out.

A command is the id of an action (`resolve`, `resolve-next`), one of the verbs below with what it needs
(`assign luis`, `tag mora`, `snooze monday 10:00`), or the number of a conversation. Verbs and labels are understood in
English and in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from rich.segment import Segment

from agent_console.actions import ACTIONS, BY_ID, Action, State
from agent_console.i18n import N_, _
from agent_console.keys import key_name, of
from agent_console.presentation.look import Look
from agent_console.safetext import cells, fit, line
from server.wire import Priority

Kind = Literal["", "who", "tag", "tag_here", "moment", "priority", "text", "theme", "macro", "name", "topic", "stage"]
#: what can follow a verb, by the kind of what it needs
Values = Callable[[Kind], Sequence[str]]

PRIORITIES: Final[tuple[Priority, ...]] = ("low", "normal", "high", "urgent")
#: candidates shown at most
MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Verb:
    """`name` as typed (a msgid: the reader's language has its own), what it `needs`, whether it is about the
    conversation `here`."""

    name: str
    needs: Kind
    help: str
    here: bool = True


VERBS: Final[tuple[Verb, ...]] = (
    Verb("assign", "who", N_("Give the conversation to a person or a team")),
    Verb("tag", "tag", N_("Put tags on the conversation")),
    Verb("untag", "tag_here", N_("Take tags off the conversation")),
    Verb("snooze", "moment", N_("Put the conversation aside until a moment")),
    Verb("wake", "", N_("Take up a conversation that was put aside")),
    Verb("priority", "priority", N_("Say how urgent the conversation is")),
    Verb("classify", "topic", N_("Say what the conversation is about, and how hard it is")),
    Verb("stage", "stage", N_("Say in which stage of the service the conversation is")),
    Verb("follow", "", N_("Be told of what happens in the conversation")),
    Verb("unfollow", "", N_("Be told of it no longer")),
    Verb("say", "text", N_("Reply to the customer with these words")),
    Verb("remark", "text", N_("Write these words as a note for colleagues")),
    Verb("colours", "theme", N_("Choose the colours"), here=False),
    Verb("replay", "macro", N_("Do a recorded macro again"), here=False),
    Verb("record-with-text", "name", N_("Record a macro, with the words of answers and notes"), here=False),
)
#: for gettext: the verbs in the reader's language
_TYPED: Final = (
    N_("assign"), N_("tag"), N_("untag"), N_("snooze"), N_("wake"), N_("priority"), N_("follow"), N_("unfollow"),
    N_("classify"), N_("stage"),
    N_("say"), N_("remark"), N_("colours"), N_("replay"), N_("record-with-text"),
)  # fmt: skip
_BY_HAND: Final[Mapping[str, str]] = {"q": "quit", "quit": "quit", "help": "help"}
#: actions that make no sense typed
_NOT_TYPED: Final = frozenset(("command", "up", "down", "page_up", "page_down", "half_up", "half_down"))


class Typed(NamedTuple):
    """What a line means: an action, a verb with what follows it, a number; or why it means nothing."""

    action: Action | None = None
    verb: Verb | None = None
    argument: str = ""
    number: int | None = None
    problem: str = ""


class Candidate(NamedTuple):
    """What the line would be, what that does, the key that does the same, why it can't be done now."""

    text: str
    help: str
    key: str = ""
    why: str = ""


def names_of(verb: Verb) -> tuple[str, ...]:
    """What may be typed for a verb, the reader's language first."""
    own = _(verb.name)
    return (own, verb.name) if own != verb.name else (verb.name,)


def _action_names(action: Action) -> tuple[str, ...]:
    label = _(action.label).replace(" ", "-")
    id = action.id.replace("_", "-")
    return (label, id) if label != id else (id,)


def _typed_actions(state: State) -> Iterator[Action]:
    return (each for each in ACTIONS if state.place in each.where and each.id not in _NOT_TYPED)


def read(text: str, state: State) -> Typed:
    """What a line means in a place."""
    word, _space, rest = text.strip().removeprefix(":").strip().partition(" ")
    word, rest = word.casefold(), rest.strip()
    if word.isascii() and word.isdigit() and len(word) < 16 and not rest:
        return Typed(number=int(word))
    for verb in VERBS:
        if word in names_of(verb):
            if bool(verb.needs) == bool(rest):
                return Typed(verb=verb, argument=rest)
            if not rest and verb.name in BY_ID:
                break  # the action of that name asks
            if not rest:
                return Typed(problem=_("{command} needs something more.").format(command=f":{word}"))
            return Typed(problem=_("{command} takes nothing more.").format(command=f":{word}"))
    if not word:
        return Typed()
    wanted = _BY_HAND.get(word, word).replace("_", "-")
    for action in _typed_actions(state):
        if wanted in _action_names(action):
            if rest:
                return Typed(problem=_("{command} takes nothing more.").format(command=f":{word}"))
            return Typed(action=action)
    return Typed(problem=_unknown(word, state))


def _unknown(word: str, state: State) -> str:
    from difflib import get_close_matches

    known = [name for verb in VERBS for name in names_of(verb)]
    known += [name for action in _typed_actions(state) for name in _action_names(action)]
    said = _("There is no command {word}.").format(word=repr(line(word, 40)))
    close = get_close_matches(word, known, 1)
    return f"{said} {_('Did you mean {close}?').format(close=close[0])}" if close else said


def complete(text: str, state: State, values: Values) -> list[Candidate]:
    """What a line could become, most likely first."""
    bare = text.lstrip().removeprefix(":").lstrip()
    word, space, rest = bare.partition(" ")
    if not space:
        return _commands(word.casefold(), state)
    verb = next((each for each in VERBS if word.casefold() in names_of(each)), None)
    if verb is None or not verb.needs:
        return []
    kept, _gap, last = rest.rpartition(" ") if verb.needs in ("tag", "tag_here") else ("", "", rest.lstrip())
    wanted = last.casefold()
    given = set(kept.split())
    found = [value for value in values(verb.needs) if wanted in value.casefold() and value not in given]
    found.sort(key=lambda value: not value.casefold().startswith(wanted))
    lead = f"{word} {kept} " if kept else f"{word} "
    return [Candidate(lead + value, _(verb.help)) for value in found[:MOST]]


def _commands(word: str, state: State) -> list[Candidate]:
    found: list[tuple[bool, Candidate]] = []
    for verb in VERBS:
        name = next((each for each in names_of(verb) if each.startswith(word)), "")
        if name and (state.conversation or not verb.here):
            found.append((True, Candidate(name + (" " if verb.needs else ""), _(verb.help))))
    verbs = {verb.name for verb in VERBS}
    for action in _typed_actions(state):
        name = next((each for each in _action_names(action) if each.startswith(word)), "")
        if name and action.id not in verbs and not (action.quiet and not word):
            key = key_name(of(action.id)[0]) if of(action.id) else ""
            found.append((False, Candidate(name, _(action.help), key, action.enabled(state) or "")))
    found.sort(key=lambda each: (bool(each[1].why), not each[0], each[1].text))
    return [candidate for _verb, candidate in found[:MOST]]


def painted(
    edit: Sequence[Segment], found: Sequence[Candidate], chosen: int, said: str, wrong: bool, look: Look, width: int,
    rows: int,
) -> list[list[Segment]]:  # fmt: skip
    """The line, what is said of it, and the candidates that fit; `chosen` -1 for none."""
    inner = width - 2
    out: list[list[Segment]] = [[Segment(" :", look.accent), *edit]]
    if said:
        out.append([Segment(" " + fit(said, inner - 2), look.warn if wrong else look.muted)])
    first = max(0, min(chosen - rows + 1, len(found) - rows)) if chosen >= rows else 0
    names = min(max((cells(each.text) for each in found), default=0) + 2, max(12, inner // 3))
    for index, each in enumerate(found[first : first + rows], first):
        here = index == chosen
        style = look.muted if each.why else look.strong if here else look.text
        help = f"{each.help} · {each.why}" if each.why else each.help
        room = max(0, inner - names - cells(each.key) - 5)
        out.append(
            [
                Segment("▌ " if here else "  ", look.accent),
                Segment(fit(line(each.text, 200), names), style),
                Segment(fit(help, room), look.muted),
                Segment(f" {each.key} ", look.key),
            ]
        )
    return out
