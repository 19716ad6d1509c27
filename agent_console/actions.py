"""Every action of the console, once: its name, its keys, its help, where it works and when it can be done.

Footer, `?`, palette and the key table of the documentation are made from this table, and every key press is looked up
in it. `python -m agent_console.actions` prints the table for `docs/keys.md`.

Two rules keep keys out of the way of typing: in the composer only keys that type nothing do something, and no key is
alt and a letter (those are letters on many keyboards).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from agent_console.i18n import N_, _

Place = Literal["list", "thread", "composer"]
PLACES: Final[tuple[Place, ...]] = ("list", "thread", "composer")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What decides whether an action can be done now. `conversation`: there is one under the cursor or open.

    `folded`, `files`, `public`: a message of the open conversation has quoted lines, files, can be moderated; `copies`,
    `attachable`: what its channel can do, as far as that is known; `audience`: who reads an answer can be chosen.
    """

    place: Place = "list"
    conversation: bool = False
    opened: bool = False
    state: str = "open"
    mine: bool = False
    failed: bool = False
    unknown: bool = False
    undo: str = ""
    fresh: int = 0
    older: bool = False
    folded: bool = False
    files: bool = False
    public: bool = False
    moderation: bool = False
    copies: bool = False
    attachable: bool = True
    audience: bool = False


Enabled = Callable[[State], str | None]


def _always(state: State) -> str | None:
    return None


def _needs_conversation(state: State) -> str | None:
    return None if state.conversation else _("There is no conversation here.")


def _can_claim(state: State) -> str | None:
    if reason := _needs_conversation(state):
        return reason
    if state.state == "resolved":
        return _("It is resolved: o reopens it.")
    return _("It is yours already.") if state.mine else None


def _can_resolve(state: State) -> str | None:
    if reason := _needs_conversation(state):
        return reason
    return _("It is resolved already: o reopens it.") if state.state == "resolved" else None


def _can_reopen(state: State) -> str | None:
    if reason := _needs_conversation(state):
        return reason
    return None if state.state == "resolved" else _("It is not resolved.")


def _can_retry(state: State) -> str | None:
    if reason := _needs_conversation(state):
        return reason
    return None if state.failed else _("No message failed here.")


def _can_settle(state: State) -> str | None:
    if not state.opened:
        return _("Open the conversation first (Enter).")
    return None if state.unknown else _("There is no message of unknown fate here.")


def _can_fold(state: State) -> str | None:
    return None if state.folded else _("No message here has quoted lines.")


def _can_view(state: State) -> str | None:
    if not state.opened:
        return _("Open the conversation first (Enter).")
    return None if state.files else _("No message here has a file.")


def _can_moderate(state: State) -> str | None:
    if not state.moderation:
        return _("Only public comments can be hidden or deleted.")
    return None if state.public else _("Mark a comment of theirs first (K, J).")


def _can_attach(state: State) -> str | None:
    if reason := _needs_conversation(state):
        return reason
    return None if state.attachable else _("This channel takes no files.")


def _can_address(state: State) -> str | None:
    return None if state.copies else _("This channel has no copies and no subject.")


def _can_choose_audience(state: State) -> str | None:
    return None if state.audience else _("Here an answer has only one reader.")


def _can_undo(state: State) -> str | None:
    return None if state.undo else _("There is nothing to take back.")


