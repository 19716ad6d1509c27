"""Everything that the console's keys can do is said with words here, or there is a reason why it means nothing."""

from __future__ import annotations

import re
from pathlib import Path

from agent_console.actions import ACTIONS
from agent_console.plain.vocabulary import ALL, BY_ID

#: action of the console → the words that do it
SAID: dict[str, tuple[str, ...]] = {
    # moving
    "open": ("open",),
    "back": ("close",),
    "page_down": ("more",),
    "read_on": ("more",),
    "top": ("list", "older"),
    "end": ("read",),
    "page_up": ("older",),
    "next": ("next",),
    "previous": ("next",),
    "next_unread": ("next",),
    "next_late": ("next",),
    "mark_up": ("about", "quote", "hide"),
    "mark_down": ("about", "quote", "hide"),
    "show_new": ("list", "news"),
    "refresh": ("list",),
    # the conversation
    "claim": ("claim",),
    "reply": ("reply",),
    "note": ("note",),
    "resolve": ("resolve",),
    "resolve_next": ("resolve", "next"),
    "reopen": ("reopen",),
    "assign": ("assign",),
    "tags": ("tag",),
    "snooze": ("snooze",),
    "priority_up": ("priority",),
    "priority_down": ("priority",),
    "follow": ("follow",),
    "mark": ("each",),
    "mark_next": ("each",),
    "mark_previous": ("each",),
    "mark_range": ("each",),
    "mark_all": ("each",),
    "retry": ("retry",),
    "view": ("file",),
    "fold": ("read",),
    "hide": ("hide",),
    "delete": ("delete",),
    "settle": ("settle",),
    "undo": ("undo",),
    "unschedule": ("later",),
    "customer": ("customer", "history"),
    "edit_customer": ("customer",),
    "people": ("merge", "split"),
    # views
    "view_mine": ("view",),
    "view_unassigned": ("view",),
    "view_open": ("view",),
    "view_waiting": ("view",),
    "view_resolved": ("view",),
    "saved_1": ("view",),
    "saved_2": ("view",),
    "saved_3": ("view",),
    "saved_4": ("view",),
    "views": ("view", "rename", "move", "remove"),
    "search": ("search",),
    "save_view": ("save",),
    "leave_list": ("view",),
    # writing
    "send": ("reply", "send"),
    "toggle_note": ("note", "reply"),
    "schedule": ("later",),
    "attach": ("attach",),
    "audience": ("private", "copies"),
    "templates": ("template",),
    "quote": ("quote",),
    "links": ("link",),
    "editor": ("editor",),
    "recipients": ("copies", "subject"),
    "leave": ("draft",),
    "thread_up": ("older",),
    "thread_down": ("read",),
    # the rules of service
    "transfer": ("transfer", "consult"),
    "answer_transfer": ("offers", "decline", "answer"),
    "remind": ("remind",),
    "reminders": ("reminders", "done"),
    "flag": ("flag",),
    "whisper": ("whisper",),
    "observe": ("observe",),
    "take_over": ("takeover",),
    "why": ("why",),
    "classify": ("classify",),
    "checklist": ("checklist", "outcome", "stage"),
    "status": ("presence",),
    "alerts": ("alerts", "ack"),
    "reviews": ("reviews", "approve", "correct", "return"),
    "wallboard": ("board", "presence"),
    # everywhere
    "dead_letters": ("unsent",),
    "channels": ("channels",),
    "palette": ("help",),
    "command": ("help",),
    "tour": ("help",),
    "help": ("help",),
    "quit": ("quit",),
}
CURSOR = "there is no cursor: what it would go to is said by its number or its name"
SCREEN = "it is about how a screen looks"
KEYS = "what is typed again and again is a file of lines: agent-console --plain < lines, or a template that does things"
#: action → why nothing is said for it
NOT_SAID: dict[str, str] = {
    **dict.fromkeys(("up", "down", "half_up", "half_down", "switch", "jump"), CURSOR),
    "theme": SCREEN,
    "record": KEYS,
    "replay": KEYS,
}


def test_every_action_of_the_console_is_said_or_has_a_reason_not_to_be() -> None:
    actions = {action.id for action in ACTIONS}
    assert set(SAID) | set(NOT_SAID) == actions
    assert not set(SAID) & set(NOT_SAID)


def test_what_does_it_are_words_that_there_are() -> None:
    assert {word for words in SAID.values() for word in words} <= set(BY_ID)


def test_there_are_only_words_beyond_the_keys_that_belong_to_lines() -> None:
    """What the console shows without being asked, or has no key for because it has a screen."""
    own = {"bell", "wait", "status"}
    assert set(BY_ID) - {word for words in SAID.values() for word in words} == own


def test_the_guide_tells_of_every_word_in_both_languages() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "plain.md").read_text(encoding="utf-8")
    spanish, english = guide.split("# Line by line", 1)
    told = {"reply", "responder"}  # by its short form: r
    for word in ALL:
        for name, half in ((word.es, spanish), (word.en, english)):
            assert name in told or re.search(rf"`{name}[ `]", half), name
