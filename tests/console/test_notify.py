"""Notifications: only what concerns this advisor, once, not too often, not at night; nothing foreign in the bytes."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.backend.changes import Alert
from agent_console.presentation import notify, osc
from agent_console.presentation.notify import Context, Notifier, Quiet, Wishes, read_wishes
from tests.console import hostile, sample

NOW = sample.NOW
MINE = sample.row(1, "María Ramos", "whatsapp", "hola")
THEIRS = sample.row(2, "Don Neto", "whatsapp", "hola", assignee="luis")
ROWS = {1: MINE, 2: THEIRS}


def context(followed: tuple[int, ...] = (), looking_at: int | None = None) -> Context:
    return Context(me="ana", row=ROWS.get, followed=lambda id: id in followed, looking_at=looking_at)


def due(user: str | None) -> dict[str, Any]:
    fields = {"id": 1, "conversation": 1, "contact": 1, "text": "x", "due_at": NOW, "made_at": NOW}
    return {**fields, "user": user, "team": None if user else "Servicio"}


def alert(
    kind: str, conversation: int = 1, seq: int = 1, actor: str = "contact:1", at: int = NOW, **data: Any
) -> Alert:
    return Alert(kind, conversation, at, seq, actor, data)


@pytest.mark.parametrize(
    ("event", "about"),
    [
        (alert("message.received"), "answered"),
        (alert("message.received", 2), None),
        (alert("conversation.assigned", actor="user:luis", user="ana"), "assigned"),
        (alert("conversation.assigned", actor="user:ana", user="ana"), None),
        (alert("conversation.assigned", 2, actor="user:luis", user="rosa"), None),
        (alert("note.added", 2, actor="user:luis", mentions=["ana", "rosa"]), "mentioned"),
        (alert("note.added", 2, actor="user:luis", mentions=["rosa"]), None),
        (alert("note.added", 2, actor="user:luis", mentions="ana"), None),
        (alert("sla.warned", actor="system"), "sla"),
        (alert("sla.breached", 2, actor="system"), None),
        (alert("message.status", status="failed"), None),
        (alert("message.received", 99), None),
        (alert("channel.trouble"), None),
        (alert("reminder.due", 2, actor="system", reminder=due("ana")), "reminder"),
        (alert("reminder.due", actor="system", reminder=due("luis")), None),
        (alert("reminder.due", actor="system", reminder=due(None)), "reminder"),
        (alert("reminder.due", actor="system", reminder="x"), None),
    ],
)
def test_only_what_concerns_me(event: Alert, about: str | None) -> None:
    news = notify.concerning(event, context())
    assert (news.about if news is not None else None) == about


def test_what_is_followed_concerns_me() -> None:
    for kind in ("message.received", "note.added", "conversation.resolved", "conversation.reopened"):
        news = notify.concerning(alert(kind, 2, actor="user:luis"), context(followed=(2,)))
        assert news is not None and news.about == "followed", kind
    assert notify.concerning(alert("conversation.resolved", 2, actor="user:ana"), context(followed=(2,))) is None


def test_what_i_look_at_needs_no_bell_but_its_clock_does() -> None:
    assert notify.concerning(alert("message.received"), context(looking_at=1)) is None
    assert notify.concerning(alert("sla.breached", actor="system"), context(looking_at=1)) is not None


def told(notifier: Notifier, *events: Alert, now: int = NOW) -> str:
    for event in events:
        notifier.take(event, context(), now)
    return notifier.due(now)


def notifier(**wishes: Any) -> Notifier:
    return Notifier(Wishes(bell=True, **wishes), lambda at: dt.datetime.fromtimestamp(at / 1000, sample.ZONE))


def test_never_twice_for_one_event() -> None:
    ours = notifier(every=0)
    event = alert("message.received")
    assert told(ours, event) == "María Ramos wrote"
    assert told(ours, event, now=NOW + 60_000) == ""


def test_what_comes_too_soon_is_gathered() -> None:
    ours = notifier(every=10)
    assert told(ours, alert("message.received", seq=1)) == "María Ramos wrote"
    late = alert("sla.breached", seq=2, actor="system")
    assert told(ours, late, alert("message.received", seq=3), now=NOW + 1_000) == ""
    assert ours.due(NOW + 9_999) == ""
    assert ours.due(NOW + 10_000) == "▲ María Ramos: the promised time has passed · and 1 more"
    assert ours.due(NOW + 60_000) == ""


def test_after_a_lost_connection_what_is_old_is_a_number() -> None:
    ours = notifier()
    old = [alert("message.received", seq=n, at=NOW - 600_000) for n in range(1, 41)]
    assert told(ours, *old) == "40 things happened meanwhile"


def test_quiet_hours() -> None:
    ours = notifier(quiet=(Quiet(19 * 60, 7 * 60),), every=0)
    night, morning = sample.at(23, 30), sample.at(7, 0, day=15)
    assert told(ours, alert("message.received", at=night), now=night) == ""
    assert ours.due(morning) == "", "what came at night is not told in the morning: the list shows it"
    assert told(ours, alert("message.received", seq=2, at=morning), now=morning) == "María Ramos wrote"


def test_only_what_was_wished_for() -> None:
    ours = notifier(about=("sla",), every=0)
    assert told(ours, alert("message.received")) == ""
    assert told(ours, alert("sla.warned", seq=2, actor="system")) == "María Ramos: the time is running out"


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3_000)), max_size=60), st.integers(1, 60))
def test_never_more_often_than_wished(steps: list[tuple[int, int]], every: int) -> None:
    ours, now, times = notifier(every=every), NOW, []
    for seq, passed in steps:
        now += passed
        if told(ours, alert("message.received", seq=seq, at=now), now=now):
            times.append(now)
    assert all(second - first >= every * 1000 for first, second in itertools.pairwise(times))
    assert len(times) <= len({seq for seq, _passed in steps})


# ---------------------------------------------------------------- the wishes


def test_wishes_are_read() -> None:
    table = {
        "bell": True, "desktop": "osc99", "title": True, "every": 30, "multiplexer": "tmux",
        "about": ["sla", "mentioned"], "quiet": ["19:00-7", "Sunday", "22:30 – 23:00"],
    }  # fmt: skip
    wishes, wrong = read_wishes(table)
    assert wrong == []
    quiet = (Quiet(1140, 420), Quiet(day=6), Quiet(1350, 1380))
    assert wishes == Wishes(True, "osc99", True, ("sla", "mentioned"), quiet, 30, "tmux")
    assert read_wishes({})[0] == Wishes() and not Wishes().any


@pytest.mark.parametrize(
    ("name", "value"),
    [("bell", 1), ("bell", "yes"), ("desktop", "osc52"), ("every", -1), ("every", True), ("every", 10**9),
     ("about", ["all"]), ("quiet", ["25:00-7"]), ("quiet", [3]), ("sound", "cow"), ("multiplexer", "zellij")],
)  # fmt: skip
def test_wrong_wishes_are_said_and_the_rest_holds(name: str, value: object) -> None:
    wishes, wrong = read_wishes({"title": True, name: value})
    assert len(wrong) == 1 and name in wrong[0]
    assert wishes.title and not wishes.bell


# ---------------------------------------------------------------- the bytes


def test_the_sequences() -> None:
    assert osc.notification("osc9", "agent-console", "hola; chau", 1, "none") == "\x1b]9;hola, chau\x1b\\"
    assert osc.notification("osc777", "a;c", "hola", 1, "none") == "\x1b]777;notify;a,c;hola\x1b\\"
    assert (
        osc.notification("osc99", "c", "hola", 7, "none") == "\x1b]99;i=ac7:d=0;c\x1b\\\x1b]99;i=ac7:p=body;hola\x1b\\"
    )
    assert osc.notification("", "c", "hola", 7, "none") == ""
    assert osc.title("(3) ▲1 agent-console") == "\x1b]2;(3) ▲1 agent-console\x1b\\"
    assert notify.title("agent-console", 3, 1) == "(3) ▲1 agent-console"
    assert notify.title("agent-console", 0, 0) == "agent-console"


def test_through_tmux_and_screen() -> None:
    assert osc.notification("osc9", "c", "hola", 1, "tmux") == "\x1bPtmux;\x1b\x1b]9;hola\x1b\x1b\\\x1b\\"
    assert osc.notification("osc9", "c", "hola", 1, "screen") == "\x1bP\x1b]9;hola\a\x1b\\"


@pytest.mark.parametrize(
    ("environment", "found"),
    [({"TMUX": "/tmp/x", "TERM": "screen"}, "tmux"), ({"TERM": "tmux-256color"}, "tmux"), ({"STY": "1.x"}, "screen"),
     ({"TERM": "screen-256color"}, "tmux"), ({"TERM": "xterm-256color"}, "none"), ({}, "none")],
)  # fmt: skip
def test_the_multiplexer_is_guessed(environment: dict[str, str], found: str) -> None:
    assert osc.multiplexer("auto", environment) == found
    assert osc.multiplexer("none", environment) == "none"


@pytest.mark.parametrize("text", hostile.ESCAPES)
def test_nothing_foreign_is_in_them(text: str) -> None:
    for kind in ("osc9", "osc777", "osc99"):
        sent = osc.notification(kind, "c", f"a{text}b", 1, "none")
        inside = sent.replace("\x1b]", "").replace("\x1b\\", "")
        assert not any(ord(char) in hostile.FORBIDDEN for char in inside), sent
