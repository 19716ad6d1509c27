"""The rules of the mirror one by one; `test_mirror_properties` shuffles them."""

from __future__ import annotations

from agent_console.backend.mirror import Mirror
from agent_console.backend.overlay import AssignTo, Claim, Note, React, Reply, Resolve, Seen
from agent_console.backend.views import ListSpec, unread
from server import wire
from tests.backend.model import ANA, LUIS, ME, Model
from tests.backend.seeing import feed, fresh

MINE, UNASSIGNED, OPEN = ListSpec("mine"), ListSpec("unassigned"), ListSpec("open")


# ---------------------------------------------------------------- lists


def test_a_new_conversation_is_counted_as_fresh_until_it_was_on_the_screen(model: Model, mirror: Mirror) -> None:
    mirror.set_cursor(5)
    model.do(Claim(3), LUIS)
    model.write(None)  # 6, at the end
    feed(mirror, model)
    assert mirror.window.ids() == [1, 2, 4, 5, 6]
    assert (mirror.window.fresh_above(3), mirror.window.fresh_below(3)) == (0, 1)
    line = mirror.line(6)
    assert line is not None and line.fresh
    changes = mirror.seen_fresh(0, 4)
    assert not changes and mirror.window.fresh == {6}
    changes = mirror.seen_fresh(4, 5)
    assert changes.rows == {6} and not mirror.window.fresh
    line = mirror.line(6)
    assert line is not None and not line.fresh


def test_fresh_above_is_told_apart(model: Model, mirror: Mirror) -> None:
    model.do(Claim(1), LUIS)
    feed(mirror, model)
    mirror.set_cursor(4)
    model.do(AssignTo(1), LUIS)  # back to the queue, and the most urgent there
    feed(mirror, model)
    assert mirror.window.ids() == [1, 2, 3, 4, 5]
    assert mirror.window.first_fresh() == 1
    assert (mirror.window.fresh_above(3), mirror.window.fresh_below(3)) == (1, 0)


def test_what_one_does_oneself_is_not_fresh(model: Model, mirror: Mirror) -> None:
    mirror.show(MINE)
    ticket = mirror.pretend(Claim(2))
    assert mirror.window.ids() == [2] and not mirror.window.fresh
    mirror.confirm(ticket, model.do(Claim(2)))
    feed(mirror, model)
    assert mirror.window.ids() == [2] and not mirror.window.fresh


def test_a_row_that_moves_stays_where_it_is_under_the_cursor(model: Model, mirror: Mirror) -> None:
    mirror.show(OPEN)
    mirror.set_cursor(2)
    model.do(Reply(2, text="listo", at=model.now), LUIS)  # nobody waits in it any more: it belongs at the end
    model.do(Reply(4, text="listo", at=model.now), LUIS)
    feed(mirror, model)
    assert mirror.window.ids() == [1, 2, 3, 5, 4]
    assert mirror.set_cursor(3).order
    assert mirror.window.ids() == [1, 3, 5, 4, 2]


def test_a_row_that_leaves_stays_dimmed_under_the_cursor_and_goes_with_it(model: Model, mirror: Mirror) -> None:
    mirror.set_cursor(3)
    model.do(Claim(3), LUIS)
    feed(mirror, model)
    line = mirror.line(3)
    assert mirror.window.ids() == [1, 2, 3, 4, 5]
    assert line is not None and line.gone and line.row.assignee == LUIS
    changes = mirror.set_cursor(4)
    assert changes.order
    assert mirror.window.ids() == [1, 2, 4, 5]


def test_a_row_that_leaves_stays_while_it_is_open(model: Model, mirror: Mirror) -> None:
    mirror.set_cursor(3)
    mirror.set_open(3)
    model.do(Claim(3), LUIS)
    feed(mirror, model)
    mirror.set_cursor(4)
    assert 3 in mirror.window
    assert mirror.set_open(None).order
    assert 3 not in mirror.window


def test_a_row_that_comes_back_under_the_cursor_is_not_dimmed(model: Model, mirror: Mirror) -> None:
    mirror.set_cursor(3)
    ticket = mirror.pretend(Claim(3))
    line = mirror.line(3)
    assert line is not None and line.gone
    mirror.take_back(ticket)
    line = mirror.line(3)
    assert line is not None and not line.gone and not line.pending