def _can_show_new(state: State) -> str | None:
    return None if state.fresh else _("There are no new conversations.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a person can do. `label` (footer) and `help` (help, palette, docs) are msgids.

    `footer`: places whose footer shows it, in the order of the table. `quiet`: too obvious for the palette (moving).
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: tuple[Place, ...]
    footer: tuple[Place, ...] = ()
    enabled: Enabled = field(default=_always)
    quiet: bool = False


_BROWSE: Final[tuple[Place, ...]] = ("list", "thread")

ACTIONS: Final[tuple[Action, ...]] = (
    # moving
    Action(id="open", keys=("enter", "l"), label=N_("open"), help=N_("Open the conversation"), where=("list",),
           footer=("list",), enabled=_needs_conversation, quiet=True),
    Action(id="back", keys=("escape", "h"), label=N_("back"), help=N_("Back to the list"), where=("thread",),
           footer=("thread",), quiet=True),
    Action(id="up", keys=("up", "k"), label=N_("up"), help=N_("One row or line up"), where=_BROWSE, quiet=True),
    Action(id="down", keys=("down", "j"), label=N_("down"), help=N_("One row or line down"), where=_BROWSE, quiet=True),
    Action(id="page_up", keys=("pageup", "ctrl+b"), label=N_("page up"), help=N_("One page up"), where=_BROWSE,
           quiet=True),
    Action(id="page_down", keys=("pagedown", "ctrl+f", "space"), label=N_("page down"), help=N_("One page down"),
           where=_BROWSE, quiet=True),
    Action(id="half_up", keys=("ctrl+u",), label=N_("half up"), help=N_("Half a page up"), where=_BROWSE, quiet=True),
    Action(id="half_down", keys=("ctrl+d",), label=N_("half down"), help=N_("Half a page down"), where=_BROWSE,
           quiet=True),
    Action(id="top", keys=("home", "g"), label=N_("first"), help=N_("First row, oldest message"), where=_BROWSE,
           quiet=True),
    Action(id="end", keys=("end", "G"), label=N_("last"), help=N_("Last row, newest message"), where=_BROWSE,
           quiet=True),
    Action(id="next", keys=("n",), label=N_("next"), help=N_("Next customer who waits for an answer"), where=_BROWSE,
           footer=_BROWSE),
    Action(id="previous", keys=("N",), label=N_("previous"), help=N_("Previous customer who waits for an answer"),
           where=_BROWSE),
    Action(id="mark_up", keys=("K",), label=N_("message up"),
           help=N_("Mark the message before, for keys that are about one message"), where=("thread",), quiet=True),
    Action(id="mark_down", keys=("J",), label=N_("message down"),
           help=N_("Mark the message after, for keys that are about one message"), where=("thread",), quiet=True),
    Action(id="show_new", keys=(".",), label=N_("show new"), help=N_("Show the conversations that came in"),
           where=_BROWSE, enabled=_can_show_new),
    # the conversation
    Action(id="claim", keys=("c",), label=N_("take"), help=N_("Take the conversation"), where=_BROWSE, footer=_BROWSE,
           enabled=_can_claim),
    Action(id="reply", keys=("r",), label=N_("reply"), help=N_("Reply to the customer"), where=_BROWSE, footer=_BROWSE,
           enabled=_needs_conversation),
    Action(id="note", keys=("i",), label=N_("note"), help=N_("Write a note only colleagues see"), where=_BROWSE,
           footer=("thread",), enabled=_needs_conversation),
    Action(id="resolve", keys=("e",), label=N_("resolve"), help=N_("Resolve the conversation"), where=_BROWSE,
           footer=_BROWSE, enabled=_can_resolve),
    Action(id="resolve_next", keys=("E",), label=N_("resolve and next"),
           help=N_("Resolve and open the next one that waits"), where=_BROWSE, footer=("thread",),
           enabled=_can_resolve),
    Action(id="reopen", keys=("o",), label=N_("reopen"), help=N_("Reopen a resolved conversation"), where=_BROWSE,
           enabled=_can_reopen),
    Action(id="retry", keys=("R",), label=N_("try again"), help=N_("Send the failed message again"), where=_BROWSE,
           enabled=_can_retry),
    Action(id="view", keys=("v",), label=N_("view"), help=N_("Look at the files of a message"), where=("thread",),
           footer=("thread",), enabled=_can_view),
    Action(id="fold", keys=("f",), label=N_("quoted"), help=N_("Show or fold the quoted lines of a mail"),
           where=("thread",), enabled=_can_fold),
    Action(id="hide", keys=("H",), label=N_("hide"), help=N_("Hide a public comment from others, or show it again"),
           where=("thread",), enabled=_can_moderate),
    Action(id="delete", keys=("D",), label=N_("delete"), help=N_("Delete a public comment for good"),
           where=("thread",), enabled=_can_moderate),
    Action(id="settle", keys=("u",), label=N_("decide"), help=N_("Decide on a message nobody knows the fate of"),
           where=("thread",), enabled=_can_settle),
    Action(id="undo", keys=("z",), label=N_("take back"), help=N_("Take back what you did last"), where=_BROWSE,
           enabled=_can_undo),
    Action(id="customer", keys=("p",), label=N_("customer"), help=N_("Show or hide who the customer is"),
           where=_BROWSE, enabled=_needs_conversation),
    Action(id="people", keys=("m",), label=N_("same person"),
           help=N_("The customer's other identities and conversations: merge, take apart"), where=_BROWSE,
           enabled=_needs_conversation),
    # views
    Action(id="view_mine", keys=("1",), label=N_("mine"), help=N_("My conversations"), where=_BROWSE),
    Action(id="view_unassigned", keys=("2",), label=N_("unassigned"), help=N_("Conversations nobody has taken"),
           where=_BROWSE),
    Action(id="view_open", keys=("3",), label=N_("all open"), help=N_("Everybody's open conversations"), where=_BROWSE),
    Action(id="view_waiting", keys=("4",), label=N_("waiting"), help=N_("Conversations that wait for the customer"),
           where=_BROWSE),
    Action(id="view_resolved", keys=("5",), label=N_("resolved"), help=N_("Resolved conversations"), where=_BROWSE),
    # the composer
    Action(id="send", keys=("ctrl+s", "alt+enter", "ctrl+enter"), label=N_("send"), help=N_("Send what you wrote"),
           where=("composer",), footer=("composer",)),
    Action(id="toggle_note", keys=("tab",), label=N_("note / reply"), help=N_("Change between reply and note"),
           where=("composer",), footer=("composer",)),
    Action(id="attach", keys=("ctrl+o",), label=N_("attach"), help=N_("Attach files to the answer"), where=PLACES,
           footer=("composer",), enabled=_can_attach),
    Action(id="audience", keys=("ctrl+l",), label=N_("who reads it"),
           help=N_("Answer everybody or only the sender; in public or in private"), where=("composer",),
           footer=("composer",), enabled=_can_choose_audience),
    Action(id="recipients", keys=("ctrl+t",), label=N_("copies"), help=N_("Change copies and subject of a mail"),
           where=("composer",), enabled=_can_address),
    Action(id="leave", keys=("escape",), label=N_("back"), help=N_("Leave the composer; the draft is kept"),
           where=("composer",), footer=("composer",)),
    Action(id="thread_up", keys=("pageup", "ctrl+up"), label=N_("read up"), help=N_("Read further up while writing"),
           where=("composer",), quiet=True),
    Action(id="thread_down", keys=("pagedown", "ctrl+down"), label=N_("read down"),
           help=N_("Read further down while writing"), where=("composer",), quiet=True),
    # everywhere
    Action(id="switch", keys=("tab",), label=N_("other pane"), help=N_("Go to the other pane"), where=_BROWSE,
           quiet=True),
    Action(id="dead_letters", keys=("X",), label=N_("not sent"),
           help=N_("Messages that failed or whose fate is unknown"), where=_BROWSE),
    Action(id="channels", keys=("C",), label=N_("channels"), help=N_("How the channels are, and what to do"),
           where=_BROWSE),
    Action(id="refresh", keys=("ctrl+r",), label=N_("refresh"), help=N_("Load everything anew"), where=PLACES),
    Action(id="palette", keys=("ctrl+p", ":"), label=N_("commands"), help=N_("Find a command by its name"),
           where=PLACES, footer=PLACES, quiet=True),
    Action(id="help", keys=("?",), label=N_("keys"), help=N_("Show all keys"), where=_BROWSE, footer=_BROWSE),
    Action(id="theme", keys=(), label=N_("colours"), help=N_("Next set of colours (dark, light, high contrast)"),
           where=_BROWSE),
    Action(id="quit", keys=("q", "ctrl+q"), label=N_("quit"), help=N_("Close the console; drafts are kept"),
           where=_BROWSE),
)  # fmt: skip

BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}

