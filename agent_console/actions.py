"""Every action of the console, once: its name, its keys, its help, where it works and when it can be done.

Footer, `?`, palette, `:` line and the key table of the documentation are made from this table, and every key press is
looked up in it. Its keys are those of the preset `default`; `use` puts others in force (`agent_console.keymap`).

Two rules keep keys out of the way of typing: in the composer only keys that type nothing do something, and no key is
alt and a letter (those are letters on many keyboards).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from agent_console import keys
from agent_console.i18n import N_, _

Place = Literal["list", "thread", "composer"]
PLACES: Final[tuple[Place, ...]] = ("list", "thread", "composer")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What decides whether an action can be done now. `conversation`: there is one under the cursor or open.

    `folded`, `files`, `public`: a message of the open conversation has quoted lines, files, can be moderated; `copies`,
    `attachable`: what its channel can do, as far as that is known; `audience`: who reads an answer can be chosen.
    `marked`: how many are marked; `searching`: the list is a search; `scheduled`: a message of the open conversation
    waits for its time; `note`: what is written is one.
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
    marked: int = 0
    searching: bool = False
    scheduled: bool = False
    note: bool = False


Enabled = Callable[[State], str | None]


def _always(state: State) -> str | None:
    return None


def _needs_conversation(state: State) -> str | None:
    return None if state.conversation or state.marked else _("There is no conversation here.")


def _can_claim(state: State) -> str | None:
    if state.marked or (reason := _needs_conversation(state)):
        return None if state.marked else reason
    if state.state == "resolved":
        return _("It is resolved: {key} reopens it.").format(key=keys.first("reopen"))
    return _("It is yours already.") if state.mine else None


def _can_resolve(state: State) -> str | None:
    if reason := _needs_conversation(state):
        return reason
    if state.marked or state.state != "resolved":
        return None
    return _("It is resolved already: {key} reopens it.").format(key=keys.first("reopen"))


def _can_reopen(state: State) -> str | None:
    if reason := _needs_conversation(state):
        return reason
    return None if state.marked or state.state == "resolved" else _("It is not resolved.")


def _can_retry(state: State) -> str | None:
    if reason := _needs_conversation(state):
        return reason
    return None if state.failed else _("No message failed here.")


def _can_settle(state: State) -> str | None:
    if not state.opened:
        return _("Open the conversation first ({key}).").format(key=keys.first("open"))
    return None if state.unknown else _("There is no message of unknown fate here.")


def _can_fold(state: State) -> str | None:
    return None if state.folded else _("No message here has quoted lines.")


def _can_view(state: State) -> str | None:
    if not state.opened:
        return _("Open the conversation first ({key}).").format(key=keys.first("open"))
    return None if state.files else _("No message here has a file.")


def _can_moderate(state: State) -> str | None:
    if not state.moderation:
        return _("Only public comments can be hidden or deleted.")
    if state.public:
        return None
    return _("Mark a comment of theirs first ({up}, {down}).").format(
        up=keys.first("mark_up"), down=keys.first("mark_down")
    )


def _can_attach(state: State) -> str | None:
    if reason := _needs_conversation(state):
        return reason
    return None if state.attachable else _("This channel takes no files.")


def _can_address(state: State) -> str | None:
    return None if state.copies else _("This channel has no copies and no subject.")


def _can_choose_audience(state: State) -> str | None:
    return None if state.audience else _("Here an answer has only one reader.")


def _can_leave_list(state: State) -> str | None:
    return None if state.marked or state.searching else _("This is a view already.")


def _can_save_view(state: State) -> str | None:
    if state.searching:
        return None
    return _("Search for something first ({key}); that can be saved.").format(key=keys.first("search"))


def _can_unschedule(state: State) -> str | None:
    return None if state.scheduled else _("No message here waits for its time.")


def _can_schedule(state: State) -> str | None:
    return _("A note is written at once.") if state.note else None


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
    Action(id="page_down", keys=("pagedown", "ctrl+f"), label=N_("page down"), help=N_("One page down"),
           where=_BROWSE, quiet=True),
    Action(id="read_on", keys=("space",), label=N_("page down"), help=N_("One page down"), where=("thread",),
           quiet=True),
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
    Action(id="next_unread", keys=("ctrl+n",), label=N_("next unread"),
           help=N_("Next conversation with something unread"), where=_BROWSE),
    Action(id="next_late", keys=("!",), label=N_("next late"),
           help=N_("Next conversation whose promised time has passed, or soon will have"), where=_BROWSE),
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
    Action(id="assign", keys=("a",), label=N_("give"), help=N_("Give the conversation to a colleague or a team"),
           where=_BROWSE, enabled=_needs_conversation),
    Action(id="tags", keys=("L",), label=N_("tags"), help=N_("Put tags on, or take them off"), where=_BROWSE,
           footer=_BROWSE, enabled=_needs_conversation),
    Action(id="snooze", keys=("s",), label=N_("put aside"), help=N_("Put aside until a moment, then it comes back"),
           where=_BROWSE, footer=_BROWSE, enabled=_needs_conversation),
    Action(id="priority_up", keys=("+",), label=N_("more urgent"), help=N_("More urgent"), where=_BROWSE,
           enabled=_needs_conversation),
    Action(id="priority_down", keys=("-",), label=N_("less urgent"), help=N_("Less urgent"), where=_BROWSE,
           enabled=_needs_conversation),
    Action(id="follow", keys=("w",), label=N_("follow"), help=N_("Follow the conversation, or no longer"),
           where=_BROWSE, enabled=_needs_conversation),
    Action(id="mark", keys=("x", "space"), label=N_("mark"), help=N_("Mark the conversation, to work on several"),
           where=("list",), enabled=_needs_conversation),
    Action(id="mark_next", keys=("shift+down",), label=N_("mark down"), help=N_("Mark this one and the next"),
           where=("list",), enabled=_needs_conversation),
    Action(id="mark_previous", keys=("shift+up",), label=N_("mark up"), help=N_("Mark this one and the one before"),
           where=("list",), enabled=_needs_conversation),
    Action(id="mark_range", keys=("V",), label=N_("mark to here"),
           help=N_("Mark all from the one marked last to this one"), where=("list",), enabled=_needs_conversation),
    Action(id="mark_all", keys=("*",), label=N_("mark all"), help=N_("Mark all that is shown, or nothing"),
           where=("list",), enabled=_needs_conversation),
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
           footer=_BROWSE, enabled=_can_undo),
    Action(id="unschedule", keys=("T",), label=N_("do not send"),
           help=N_("Take back a message that is to leave later"), where=("thread",), enabled=_can_unschedule),
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
    Action(id="saved_1", keys=("6",), label=N_("saved view"), help=N_("First saved view"), where=_BROWSE, quiet=True),
    Action(id="saved_2", keys=("7",), label=N_("saved view"), help=N_("Second saved view"), where=_BROWSE, quiet=True),
    Action(id="saved_3", keys=("8",), label=N_("saved view"), help=N_("Third saved view"), where=_BROWSE, quiet=True),
    Action(id="saved_4", keys=("9",), label=N_("saved view"), help=N_("Fourth saved view"), where=_BROWSE, quiet=True),
    Action(id="views", keys=("S",), label=N_("saved views"), help=N_("All saved views: show, name, order, remove"),
           where=_BROWSE),
    Action(id="search", keys=("/",), label=N_("search"), help=N_("Search all conversations"), where=_BROWSE,
           footer=_BROWSE),
    Action(id="save_view", keys=("W",), label=N_("save view"), help=N_("Save the search as a view"), where=_BROWSE,
           enabled=_can_save_view),
    Action(id="leave_list", keys=("escape",), label=N_("back"), help=N_("No marks; back from a search to the view"),
           where=("list",), enabled=_can_leave_list, quiet=True),
    # the composer
    Action(id="send", keys=("ctrl+s", "alt+enter", "ctrl+enter"), label=N_("send"), help=N_("Send what you wrote"),
           where=("composer",), footer=("composer",)),
    Action(id="toggle_note", keys=("tab",), label=N_("note / reply"), help=N_("Change between reply and note"),
           where=("composer",), footer=("composer",)),
    Action(id="schedule", keys=("f8",), label=N_("send later"), help=N_("Send what you wrote at another time"),
           where=("composer",), enabled=_can_schedule),
    Action(id="attach", keys=("ctrl+o",), label=N_("attach"), help=N_("Attach files to the answer"), where=PLACES,
           footer=("composer",), enabled=_can_attach),
    Action(id="audience", keys=("ctrl+l",), label=N_("who reads it"),
           help=N_("Answer everybody or only the sender; in public or in private"), where=("composer",),
           footer=("composer",), enabled=_can_choose_audience),
    Action(id="templates", keys=(";",), label=N_("template"), help=N_("Insert a reply template, or run a macro"),
           where=PLACES, footer=("thread",), enabled=_needs_conversation),
    Action(id="quote", keys=(">",), label=N_("quote"), help=N_("Begin an answer with the words of a message"),
           where=("thread",), enabled=_needs_conversation),
    Action(id="editor", keys=("ctrl+e",), label=N_("editor"), help=N_("Write in your own editor ($EDITOR)"),
           where=("composer",)),
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
    Action(id="palette", keys=("ctrl+p",), label=N_("commands"), help=N_("Find a command by its name"),
           where=PLACES, footer=PLACES, quiet=True),
    Action(id="command", keys=(":",), label=N_("command line"),
           help=N_("Type a command, or the number of a conversation"), where=_BROWSE, quiet=True),
    Action(id="jump", keys=("ctrl+g",), label=N_("jump"),
           help=N_("Letters on everything that can be gone to or pressed"), where=PLACES),
    Action(id="record", keys=("Q",), label=N_("record"),
           help=N_("Record what is done from now on as a macro, or stop recording"), where=_BROWSE),
    Action(id="replay", keys=("M",), label=N_("replay"), help=N_("Do a recorded macro again"), where=_BROWSE),
    Action(id="tour", keys=("0",), label=N_("tour"), help=N_("The first five keys in a minute, or stop showing them"),
           where=_BROWSE),
    Action(id="help", keys=("?", "f1"), label=N_("keys"), help=N_("Show all keys"), where=PLACES, footer=_BROWSE),
    Action(id="theme", keys=(), label=N_("colours"),
           help=N_("Next set of colours (dark, light, high contrast, none, the terminal's)"), where=_BROWSE),
    Action(id="quit", keys=("q", "ctrl+q"), label=N_("quit"), help=N_("Close the console; drafts are kept"),
           where=_BROWSE),
)  # fmt: skip

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
GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (N_("Conversation"), ("claim", "reply", "note", "resolve", "resolve_next", "reopen", "retry", "settle", "undo",
                          "assign", "tags", "snooze", "priority_up", "priority_down", "follow", "unschedule",
                          "view", "fold", "attach", "hide", "delete", "customer", "people")),
    (N_("Move"), ("open", "back", "up", "down", "page_up", "page_down", "half_up", "half_down", "top", "end", "next",
                  "previous", "next_unread", "next_late", "read_on", "mark_up", "mark_down", "show_new", "switch")),
    (N_("Several at once"), ("mark", "mark_next", "mark_previous", "mark_range", "mark_all")),
    (N_("Views"), ("view_mine", "view_unassigned", "view_open", "view_waiting", "view_resolved",
                   "saved_1", "saved_2", "saved_3", "saved_4", "views", "search", "save_view", "leave_list")),
    (N_("Writing"), ("send", "schedule", "toggle_note", "templates", "audience", "recipients", "quote",
                     "editor", "leave", "thread_up", "thread_down")),
    (N_("Everywhere"), ("dead_letters", "channels", "palette", "command", "jump", "record", "replay", "help",
                         "tour", "refresh", "theme", "quit")),
)  # fmt: skip


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


#: actions that the footer shows only where there is something for them
_WHERE_OF_USE: Final = frozenset(("view", "attach", "audience", "undo"))


def footer_of(place: Place, state: State | None = None) -> list[Action]:
    """The actions that the footer of a place shows, most useful first; without those that `state` has no use for.
    What can be taken back comes before everything else."""
    shown = [action for action in ACTIONS if place in action.footer]
    if state is None:
        return shown
    shown = [action for action in shown if action.id not in _WHERE_OF_USE or action.enabled(state) is None]
    return sorted(shown, key=lambda action: action.id != "undo")


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