def test_lists_looked_at_before_are_kept_in_step(model: Model, mirror: Mirror) -> None:
    model.do(Claim(2))
    feed(mirror, model)
    assert mirror.show(MINE)
    assert mirror.window.ids() == [2]
    assert not mirror.show(ListSpec("resolved"))


def test_a_search_keeps_what_the_server_found(model: Model, mirror: Mirror) -> None:
    found = ListSpec("open", q="caso 2")
    mirror.show(found)
    mirror.load_page(found, wire.Page(items=[model.row(2)], as_of=model.head))
    model.write(None, "caso 2 también")
    model.write(2, "sigo aquí")
    feed(mirror, model)
    assert mirror.window.ids() == [2]
    line = mirror.line(2)
    assert line is not None and line.row.preview == "sigo aquí"
    model.do(Resolve(2))
    feed(mirror, model)
    assert mirror.window.ids() == []


def test_filters_narrow_a_list(model: Model, mirror: Mirror) -> None:
    theirs = ListSpec("open", assignee=LUIS)
    mirror.show(theirs)
    mirror.load_page(theirs, model.page(theirs))
    model.do(Claim(1))
    model.do(Claim(2), LUIS)
    feed(mirror, model)
    assert mirror.window.ids() == [2]


def test_a_line_is_the_same_object_until_something_in_it_changes(model: Model, mirror: Mirror) -> None:
    before = mirror.lines()
    model.write(2)
    feed(mirror, model)
    after = mirror.lines()
    assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True, True, True]
    assert after[1].stamp > max(line.stamp for line in before)


def test_the_next_one_waiting_goes_round(model: Model, mirror: Mirror) -> None:
    mirror.show(OPEN)
    for each in (2, 3):
        model.do(Reply(each, text="listo", at=model.now), LUIS)
    feed(mirror, model)
    assert mirror.next_unanswered(1) == 4
    assert mirror.next_unanswered(5) == 1
    assert mirror.previous_unanswered(4) == 1
    assert mirror.next_unanswered() == 1
    assert mirror.previous_unanswered() == 5


def test_going_to_the_next_one_after_the_only_one_finds_nothing_else() -> None:
    model = Model()
    model.write(None)
    mirror = fresh(model)
    mirror.show(UNASSIGNED)
    assert mirror.next_unanswered(1) is None


def test_a_row_that_an_event_brought_ahead_of_its_time_is_not_lost(model: Model) -> None:
    """The feed sends rows as they are now, so an old event may carry a new row; a page may be read in between."""
    mirror = Mirror(ANA)
    mirror.show(OPEN)
    mirror.load_page(OPEN, model.page(OPEN, limit=2))
    model.write(1, "viejo")
    page = model.page(OPEN, after=mirror.window.after)
    model.do(Reply(1, text="listo", at=model.now), LUIS)  # 1 goes from the top to the end
    mirror.apply(model.since(mirror.seq)[0])  # the old event has it there already
    assert mirror.window.ids() == [2]
    mirror.load_page(OPEN, page, "after")
    feed(mirror, model)
    assert mirror.window.ids() == [row.id for row in model.listed(OPEN)] == [2, 3, 4, 5, 1]


def test_a_list_loaded_anew_shows_what_was_done_and_is_not_in_it_yet(model: Model, mirror: Mirror) -> None:
    mirror.show(MINE)
    page = model.page(MINE)  # read before, come after
    mirror.load_page(MINE, model.page(MINE))
    pending, answered = mirror.pretend(Claim(2)), mirror.pretend(Claim(4))
    mirror.confirm(answered, model.do(Claim(4)))  # the answer is quicker than the feed
    mirror.load_page(MINE, page)
    assert mirror.window.ids() == [2, 4]
    model.do(AssignTo(4, user=LUIS), LUIS)  # told of by the feed, that is the newest word again
    feed(mirror, model)
    mirror.load_page(MINE, model.page(MINE))
    assert mirror.window.ids() == [2]
    mirror.take_back(pending)
    mirror.load_page(MINE, model.page(MINE))
    assert mirror.window.ids() == []