#: keys that only do something where letters do something: in the composer they would be typed
_TYPED_ELSEWHERE: Final = frozenset((":",))


def _by_key() -> dict[tuple[Place, str], Action]:
    table: dict[tuple[Place, str], Action] = {}
    for action in ACTIONS:
        for place in action.where:
            for key in action.keys:
                if place == "composer" and (len(key) == 1 or key in _TYPED_ELSEWHERE):
                    continue
                table[place, key] = action
    return table


BY_KEY: Final[Mapping[tuple[Place, str], Action]] = _by_key()

_KEY_NAMES: Final[Mapping[str, str]] = {
    "enter": N_("Enter"),
    "escape": N_("Esc"),
    "tab": N_("Tab"),
    "space": N_("space"),
    "up": "↑",
    "down": "↓",
    "pageup": N_("PgUp"),
    "pagedown": N_("PgDn"),
    "home": N_("Home"),
    "end": N_("End"),
    "alt+enter": N_("alt+Enter"),
    "ctrl+enter": N_("ctrl+Enter"),
    "ctrl+up": "ctrl+↑",
    "ctrl+down": "ctrl+↓",
}

_PLACE_NAMES: Final[Mapping[Place, str]] = {
    "list": N_("list"),
    "thread": N_("conversation"),
    "composer": N_("writing"),
}

