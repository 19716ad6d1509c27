"""The status line says one thing at a time, the most pressing one, for as long as it is true."""

from __future__ import annotations

from agent_console.screens.notices import Notices, Undo, Urgency, late_text
from tests.console import sample

NOW = sample.NOW


def test_a_notice_passes() -> None:
    notices = Notices()
    notices.say("hello", NOW, stay=2_000)
    assert notices.now_said(NOW + 1_999, 0) == ("hello", "text")
    assert notices.now_said(NOW + 2_000, 0) == ("", "text")


def test_what_came_in_is_said_until_it_is_shown() -> None:
    assert Notices().now_said(NOW, 3) == ("3 new, press . to see them", "accent")
    assert Notices().now_said(NOW, 1)[0] == "1 new, press . to see it"


def test_a_held_reply_counts_down_and_is_offered_once() -> None:
    notices, done = Notices(), list[int]()
    notices.offer(Undo("The reply to María", NOW + 5_000, lambda: done.append(1), held=True))
    assert notices.now_said(NOW, 3) == ("The reply to María leaves in 5 s · z takes it back", "accent")
    assert "in 1 s" in notices.now_said(NOW + 4_500, 0)[0]
    assert notices.now_said(NOW + 5_000, 0) == ("", "text")
    assert notices.take_undo(NOW + 5_000) is None
    notices.offer(Undo("again", NOW + 5_000, lambda: done.append(2)))
    undo = notices.take_undo(NOW)
    assert undo is not None
    undo.run()
    assert done == [2]
    assert notices.take_undo(NOW) is None


def test_a_reason_shows_over_the_countdown_and_gives_way_to_it() -> None:
    notices = Notices()
    notices.offer(Undo("reply", NOW + 5_000, lambda: None, held=True))
    notices.say("It is yours already.", NOW, "warn", 2_000)
    assert notices.now_said(NOW + 1_000, 0)[0] == "It is yours already."
    assert "leaves in" in notices.now_said(NOW + 2_500, 0)[0]


def test_an_alert_is_not_pushed_aside_by_small_talk() -> None:
    notices = Notices()
    notices.say("▲ late", NOW, "breach", 10_000)
    notices.say("Note written.", NOW + 1_000, "muted")
    assert notices.now_said(NOW + 1_000, 0)[0] == "▲ late"
    notices.say("It is resolved already.", NOW + 1_000, "warn")
    assert notices.now_said(NOW + 1_000, 0)[0] == "It is resolved already."


def test_a_promise_that_breaks_is_told_once() -> None:
    urgency = Urgency()
    urgency.take(sample.rows(), "ana")
    assert urgency.counts(NOW) == (1, 2)
    assert [row.contact_name for row in urgency.newly_late(NOW)] == []
    later = NOW + 98_000
    assert [row.contact_name for row in urgency.newly_late(later)] == ["Pupusería Lita"]
    assert urgency.newly_late(later + 1_000) == []
    assert urgency.counts(later)[0] == 2


def test_what_was_late_long_ago_is_no_news() -> None:
    urgency = Urgency()
    urgency.take([sample.row(1, "María", "whatsapp", "", sla=sample.due_in(-600_000))], "ana")
    assert urgency.newly_late(NOW) == []


def test_other_peoples_promises_are_theirs() -> None:
    urgency = Urgency()
    urgency.take([sample.row(1, "María", "whatsapp", "", sla=sample.due_in(-1_000), assignee="luis")], "ana")
    assert urgency.counts(NOW) == (0, 0)


def test_alert_texts() -> None:
    rows = sample.rows()
    assert late_text(rows[:1]) == "▲ María Ramos: the promised time has passed"
    assert late_text(rows[:3]) == "▲ 3 promises broken just now"