def test_a_list_that_the_feed_makes_too_long_is_loaded_anew() -> None:
    model = Model()
    mirror = Mirror(ANA, limit=10)
    mirror.show(UNASSIGNED)
    mirror.load_page(UNASSIGNED, model.page(UNASSIGNED))
    reloads = 0
    for _ in range(100):
        model.write(None)
        for frame in model.since(mirror.seq):
            if mirror.apply(frame).reload:
                reloads += 1
                mirror.load_page(UNASSIGNED, model.page(UNASSIGNED, limit=5))
    assert reloads == 1
    assert mirror.window.ids() == [1, 2, 3, 4, 5] and mirror.window.has_after


# ---------------------------------------------------------------- unread, presence, customers


def test_unread_counts_what_came_since_it_was_seen(model: Model, mirror: Mirror) -> None:
    mirror.confirm(mirror.pretend(Seen(1, inbound=1)))
    model.write(1)
    model.write(1)
    feed(mirror, model)
    line = mirror.line(1)
    assert line is not None and line.unread == 2


def test_an_older_page_does_not_make_the_seen_unseen(model: Model, mirror: Mirror) -> None:
    page = model.page(UNASSIGNED)
    mirror.confirm(mirror.pretend(Seen(1, inbound=1)))
    mirror.load_page(UNASSIGNED, page)
    row = mirror.row(1)
    assert row is not None and unread(row) == 0


def test_what_was_read_on_another_console_is_read_here(model: Model, mirror: Mirror) -> None:
    model._emit("conversation.seen", 1, f"user:{ME}", inbound=1)
    model._emit("conversation.seen", 2, f"user:{LUIS}", inbound=1)
    feed(mirror, model)
    assert [line.unread for line in mirror.lines(0, 2)] == [0, 1]


def test_a_row_whose_state_of_reading_is_unknown_counts_in_full(mirror: Mirror) -> None:
    row = wire.ConversationRow(
        id=9, version=1, state="open", channel="w", channel_kind="whatsapp", contact=1, contact_name="x", created_at=1,
        last_at=1, inbound=3,
    )  # fmt: skip
    assert unread(row) == 3


def test_others_are_seen_and_oneself_is_not(mirror: Mirror) -> None:
    here = wire.Presence(conversation=1, viewing=[ME, LUIS], typing=[LUIS])
    changes = mirror.apply(wire.ServerFrame(presence=here))
    assert changes.presence == {1} and changes.rows == {1}
    line = mirror.line(1)
    assert line is not None and (line.viewing, line.typing) == ((LUIS,), (LUIS,))
    assert not mirror.apply(wire.ServerFrame(presence=here))
    assert mirror.alone().presence == {1}
    line = mirror.line(1)
    assert line is not None and not line.viewing
    only_me = wire.Presence(conversation=2, viewing=[ME])
    assert not mirror.apply(wire.ServerFrame(presence=only_me))


def test_a_changed_customer_is_asked_for_again(model: Model, mirror: Mirror) -> None:
    model.rename(1, "María Ramos")
    changes = mirror.apply(model.since(mirror.seq)[0])
    assert changes.about == {1} and changes.rows == {1}
    line = mirror.line(1)
    assert line is not None and line.row.contact_name == "María Ramos"


def test_alerts_are_told_once(model: Model, mirror: Mirror) -> None:
    model._emit("sla.breached", 1, "system", target="first_response")
    frame = model.since(mirror.seq)[0]
    (alert,) = mirror.apply(frame).alerts
    assert (alert.kind, alert.conversation, alert.data) == ("sla.breached", 1, {"target": "first_response"})
    assert not mirror.apply(frame).alerts


# ---------------------------------------------------------------- optimistic changes