#: how the help and the documentation group the actions
GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (N_("Conversation"), ("claim", "reply", "note", "resolve", "resolve_next", "reopen", "retry", "settle", "undo",
                          "view", "fold", "attach", "hide", "delete", "customer", "people")),
    (N_("Move"), ("open", "back", "up", "down", "page_up", "page_down", "half_up", "half_down", "top", "end", "next",
                  "previous", "mark_up", "mark_down", "show_new", "switch")),
    (N_("Views"), ("view_mine", "view_unassigned", "view_open", "view_waiting", "view_resolved")),
    (N_("Writing"), ("send", "toggle_note", "audience", "recipients", "leave", "thread_up", "thread_down")),
    (N_("Everywhere"), ("dead_letters", "channels", "palette", "help", "refresh", "theme", "quit")),
)  # fmt: skip


def find(place: Place, key: str, character: str | None = None) -> Action | None:
    """The action of a key press, by the name of the key or the character it types."""
    action = BY_KEY.get((place, key))
    if action is None and character is not None and place != "composer":
        action = BY_KEY.get((place, character))
    return action


def key_name(key: str) -> str:
    """What is printed on the key, or on what people call it."""
    return _(_KEY_NAMES[key]) if key in _KEY_NAMES else key


def place_name(place: Place) -> str:
    """What the help calls a place."""
    return _(_PLACE_NAMES[place])


#: actions that the footer shows only where there is something for them
_WHERE_OF_USE: Final = frozenset(("view", "attach", "audience"))


def footer_of(place: Place, state: State | None = None) -> list[Action]:
    """The actions that the footer of a place shows, most useful first; without those that `state` has no use for."""
    shown = [action for action in ACTIONS if place in action.footer]
    if state is None:
        return shown
    return [action for action in shown if action.id not in _WHERE_OF_USE or action.enabled(state) is None]


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


def markdown() -> str:
    """The key table of the documentation."""
    lines: list[str] = [f"# {_('Keys')}", ""]
    for title, ids in GROUPS:
        lines += [f"## {_(title)}", "", f"| {_('Key')} | {_('What it does')} | {_('Where')} |", "|---|---|---|"]
        for action in (BY_ID[each] for each in ids):
            keys = " ".join(f"`{key_name(key)}`" for key in action.keys) or _("commands (ctrl+p)")
            where = ", ".join(place_name(place) for place in action.where)
            lines.append(f"| {keys} | {_(action.help)} | {where} |")
        lines.append("")
    return "\n".join(lines)


def main(arguments: Iterable[str] = ()) -> None:
    """Print the key table (`--lang es|en`): `python -m agent_console.actions > docs/keys.md`."""
    from agent_console.i18n import set_language

    given = list(arguments)
    set_language(given[given.index("--lang") + 1] if "--lang" in given else "en")
    sys.stdout.write(markdown())


if __name__ == "__main__":
    main(sys.argv[1:])