def test_counts_move_at_once_and_agree_with_the_server(model: Model, mirror: Mirror) -> None:
    ticket = mirror.pretend(Claim(1))
    assert (mirror.counts.mine, mirror.counts.unassigned) == (1, 4)
    answer = model.do(Claim(1))
    mirror.confirm(ticket, answer)
    assert (mirror.counts.mine, mirror.counts.unassigned) == (1, 4)
    assert mirror.counts_unsure
    mirror.apply(wire.ServerFrame(counts=model.counts()))
    assert (mirror.counts.mine, mirror.counts.unassigned) == (1, 4)
    assert not mirror.counts_unsure


def test_counts_that_come_before_the_answer_are_not_added_to(model: Model, mirror: Mirror) -> None:
    ticket = mirror.pretend(Claim(1))
    answer = model.do(Claim(1))
    feed(mirror, model)
    mirror.apply(wire.ServerFrame(counts=model.counts()))
    assert (mirror.counts.mine, mirror.counts.unassigned) == (1, 4)
    mirror.confirm(ticket, answer)
    assert (mirror.counts.mine, mirror.counts.unassigned) == (1, 4)
    assert not mirror.counts_unsure


def test_counts_go_back_with_a_refusal(model: Model, mirror: Mirror) -> None:
    ticket = mirror.pretend(Claim(1))
    mirror.take_back(ticket)
    assert mirror.counts == model.counts()


def test_a_reply_is_shown_at_once_and_once(model: Model, mirror: Mirror) -> None:
    reply = Reply(1, text="Buenos días", at=model.now, hold_ms=5000)
    ticket = mirror.pretend(reply)
    shown = mirror.messages(1)[-1]
    assert (shown.id, shown.text, shown.status, shown.send_at) == (-1, "Buenos días", "queued", model.now + 5000)
    line = mirror.line(1)
    assert line is not None and line.pending and line.row.preview == "Buenos días" and line.row.assignee == ME
    answer = model.do(reply)
    feed(mirror, model)  # the feed is faster than the answer
    assert [each.text for each in mirror.messages(1)] == ["caso 1", "Buenos días"]
    mirror.confirm(ticket, answer)
    assert [each.text for each in mirror.messages(1)] == ["caso 1", "Buenos días"]
    assert all(each.id > 0 for each in mirror.messages(1))
    line = mirror.line(1)
    assert line is not None and not line.pending


def test_a_reply_confirmed_before_its_event_stays_in_the_row(model: Model, mirror: Mirror) -> None:
    reply = Reply(1, text="Buenos días", at=model.now)
    ticket = mirror.pretend(reply)
    mirror.confirm(ticket, model.do(reply))
    line = mirror.line(1)
    assert line is not None and line.row.preview == "Buenos días" and not line.pending
    model.write(1, "gracias")
    feed(mirror, model)
    line = mirror.line(1)
    assert line is not None and line.row.preview == "gracias"


def test_the_same_words_twice_are_two_replies(model: Model, mirror: Mirror) -> None:
    reply = Reply(1, text="ok", at=model.now)
    tickets = [mirror.pretend(reply), mirror.pretend(reply)]
    answer = model.do(reply)
    feed(mirror, model)
    assert [each.text for each in mirror.messages(1)] == ["caso 1", "ok", "ok"]
    mirror.confirm(tickets[0], answer)
    assert [each.text for each in mirror.messages(1)] == ["caso 1", "ok", "ok"]


def test_an_event_meanwhile_is_kept_when_a_change_is_taken_back(model: Model, mirror: Mirror) -> None:
    ticket = mirror.pretend(Resolve(1))
    model.write(1, "¿sigue ahí?")
    feed(mirror, model)
    row = mirror.row(1)
    assert row is not None and row.state == "resolved" and row.preview == "¿sigue ahí?"
    mirror.take_back(ticket)
    row = mirror.row(1)
    assert row is not None and row.state == "queued" and row.preview == "¿sigue ahí?"


def test_messages_change_at_once(model: Model, mirror: Mirror) -> None:
    message = mirror.messages(1)[0]
    mirror.pretend(React(1, message=message.id, emoji="👍"))
    assert mirror.messages(1)[0].reactions == {"us": "👍"}
    assert message.reactions == {}
    note = mirror.pretend(Note(1, text="llamar", at=model.now))
    assert mirror.messages(1)[-1].direction == "note"
    assert mirror.pending(1)[-1] is note
